// Keys for the whole page: / and Ctrl+K search, c create, j and k move, Ctrl+Enter saves, ? explains.
import { all, one, typing } from "./dom.js";
import { openPalette } from "./palette.js";

function rows() { return all("tr[data-row]"); }

function moveRow(step) {
  const list = rows();
  if (!list.length) return false;
  const now = list.indexOf(document.activeElement?.closest("tr[data-row]"));
  const next = list[Math.max(0, Math.min(list.length - 1, now < 0 ? (step > 0 ? 0 : list.length - 1) : now + step))];
  (next.querySelector(".col-title a") ?? next.querySelector("a, input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const target = all(`[data-hotkey="${key}"]`).find((each) => each.getClientRects().length);
  if (!target) return false;
  if (target.matches("textarea, input")) target.focus();
  else target.click();
  return true;
}

function onRow(key) {
  const row = document.activeElement?.closest("tr[data-row]");
  if (!row) return false;
  if (key === "x") { row.querySelector("[data-pick-row]")?.click(); return true; }
  if (key === "l") { row.querySelector(".row-tools a[data-dialog]")?.click(); return true; }
  if (key === "e") { (row.querySelector("[data-edit]:focus") ?? row.querySelectorAll(".row-tools a")[1])?.click(); return true; }
  return false;
}

const plain = {
  "/": () => openPalette(),
  "?": () => one("#keys")?.showModal(),
  j: () => press("j") || moveRow(1),
  k: () => press("k") || moveRow(-1),
  c: () => press("c"),
  e: () => onRow("e") || press("e"),
  l: () => onRow("l") || press("l"),
  x: () => onRow("x"),
};

export function startHotkeys() {
  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    // A picker that has the cursor takes every Enter; with Ctrl it still means: save.
    if ((event.defaultPrevented && !(command && event.key === "Enter")) || event.isComposing) return;
    if (command && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
    if (command && event.key === "Enter") {
      const form = document.activeElement?.closest("form") ?? one("#dialog[open] form") ?? one("#form");
      if (form && !form.matches(".palette-box")) { event.preventDefault(); form.requestSubmit(one(".is-primary:not([type=button])", form) ?? undefined); }
      return;
    }
    if (command || event.altKey || typing(event.target) || one("dialog[open]")) return;
    const act = plain[event.key];
    if (act && act() !== false) event.preventDefault();
  });
}
