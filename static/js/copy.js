/*
 * Copying a text, and counting it.
 * <button data-copy="id of a textarea" data-copied="Copied"><span data-words>Copy</span></button>
 * <span data-count-of="id of a textarea" data-fits="of 280 characters"></span>
 * Without JavaScript both are hidden (.needs-js); the text can be selected by hand.
 */
(function () {
  function count(line) {
    var area = document.getElementById(line.dataset.countOf);

    function show() {
      line.textContent = Array.from(area.value).length + " " + line.dataset.fits;
    }
    area.addEventListener("input", show);
    show();
  }

  function copied(button) {
    var words = button.querySelector("[data-words]"),
      before = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(function () {
      words.textContent = before;
    }, 3000);
  }
  document.querySelectorAll("[data-count-of]").forEach(count);
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    var area = button && document.getElementById(button.dataset.copy);
    if (!area) return;
    if (navigator.clipboard) {
      navigator.clipboard.writeText(area.value).then(function () {
        copied(button);
      }, function () {
        area.select();
      });
    } else {
      area.select();
    }
  });
})();
