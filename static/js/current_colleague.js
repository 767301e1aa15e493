/* On a phone, scroll the strip of colleagues so that it begins with the one whose page is open. */
(() => {
  const current = document.querySelector(".who-list [aria-current]");
  if (!current) return;
  const strip = current.closest(".who-list");
  strip.scrollLeft = current.getBoundingClientRect().left - strip.getBoundingClientRect().left;
})();
