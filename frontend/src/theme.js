// Light or dark, the rail and row density: remembered in cookies so that the server draws them at once.
import { all, on, one, remember } from "./dom.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const chosen = root.dataset.theme || "auto";
  const shown = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  root.dataset.bsTheme = shown;
  remember("theme_shown", shown);
  for (const button of all("[data-theme-pick]")) {
    if (button.dataset.themePick === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

export function startTheme() {
  apply();
  dark.addEventListener("change", apply);
  on("click", "[data-theme-pick]", (event, button) => {
    root.dataset.theme = button.dataset.themePick;
    remember("theme", button.dataset.themePick);
    apply();
  });
}

export function startRail() {
  on("click", "[data-rail-toggle]", (event, button) => {
    const open = root.dataset.rail === "closed";
    root.dataset.rail = open ? "open" : "closed";
    button.setAttribute("aria-expanded", String(open));
    remember("rail", root.dataset.rail);
  });
  const drawer = (open) => {
    if (open) { document.body.dataset.drawer = "open"; one("#rail a")?.focus(); } else delete document.body.dataset.drawer;
  };
  on("click", "[data-drawer-open]", () => drawer(document.body.dataset.drawer !== "open"));
  on("click", "[data-drawer-close]", () => drawer(false));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && document.body.dataset.drawer) drawer(false); });
  on("click", "[data-density]", (event, button) => {
    const compact = document.body.classList.toggle("is-compact");
    button.setAttribute("aria-pressed", String(compact));
    remember("density", compact ? "compact" : "normal");
  });
}
