// The strip of colleagues on a phone begins with the one whose page this is.
(function () {
  var here = document.querySelector(".who-list [aria-current]");
  if (here) here.closest(".who-list").scrollLeft = here.getBoundingClientRect().left - here.closest(".who-list")
    .getBoundingClientRect().left;
})();
