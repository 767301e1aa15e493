/*
 * <input type="hidden" data-typed-at> gets the time of the latest key press in its form. If two pages send different
 * texts of one note, the server keeps the later one. This script must run before autosave.js, so it has no `defer`.
 */
document.addEventListener("input", (event) => {
  const field = event.target.form && event.target.form.querySelector("[data-typed-at]");
  if (field && event.target !== field) field.value = Date.now();
}, true);
