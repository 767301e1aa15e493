/*
 * Copy a text to the clipboard, and count its characters.
 *
 *   <button data-copy="id of a textarea" data-copied="Copied" data-refused="…"><span data-words>Copy</span></button>
 *   <span data-count-of="id of a textarea" data-fits="of 280 characters"></span>
 *
 * A text with blanks (___) is not copied: the button shows data-refused, and the first blank is selected.
 * Without JavaScript both are hidden (.needs-js), and people can select the text themselves.
 */
(() => {
  const BLANK = "___";

  function showCount(line) {
    const area = document.getElementById(line.dataset.countOf);

    function update() {
      line.textContent = `${Array.from(area.value).length} ${line.dataset.fits}`;
    }
    area.addEventListener("input", update);
    update();
  }

  /* Show the words on the button for three seconds. */
  function show(button, text) {
    const words = button.querySelector("[data-words]");
    words.dataset.words = words.dataset.words || words.textContent;
    words.textContent = text;
    setTimeout(() => {
      words.textContent = words.dataset.words;
    }, 3000);
  }

  function selectFirstBlank(area) {
    const blank = area.value.indexOf(BLANK);
    area.focus();
    area.setSelectionRange(blank, blank + BLANK.length);
  }

  document.querySelectorAll("[data-count-of]").forEach(showCount);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    const area = button && document.getElementById(button.dataset.copy);
    if (!area) return;
    if (area.value.includes(BLANK)) {
      show(button, button.dataset.refused);
      selectFirstBlank(area);
    } else if (navigator.clipboard) {
      navigator.clipboard.writeText(area.value).then(() => show(button, button.dataset.copied), () => area
        .select());
    } else {
      area.select();
    }
  });
})();
