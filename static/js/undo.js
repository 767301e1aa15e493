/*
 * <form data-vanish-after="30"> hides itself after that many seconds: the server no longer takes the act back.
 * It stays while the focus is inside, so that nothing disappears under a finger or a cursor.
 */
(function () {
  function vanish(form) {
    if (form.contains(document.activeElement)) {
      form.addEventListener("focusout", function () {
        form.hidden = true;
      }, {
        once: true
      });
    } else {
      form.hidden = true;
    }
  }

  function start(root) {
    root.querySelectorAll("[data-vanish-after]").forEach(function (form) {
      setTimeout(vanish, Number(form.dataset.vanishAfter) * 1000, form);
      delete form.dataset.vanishAfter;
    });
  }
  start(document);
  document.addEventListener("htmx:load", function (event) {
    start(event.target);
  });
})();
