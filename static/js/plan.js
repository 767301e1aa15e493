// The planner: when the button one pressed is gone after a redraw, the focus goes to "Your walk", not to nowhere.
document.addEventListener("htmx:afterSettle", () => {
  if (!document.querySelector("[data-plan]") || document.activeElement !== document.body) return;
  document.getElementById("plan-side-title")?.focus({ preventScroll: true });
});
