/* Back and a reload keep the plan: its address has every choice, and the browser's history keeps own words. */
const ownWords = document.getElementById("id_own_focus");
const keptWords = window.history.state?.ownWords;

function keepPlan() {
  const address = document.getElementById("plan-side").dataset.address;
  window.history.replaceState({
    ownWords: ownWords.value
  }, "", address);
}

if (keptWords !== undefined && window.location.search.includes("kept=")) {
  ownWords.value = keptWords;
  window.addEventListener("load", () => ownWords.dispatchEvent(new Event("change", {
    bubbles: true
  })));
}
ownWords.addEventListener("input", keepPlan);
if (window.location.pathname.endsWith("/new/")) keepPlan(); // so that Back after Send leads to the walk

document.addEventListener("htmx:afterSwap", keepPlan); // before anybody can press reload

/* If the pressed button is gone after a redraw, "Your walk" gets the focus. */
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body) return;
  document.getElementById("plan-side-title").focus({
    preventScroll: true
  });
});

/* Chosen rooms come first, the others in the order of their doors. */
function putChosenRoomsFirst() {
  const list = document.querySelector("[data-rooms]");
  const place = (room) => room.dataset.place - 1000 * room.querySelector("[name=stop]").checked;
  list?.append(...[...list.children].sort((a, b) => place(a) - place(b)));
}

/* A step that opens closes the others and stays in view. */
document.addEventListener("click", (event) => {
  const summary = event.target.closest(".plan-step > summary");
  if (!summary || summary.parentElement.open) return;
  document.querySelectorAll(".plan-step").forEach((step) => {
    step.open = false;
  });
  putChosenRoomsFirst();
  setTimeout(() => summary.scrollIntoView({
    block: "nearest"
  }));
});

/* Find a name: Enter starts the search at once. */
document.addEventListener("keydown", (event) => {
  if (!window.htmx || event.key !== "Enter" || event.target.id !== "id_q") return;
  event.preventDefault();
  if (!event.target.classList.contains("htmx-request")) event.target.dispatchEvent(new Event("find"));
});
