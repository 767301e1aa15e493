/*
 * Blocking and tiny: marks that scripts run, and sets the device's theme before the first paint.
 * <html data-theme="auto|light|dark"> comes from the server; a saved choice needs no script.
 */
(function () {
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  }
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
})();
