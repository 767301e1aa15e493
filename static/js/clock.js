/*
 * The clock of a room: <… class="clock" data-started="ISO" data-now="ISO">, with moments of the server. It counts in
 * the server's time, so a wrong clock of the phone does no harm. After data-most minutes the bar stays full; nothing
 * ends by itself. The words (role=status) change at three, four and five fifths of them only, so that a screen reader
 * speaks rarely.
 */
(() => {
  const SEGMENT_WIDTH = 58; // of a fifth of the time in the bar
  const clock = document.querySelector(".clock[data-started]");
  const total = document.querySelector("[data-walk-started]");
  const source = clock || total;
  if (!source) return;
  const serverIsAhead = Date.parse(source.dataset.now) - Date.now(); // milliseconds

  function secondsSince(moment) {
    return Math.max(Math.floor((Date.now() + serverIsAhead - Date.parse(moment)) / 1000), 0);
  }

  function setText(element, text) {
    if (element && element.textContent.trim() !== text) element.textContent = text;
  }

  function formatted(seconds) {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60);
    if (minutes >= 100) return `${hours} h ${minutes - hours * 60}`;
    return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  }

  function fifths(seconds) {
    return seconds / 12 / Number(clock.dataset.most);
  }

  function updateWords(seconds) {
    const words = document.querySelector("[data-pace]");
    const passed = Math.floor(fifths(seconds));
    if (words) setText(words, words.getAttribute(`data-at-${passed < 3 ? 0 : Math.min(passed, 5)}`));
  }

  function updateBar(seconds) {
    document.querySelectorAll(".pace .v rect").forEach((rect, number) => {
      const share = Math.min(Math.max(fifths(seconds) - number, 0), 1);
      rect.setAttribute("width", (share * SEGMENT_WIDTH).toFixed(1));
    });
  }

  function walkedMinutes() {
    const minutes = Math.max(Math.floor(secondsSince(total.dataset.walkStarted) / 60), 1); // as the server counts
    const isLonger = minutes > Number(total.dataset.planned);
    return (isLonger ? total.dataset.textLonger : total.dataset.text).replace("__n__", minutes);
  }

  function tick() {
    if (total) setText(total, walkedMinutes());
    if (!clock) return;
    const seconds = secondsSince(clock.dataset.started);
    setText(clock.querySelector("small"), clock.dataset.label);
    setText(clock.querySelector("b"), formatted(seconds));
    updateWords(seconds);
    updateBar(seconds);
  }
  tick();
  setInterval(tick, 1000);
})();
