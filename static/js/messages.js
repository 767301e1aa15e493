/*
 * #messages gets the focus when the page loads, so that keyboards go on from there; [autofocus] and #id go first.
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
    const messages = document.querySelector("#messages:has(.notice)");
    if (!messages || location.hash || document.querySelector("[autofocus]")) return;
    if (document.activeElement === document.body) messages.focus({
      preventScroll: true
    });
  }

  focusMessages();
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();
