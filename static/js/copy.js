/*
 * Copy a text to the clipboard, and count its characters.
 *
 *   <button data-copy="id of a textarea" data-copied="Copied"><span data-words>Copy</span></button>
 *   <span data-count-of="id of a textarea" data-fits="of 280 characters"></span>
 *
 * Without JavaScript both are hidden (.needs-js), and people can select the text themselves.
 */
(() => {
  function showCount(line) {
    const area = document.getElementById(line.dataset.countOf);

    function update() {
      line.textContent = `${Array.from(area.value).length} ${line.dataset.fits}`;
    }
    area.addEventListener("input", update);
    update();
  }

  function showCopied(button) {
    const words = button.querySelector("[data-words]");
    const before = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(() => {
      words.textContent = before;
    }, 3000);
  }

  document.querySelectorAll("[data-count-of]").forEach(showCount);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    const area = button && document.getElementById(button.dataset.copy);
    if (!area) return;
    if (navigator.clipboard) {
      navigator.clipboard.writeText(area.value).then(() => showCopied(button), () => area.select());
    } else {
      area.select();
    }
  });
})();
