// Small things of a page: search as you type, tabs on a phone, relative times, scroll position, printing.
import { all, on, one, ready, word } from "./dom.js";
import { toast } from "./toast.js";

function autosubmit() {
  let timer;
  on("input", "form[data-autosubmit]", (event, form) => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), event.isComposing ? 600 : 220);
  });
}

function tick() {
  for (const time of all("time[data-ago]")) {
    const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
    if (minutes < 0 || minutes >= 720) continue;
    const text = minutes < 1 ? word("justNow") : minutes < 60 ? word("minutes", minutes) : word("hours", Math.floor(minutes / 60));
    if (text && time.textContent !== text) time.textContent = text;
  }
}

function keepScroll() {
  const name = () => `scroll:${location.pathname}${location.search}`;
  const place = one("[data-keep-scroll]");
  if (!place) return;
  const kept = sessionStorage.getItem(name());
  if (kept && performance.getEntriesByType("navigation")[0]?.type === "back_forward") place.scrollTop = Number(kept);
  addEventListener("pagehide", () => { const now = one("[data-keep-scroll]"); if (now) sessionStorage.setItem(name(), String(now.scrollTop)); });
}

/** Without encryption browsers have no clipboard of their own: then the old way. */
async function copy(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    const box = Object.assign(document.createElement("textarea"), { value: text });
    (one("dialog[open]") ?? document.body).append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  toast(word("copied"));
}

export function startPage() {
  autosubmit();
  keepScroll();
  setInterval(tick, 30000);
  on("click", "[data-tab-pick]", (event, button) => {
    one("[data-tabs]").dataset.tab = button.dataset.tabPick;
    for (const each of all("[data-tab-pick]")) { if (each === button) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current"); }
  });
  on("click", "[data-print]", () => setTimeout(() => print(), 50));
  on("click", "[data-copy-address]", () => copy(location.href));
  on("click", "[data-copy]", (_event, button) => copy(one(button.dataset.copy).value));
  on("focusin", "[data-select]", (_event, box) => box.select());
  on("click", "tr[data-row] td:not([data-edit])", (event, cell) => {
    if (event.target.closest("a, button, input, label") || getSelection()?.toString() || innerWidth > 767) return;
    location.assign(cell.parentElement.dataset.url);
  });
  ready((root) => {
    const calendar = one("[data-calendar]", root);
    if (!calendar || calendar.dataset.started) return;
    calendar.dataset.started = "1";
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: calendar.dataset.style });
    document.head.append(style);
    void import(calendar.dataset.script).then((module) => module.start(calendar));
  });
  ready((root) => {
    const chart = one("[data-chart]", root);
    if (!chart || chart.dataset.started) return;
    chart.dataset.started = "1";
    void import(chart.dataset.script).then((module) => module.start(chart));
  });
}
