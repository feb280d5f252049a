// Short messages at the foot of the page, with Undo where the server offers one.
import { icon, on, one, word } from "./dom.js";

const LIFE = 7000;

function keep(line, life) {
  let timer = setTimeout(() => line.remove(), life);
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("focusin", () => clearTimeout(timer));
  line.addEventListener("pointerleave", () => { timer = setTimeout(() => line.remove(), LIFE / 2); });
}

/** Dialogs live in the top layer: the stack moves into the open one so that it stays visible. */
function stack() {
  const place = one("#toasts");
  const home = one("dialog[open]") ?? document.body;
  if (place && place.parentElement !== home) home.append(place);
  return place;
}

export function toast(message, { undo = "", url = "", label = "", wrong = false } = {}) {
  const place = stack();
  if (!place || !message) return;
  const line = document.createElement("div");
  line.className = `toast-line${wrong ? " is-wrong" : ""}`;
  const text = document.createElement("span");
  text.textContent = message;
  line.append(icon(wrong ? "alert-circle" : "circle-check"), text);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.undo = undo;
    button.textContent = word("undo");
    line.append(button);
  } else if (url) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = label;
    line.append(link);
  }
  place.append(line);
  while (place.children.length > 3) place.firstElementChild.remove();
  keep(line, wrong ? LIFE * 2 : LIFE);
}

/** `undo(url)` asks the server; it is handed in because requests themselves show toasts. */
export function startToasts(undo) {
  for (const line of document.querySelectorAll("[data-toast]")) keep(line, LIFE);
  on("click", "[data-undo]", async (event, button) => {
    button.disabled = true;
    await undo(button.dataset.undo);
    button.closest(".toast-line")?.remove();
  });
  on("click", "[data-why]", (event, button) => { event.preventDefault(); toast(button.dataset.why, { wrong: true }); });
}
