/*
 * Sentence starters. <button type="button" data-insert="I noticed…" data-target="id of a textarea"> puts the words
 * at the caret and leaves the caret behind them. Without JavaScript the group (.needs-js) is hidden.
 */
(function () {
  function insert(area, words) {
    var start = area.selectionStart,
      end = area.selectionEnd,
      before = area.value.slice(0, start);
    var text = words.replace(/(…|\.\.\.)\s*$/, " ");
    if (before && !/\s$/.test(before)) text = (/[.!?”"]$/.test(before) ? " " : "\n") + text;
    area.focus();
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", {
      bubbles: true
    }));
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-insert]");
    var area = button && document.getElementById(button.dataset.target);
    if (area) insert(area, button.dataset.insert);
  });
})();
