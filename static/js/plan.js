/* The planner: if the pressed button is gone after a redraw, the focus moves to "Your walk" and does not get lost. */
document.addEventListener("htmx:afterSettle", () => {
  if (!document.querySelector("[data-plan]") || document.activeElement !== document.body) return;
  const title = document.getElementById("plan-side-title");
  if (title) title.focus({
    preventScroll: true
  });
});

/* Find a name: Enter starts the search at once. Without it, the search starts a moment after the last key press. */
document.addEventListener("keydown", (event) => {
  if (!window.htmx || event.key !== "Enter" || event.target.id !== "id_q") return;
  event.preventDefault();
  if (!event.target.classList.contains("htmx-request")) event.target.dispatchEvent(new Event("find"));
});
