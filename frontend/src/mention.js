// People to mention while a comment is typed: @ and the first letters, arrows choose, Enter takes.
import { on, one } from "./dom.js";
import { send } from "./request.js";

let asked = 0;
const listOf = (area) => one(".mention-list", area.form);
const close = (area) => listOf(area)?.remove();

function wordBefore(area) {
  return /(?:^|\s|[，。！？、；：（）])@([^\s@]{0,20})$/u.exec(area.value.slice(0, area.selectionStart))?.[1];
}

function take(area, name) {
  const start = area.value.slice(0, area.selectionStart).lastIndexOf("@");
  area.setRangeText(`@${name} `, start, area.selectionStart, "end");
  close(area);
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function show(area, people) {
  close(area);
  if (!people.length) return;
  const list = document.createElement("div");
  list.className = "mention-list";
  list.role = "listbox";
  for (const [place, person] of people.slice(0, 6).entries()) {
    const option = document.createElement("button");
    Object.assign(option, { type: "button", textContent: person.text, role: "option", tabIndex: -1 });
    option.setAttribute("aria-selected", String(place === 0));
    option.addEventListener("mousedown", (event) => { event.preventDefault(); take(area, person.text); });
    list.append(option);
  }
  area.form.append(list);
}

function step(list, by) {
  const options = [...list.children];
  const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const next = (at + by + options.length) % options.length;
  for (const [place, each] of options.entries()) each.setAttribute("aria-selected", String(place === next));
}

export function startMentions() {
  on("input", "[data-mention]", async (event, area) => {
    const word = event.isComposing ? undefined : wordBefore(area);
    const mine = ++asked;
    if (word === undefined) { close(area); return; }
    const response = await send(`${area.dataset.mention}?q=${encodeURIComponent(word)}`, { quiet: true, headers: { Accept: "application/json" } }).catch(() => null);
    if (mine !== asked || !response?.ok) return;
    const data = await response.json().catch(() => ({}));
    show(area, data.results ?? []);
  });
  on("keydown", "[data-mention]", (event, area) => {
    const list = listOf(area);
    if (!list || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); step(list, by); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(area); }
    else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) { event.preventDefault(); take(area, one("[aria-selected=true]", list).textContent); }
  });
  on("focusout", "[data-mention]", (event, area) => setTimeout(() => close(area), 150));
}
