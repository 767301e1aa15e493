/*
 * <button name="use" data-use-note="text of a note" data-target="id of a textarea" data-add="…" data-remove="…"> adds
 * the note to the end of the text, or removes it again while it is still there unchanged, on lines of its own. The
 * focus stays on the button, so that no keyboard covers the page. Without JavaScript, the button posts the form, and
 * the server does the same.
 */
(() => {
  function plain(words) {
    return words.replace(/\r\n?/g, "\n").trim();
  }

  function add(text, note) {
    return [text, note].filter(Boolean).join("\n\n");
  }

  // The last place of the note in the text, or -1. The same words within a line are the walker's own sentence.
  function placeOf(text, note) {
    return `\n${text}\n`.lastIndexOf(`\n${note}\n`);
  }

  function remove(text, note) {
    const start = placeOf(text, note);
    const before = text.slice(0, start).trimEnd();
    const after = text.slice(start + note.length);
    return (before + (before ? after : after.trimStart())).trim();
  }

  function start(button) {
    const area = document.getElementById(button.dataset.target);
    const note = plain(button.dataset.useNote);
    const isUsed = () => placeOf(plain(area.value), note) >= 0;

    function show() {
      button.querySelector("[data-words]").textContent = isUsed() ? button.dataset.remove : button.dataset.add;
    }

    area.addEventListener("input", show);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const change = isUsed() ? remove : add;
      area.value = change(plain(area.value), note);
      area.scrollTop = area.scrollHeight;
      area.dispatchEvent(new Event("input", {
        bubbles: true
      }));
    });
    show();
  }

  document.querySelectorAll("[data-use-note]").forEach(start);
})();
