/* On a page that says "not saved": the local copy of a text stays, though its form was sent (see autosave.js). */
(function () {
  try { sessionStorage.removeItem("lw:sent"); } catch (e) { /* no storage: there is no copy */ }
})();
