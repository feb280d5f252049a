// Runs before the first paint: sets light or dark from the remembered choice, and tells the server what was shown and which time zone it is here.
(() => {
  const root = document.documentElement;
  const chosen = root.dataset.theme || "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = chosen === "auto" ? (dark ? "dark" : "light") : chosen;
  if (root.dataset.bsTheme !== shown) root.dataset.bsTheme = shown;
  if (!document.cookie.includes(`theme_shown=${shown}`)) document.cookie = `theme_shown=${shown};path=/;max-age=31536000;samesite=lax`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`time_zone=${zone}`)) document.cookie = `time_zone=${zone};path=/;max-age=31536000;samesite=lax`;
})();
