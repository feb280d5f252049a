// Places native popovers beside their button, loads those that ask for it, and moves through them by arrow keys.
import { addressOf, all, isPlainClick, on, one } from "./dom.js";
import { fill, send } from "./request.js";

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const right = at.left + size.width > innerWidth - 8;
  const below = at.bottom + 4 + size.height < innerHeight - 8 || at.top < size.height + 12;
  menu.style.left = `${Math.max(8, right ? at.right - size.width : at.left)}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - size.height - 4)}px`;
  if (menu.getBoundingClientRect().right > innerWidth - 8) menu.style.left = `${Math.max(8, innerWidth - 8 - size.width)}px`;
}

async function load(menu, button) {
  const response = await send(menu.dataset.load, { quiet: true });
  if (response.ok && !response.redirected) { fill(menu, await response.text()); place(menu, button); }
}

export function startMenus() {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof Element) || !menu.matches("[data-menu]")) return;
    const buttons = all(`[popovertarget="${menu.id}"]`);
    for (const button of buttons) button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    const button = buttons.find((each) => each.getClientRects().length) ?? buttons[0];
    place(menu, button);
    if (menu.dataset.load) void load(menu, button);
    const first = menu.querySelector("[autofocus]");
    if (first) first.focus();
  }, true);
  on("keydown", "[data-menu]", (event, menu) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const items = all("a, button, input", menu).filter((item) => item.getClientRects().length);
    const at = items.indexOf(document.activeElement);
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  });
  on("keydown", "[popovertarget]", (event, button) => {
    if (event.key !== "ArrowDown") return;
    const menu = one(`#${button.getAttribute("popovertarget")}`);
    event.preventDefault();
    menu.showPopover();
    menu.querySelector("a, button, input")?.focus();
  });
  on("click", "[data-menu] a.menu-item, [data-menu] button.menu-item[type=button]", (event, item) => {
    if (!item.dataset.fill) item.closest("[popover]").hidePopover();
  });
  on("click", "a[data-fill]", async (event, link) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    const target = one(link.dataset.fill);
    const response = await send(link.href);
    if (response.ok) { fill(target, await response.text()); target.querySelector("[autofocus], select, input")?.focus(); }
  });
  on("submit", "form[data-fill]", async (event, form) => {
    event.preventDefault();
    const target = one(form.dataset.fill);
    const response = await send(`${addressOf(form)}?${new URLSearchParams(new FormData(form))}`);
    if (response.ok || response.status === 422) { fill(target, await response.text()); target.querySelector("[autofocus], select, input")?.focus(); }
  });
  on("click", "a[data-pop]", async (event, link) => {
    const menu = one("#menu-filter");
    if (!menu || !isPlainClick(event)) return;
    event.preventDefault();
    const response = await send(link.href);
    if (!response.ok) return;
    const before = menu.innerHTML;
    fill(menu, await response.text());
    menu.showPopover();
    place(menu, link);
    menu.addEventListener("toggle", (change) => { if (change.newState === "closed") fill(menu, before); }, { once: true });
  });
  on("input", "[data-narrow]", (event, box) => {
    const wanted = box.value.trim().toLowerCase();
    for (const item of one(`#${box.dataset.narrow}`)?.children ?? []) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
}
