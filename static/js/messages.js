/*
 * Messages about what just happened (#messages) get the focus when the page loads, so that keyboards and screen readers
 * go on from there. A field that has the focus by itself, or an address with #id, keeps it.
 *
 * <form data-vanish-after="30"> is hidden after that many seconds, because the server accepts no undo any longer. While
 * the focus is inside, the form stays, so that nothing disappears under a finger or a cursor.
 */
(() => {
  function hide(form) {
    if (!form.contains(document.activeElement)) {
      form.hidden = true;
      return;
    }
    form.addEventListener("focusout", () => {
      form.hidden = true;
    }, {
      once: true
    });
  }

  function start(root) {
    root.querySelectorAll("[data-vanish-after]").forEach((form) => {
      setTimeout(hide, Number(form.dataset.vanishAfter) * 1000, form);
      delete form.dataset.vanishAfter;
    });
  }

  function focusMessages() {
    const messages = document.getElementById("messages");
    if (!messages || !messages.querySelector(".notice")) return;
    if (location.hash || document.querySelector("[autofocus]") || document.activeElement !== document.body) return;
    messages.focus({
      preventScroll: true
    });
  }

  focusMessages();
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();
