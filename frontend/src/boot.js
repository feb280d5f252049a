// Runs before the first paint: sets light or dark from the remembered choice, and tells the server what was shown.
(() => {
  const root = document.documentElement;
  const chosen = root.dataset.theme || "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = chosen === "auto" ? (dark ? "dark" : "light") : chosen;
  if (root.dataset.bsTheme !== shown) root.dataset.bsTheme = shown;
  if (!document.cookie.includes(`theme_shown=${shown}`)) document.cookie = `theme_shown=${shown};path=/;max-age=31536000;samesite=lax`;
})();
