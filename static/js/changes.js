/* After a change, the bar with Save stays at the window's bottom and counts the changes; else it ends the form. */
(() => {
  const words = document.querySelector("[data-changes]");

  function isChanged(field) {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.options) return !field.selectedOptions[0].defaultSelected;
    return field.value !== field.defaultValue;
  }

  function show() {
    const fields = words.closest("form").querySelectorAll("input, select, textarea");
    const count = Array.from(fields).filter(isChanged).length;
    const text = count === 1 ? words.dataset.change : words.dataset.changes;
    words.textContent = count ? text.replace("__n__", count) : "";
    words.parentElement.classList.toggle("actionbar", count > 0);
  }

  document.addEventListener("input", show);
  window.addEventListener("pageshow", show); // Back and a reload can keep changes
})();
