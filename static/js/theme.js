/*
 * Marks that scripts run, and sets the device's theme. It runs before the first paint, so it is short and not deferred.
 * <html data-theme="auto|light|dark"> comes from the server. If the person chose a theme, the server sets it.
 */
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  }
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
})();
