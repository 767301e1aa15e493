/*
 * Sentence starters: <button type="button" data-insert="I noticed…" data-target="id of a textarea"> inserts its words
 * at the caret and puts the caret behind them, or selects their first blank (___). Without JavaScript the group
 * (.needs-js) is hidden.
 */
(() => {
  const BLANK = "___";

  function insert(area, words) {
    const start = area.selectionStart;
    const end = area.selectionEnd;
    const before = area.value.slice(0, start);
    let text = words.replace(/(…|\.\.\.)\s*$/, " ");
    if (before && !/\s$/.test(before)) {
      const isAfterSentence = /[.!?”"]$/.test(before);
      text = (isAfterSentence ? " " : "\n") + text;
    }
    area.focus();
    area.setRangeText(text, start, end, "end");
    const blank = text.indexOf(BLANK);
    if (blank >= 0) area.setSelectionRange(start + blank, start + blank + BLANK.length);
    area.dispatchEvent(new Event("input", {
      bubbles: true
    }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const area = button && document.getElementById(button.dataset.target);
    if (area) insert(area, button.dataset.insert);
  });
})();
