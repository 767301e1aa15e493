/*
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

  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();
