// Choosing rows: a live count, Shift for a range, and "all results" beyond the page.
import { all, on, one, ready, word } from "./dom.js";

let last = null;
const boxes = () => all("[data-pick-row]");

function show() {
  const bar = one("[data-mass]");
  if (!bar) return;
  const picked = boxes().filter((box) => box.checked);
  const everything = one("[data-mass-all]", bar).value === "1" && picked.length > 0;
  for (const box of boxes()) box.closest("tr").classList.toggle("is-picked", box.checked);
  const head = one("[data-pick-all]");
  if (head) { head.checked = picked.length > 0 && picked.length === boxes().length; head.indeterminate = picked.length > 0 && !head.checked; }
  if (!everything) one("[data-mass-all]", bar).value = "";
  bar.hidden = picked.length === 0;
  const offer = one("[data-mass-everything]", bar);
  const total = Number(one("[data-grid]")?.dataset.total ?? 0);
  offer.hidden = everything || picked.length < boxes().length || total <= boxes().length;
  one("[data-mass-count]", bar).textContent = everything ? word("selectedAll", offer.dataset.count) : word("selected", picked.length);
}

export function startMass() {
  ready((root) => { if (one("[data-mass]", root)) show(); });
  on("click", "[data-pick-row]", (event, box) => {
    const list = boxes();
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const each of list.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
    one("[data-mass-all]").value = "";
    show();
  });
  on("change", "[data-pick-all]", (event, head) => { for (const box of boxes()) box.checked = head.checked; one("[data-mass-all]").value = ""; show(); });
  on("click", "[data-mass-everything]", () => { one("[data-mass-all]").value = "1"; show(); });
  on("click", "[data-mass-clear]", () => { for (const box of boxes()) box.checked = false; show(); });
}
