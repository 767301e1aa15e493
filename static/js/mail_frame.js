/* The frame of a mail is as high as the mail in it. */
(() => {
  const frame = document.querySelector(".mail-frame");

  function fit() {
    const height = frame.contentDocument?.body?.offsetHeight;
    if (height) frame.style.height = `${height + 2}px`; // and the frame's border
  }

  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
})();
