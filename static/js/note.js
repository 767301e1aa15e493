/* Two small helpers of the note box; autosave.js does the saving. Loaded before it, and without defer.

   - The server says "?kept=12" after a form was posted and its text stored: the phone's copy of that room's note is no
     longer needed. The words are then taken out of the address, so that a reload does not say it again.
   - <input type="hidden" data-typed-at> is stamped with every letter: of two texts of one page the later one stays. */
(function () {
  var here = new URL(location.href), kept = here.searchParams.get("kept");
  if (kept) {
    try {
      localStorage.removeItem("lw:" + (document.documentElement.dataset.person || "") + ":note-" + kept);
    } catch (e) { /* storage is switched off: there are no copies */ }
    here.searchParams.delete("kept");
    history.replaceState(history.state, "", here.pathname + here.search + here.hash);
  }
  document.addEventListener("input", function (event) {
    var stamp = event.target.form && event.target.form.querySelector("[data-typed-at]");
    if (stamp && event.target !== stamp) stamp.value = Date.now();
  }, true);
})();
