/* On the pages of the live walk: what opens scrolls into view, because the bar at the bottom would cover it. */
document.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.scrollIntoView({
    block: "nearest"
  });
}, true);
