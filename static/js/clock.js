/*
 * The clock of a room, from the server's moments: <… class="clock" data-started="ISO" data-now="ISO">. It counts by
 * the server's time, whatever the phone's clock says. Past five minutes the bar stays full; nothing ends by itself.
 * The words (role=status) change at 0, 3, 4 and 5 minutes only, so that a screen reader speaks three times a room.
 */
(function () {
  var SEGMENT = 58,
    clock = document.querySelector(".clock[data-started]");
  var total = document.querySelector("[data-walk-started]");
  var source = clock || total;
  if (!source) return;
  var ahead = Date.parse(source.dataset.now) - Date.now();

  function secondsSince(moment) {
    return Math.max(Math.floor((Date.now() + ahead - Date.parse(moment)) / 1000), 0);
  }

  function set(element, text) {
    if (element && element.textContent.trim() !== text) element.textContent = text;
  }

  function face(seconds) {
    if (seconds >= 6000) return Math.floor(seconds / 3600) + " h " + Math.floor(seconds % 3600 / 60);
    return Math.floor(seconds / 60) + ":" + ("0" + seconds % 60).slice(-2);
  }

  function words(seconds) {
    var strong = document.querySelector("[data-pace]"),
      minute = Math.floor(seconds / 60);
    if (strong) set(strong, strong.getAttribute("data-at-" + (minute < 3 ? 0 : Math.min(minute, 5))));
  }

  function bar(seconds) {
    document.querySelectorAll(".pace .v rect").forEach(function (rect, number) {
      var width = Math.min(Math.max(seconds / 60 - number, 0), 1) * SEGMENT;
      rect.setAttribute("width", width.toFixed(1));
    });
  }

  function walked() {
    var minutes = Math.floor(secondsSince(total.dataset.walkStarted) / 60),
      longer = minutes > +total.dataset.planned;
    return (longer ? total.dataset.textLonger : total.dataset.text).replace("__n__", minutes);
  }

  function tick() {
    if (total) set(total, walked());
    if (!clock) return;
    var seconds = secondsSince(clock.dataset.started);
    set(clock.querySelector("small"), clock.dataset.label);
    set(clock.querySelector("b"), face(seconds));
    words(seconds);
    bar(seconds);
  }
  tick();
  setInterval(tick, 1000);
})();
