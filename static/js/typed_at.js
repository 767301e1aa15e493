/*
 * <input type="hidden" data-typed-at> is stamped with every letter: of two texts of one page the later one stays.
 * Loaded before autosave.js, which does the saving, and without defer.
 */
document.addEventListener("input", function (event) {
  var stamp = event.target.form && event.target.form.querySelector("[data-typed-at]");
  if (stamp && event.target !== stamp) stamp.value = Date.now();
}, true);
