// The planner: when the button one pressed is gone after a redraw, the focus goes to "Your walk", not to nowhere.
document.addEventListener("htmx:afterSettle", () => {
  if (!document.querySelector("[data-plan]") || document.activeElement !== document.body) return;
  document.getElementById("plan-side-title")?.focus({
    preventScroll: true
  });
});

// Find a name: Enter asks at once, in place of what typing would ask a moment later.
document.addEventListener("keydown", (event) => {
  if (!window.htmx || event.key !== "Enter" || event.target.id !== "id_q") return;
  event.preventDefault();
  if (!event.target.classList.contains("htmx-request")) event.target.dispatchEvent(new Event("find"));
});
