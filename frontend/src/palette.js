// The command palette: type to find records, pages and things to do; arrows choose, Enter opens.
import { isPlainClick, on, one } from "./dom.js";
import { fill, send } from "./request.js";

let asked = 0;
const list = () => one("#palette-list");
const options = () => [...list().querySelectorAll("[role=option]")];

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  one("#palette-input").setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

async function ask(words) {
  const mine = ++asked;
  const response = await send(`${list().dataset.url}?q=${encodeURIComponent(words)}`, { quiet: true }).catch(() => null);
  if (mine !== asked || !response?.ok || response.redirected) return;
  fill(list(), await response.text());
  choose(options()[0]);
}

export function openPalette() {
  const dialog = one("#palette");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = one("#palette-input");
  input.select();
  void ask(input.value);
}

export function startPalette() {
  if (!one("#palette")) return;
  on("click", "[data-palette-open]", (event) => { if (isPlainClick(event)) { event.preventDefault(); openPalette(); } });
  let timer;
  on("input", "#palette-input", (event, input) => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(input.value), event.isComposing ? 220 : 90);
  });
  on("keydown", "#palette-input", (event, input) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const found = options();
    const at = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (step) { event.preventDefault(); choose(found[(at + step + found.length) % found.length]); }
    else if (event.key === "Enter") {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey || at < 0) input.form.submit();
      else { one("#palette").close(); found[at].click(); }
    }
  });
  on("click", "#palette-list a", () => one("#palette").close());
  on("pointermove", "#palette-list [role=option]", (event, option) => { if (option.getAttribute("aria-selected") !== "true") choose(option); });
}
