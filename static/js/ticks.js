/* The button that sends a nudge counts who is ticked, and another one removes all ticks. */
(() => {
  const words = document.querySelector("[data-ticked]");
  const none = document.querySelector("[data-choose-none]");
  const plain = words.textContent;
  const boxes = Array.from(words.closest("form").querySelectorAll("[name=person]"));

  function show() {
    const count = boxes.filter((box) => box.checked).length;
    const text = count === 1 ? words.dataset.one : words.dataset.ticked;
    words.textContent = count ? text.replace("__n__", count) : plain;
    none.hidden = !count;
  }

  none.addEventListener("click", () => {
    boxes.forEach((box) => {
      box.checked = false;
    });
    show();
    boxes[0].focus();
  });
  document.addEventListener("change", show);
  window.addEventListener("pageshow", show); // Back and a reload can keep ticks
})();
