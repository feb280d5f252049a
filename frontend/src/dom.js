// Small helpers: delegated events, cookies, wording, icons, announcements.
export function on(type, selector, act, options) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) act(event, found);
  }, options);
}

export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const one = (selector, root = document) => root.querySelector(selector);

/** Where a form sends what it holds; a control called "action" hides the property of that name. */
export const addressOf = (form) => form.getAttribute("action") || location.href;

export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=31536000;samesite=lax`;
}

export function word(name, value = "") {
  const text = one("#words")?.dataset[name] ?? "";
  return text.replace("%s", String(value));
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${document.body.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function say(text) {
  const place = one("#say");
  if (place) { place.textContent = ""; requestAnimationFrame(() => { place.textContent = text; }); }
}

export const typing = (target) => target instanceof Element
  && target.matches("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]");

/** Enter that ends the spelling of a Chinese word is no command. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

export const isPlainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/** Runs for everything in the page now and for every fragment that arrives later. */
const starters = [];
export function ready(start) {
  starters.push(start);
  start(document);
}
export function started(root) {
  for (const start of starters) start(root);
}
