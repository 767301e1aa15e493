/*
 * Photos are uploaded one by one as soon as they are chosen, each with its own progress. Needs on the page:
 *
 *   <input type="file" data-upload>            one or more, inside the form of the room
 *   <div id="uploads" data-url="/address/" …>  shows the progress; its data-* attributes hold the texts
 *   <ul id="photo-rows">                       gets the row of each uploaded photo (the server sends the row)
 *   <button data-remove-photo formaction="…">  replaces a row by a line with Undo, without loading a new page
 *   <button data-restore-photo formaction="…"> replaces that line by the row again
 *
 * If the server does not get a photo, this script sends it again: when the phone is online again, after 2 s, 4 s …
 * 60 s, or when a busy server says so (Retry-After). Until then the photo is only in the memory of this page, so nobody
 * may leave the page without knowing. A button of the form waits until the last photo is uploaded, and offers "Go on
 * without it". If somebody leaves in another way, the browser asks first. If the server refuses a photo, the page shows
 * the reason, and there is no other try. A refusal without a reason may mean that the form's token is old, because the
 * person signed in again in another tab: then there is one more try with a new token. Without JavaScript, the form
 * sends the same inputs.
 */
(() => {
  const box = document.getElementById("uploads");
  const rows = document.getElementById("photo-rows");
  if (!box || !rows) return;
  const LONGEST_PAUSE = 60; // seconds
  const unsent = []; // uploads that are under way or wait for their next try
  let waitingSubmit = null; // {form, button}: what was pressed while photos were unsent
  let leaveWithoutPhotos = false; // "Go on without it" was pressed

  function tokenField() {
    return box.closest("form").elements.csrfmiddlewaretoken;
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // browsers have it on secure addresses only
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function linkButton(text, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link";
    button.textContent = text;
    button.addEventListener("click", action);
    return button;
  }

  function signInLink() {
    const link = document.createElement("a");
    link.href = box.dataset.signIn;
    link.target = "_blank";
    link.textContent = box.dataset.signInWords;
    return link;
  }

  function showProblem(item, text) {
    item.replaceChildren(text);
    item.classList.add("upload-problem");
  }

  /* --- The upload of one photo --------------------------------------------------------------- */
  class Upload {
    constructor(file) {
      this.file = file;
      this.id = uuid();
      this.pause = 2; // seconds until the next try
      this.busy = false;
      this.hasFreshToken = false; // this upload has asked for a new token already
      this.item = document.createElement("div");
      this.item.className = "uploading";
      box.append(this.item);
      this.item.scrollIntoView({
        block: "center"
      }); // the camera's button is below the list, and a phone has no room for both
      unsent.push(this);
      this.send();
    }

    send() {
      clearTimeout(this.timer);
      if (this.busy) return;
      this.busy = true;
      const data = new FormData();
      data.append("csrfmiddlewaretoken", tokenField().value);
      data.append("photo_id", this.id);
      data.append("photos", this.file);
      const request = new XMLHttpRequest(); // fetch cannot report the progress of an upload
      this.showProgress(request);
      request.open("POST", box.dataset.url);
      request.setRequestHeader("X-Upload", "1");
      request.addEventListener("load", () => this.handle(request));
      request.addEventListener("error", () => this.tryLater(box.dataset.failed));
      request.send(data);
    }

    showProgress(request) {
      const words = document.createElement("span");
      const bar = document.createElement("progress");
      words.textContent = `${box.dataset.sending} ${this.file.name}`;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", this.file.name);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      });
      this.item.classList.remove("upload-problem");
      this.item.replaceChildren(words, bar);
    }

    handle(request) {
      const seconds = Number(request.getResponseHeader("Retry-After")) || 0;
      const isSignInPage = request.status === 200; // the response to a stored photo is 201
      if (request.status === 201) {
        rows.insertAdjacentHTML("beforeend", request.responseText);
        this.item.remove();
        rows.lastElementChild.scrollIntoView({
          block: "nearest"
        });
        this.finish();
      } else if (request.status === 422 && request.responseText) {
        showProblem(this.item, request.responseText);
        this.finish();
      } else if (request.status === 413) {
        this.giveUp(box.dataset.tooBig);
      } else if (request.status === 429 || request.status === 503) {
        this.tryLater(box.dataset.busy, seconds);
      } else if (isSignInPage) {
        this.askToSignIn();
      } else if (request.status >= 400 && request.status < 500) {
        this.handleRefusalWithoutReason();
      } else {
        this.tryLater(box.dataset.failed, seconds);
      }
    }

    handleRefusalWithoutReason() {
      if (this.hasFreshToken) {
        this.giveUp(box.dataset.refused);
        return;
      }
      this.hasFreshToken = true;
      this.tryLater(box.dataset.failed);
      window.lwFreshToken(location.pathname).then((isSamePerson) => {
        if (isSamePerson) return;
        if (!this.busy) this.askToSignIn();
        this.hasFreshToken = false;
      }, () => {
        // offline: the next try asks for a token again
      });
    }

    askToSignIn() {
      this.hasFreshToken = false;
      this.tryLater(box.dataset.out);
      this.item.append(" ", signInLink());
    }

    tryLater(words, seconds = 0) {
      const send = () => this.send();
      clearTimeout(this.timer);
      this.busy = false;
      showProblem(this.item, `${this.file.name}: ${words}`);
      this.item.append(" ", linkButton(box.dataset.retry, send));
      this.timer = setTimeout(send, Math.max(this.pause, seconds) * 1000);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
      showWaitingLine();
    }

    giveUp(words) {
      showProblem(this.item, `${this.file.name}: ${words}`);
      this.finish();
    }

    finish() {
      unsent.splice(unsent.indexOf(this), 1);
      if (!unsent.length) submitAfterLastPhoto();
    }
  }

  /* --- Leaving the page ------------------------------------------------------------------------ */
  function submitAfterLastPhoto() {
    const line = box.querySelector(".upload-wait");
    if (line) line.remove();
    const hasProblem = box.querySelector(".upload-problem");
    if (waitingSubmit && !hasProblem) waitingSubmit.form.requestSubmit(waitingSubmit.button);
    waitingSubmit = null;
  }

  function showWaitingLine() {
    if (!waitingSubmit) return;
    let line = box.querySelector(".upload-wait");
    if (!line) {
      line = document.createElement("div");
      line.className = "upload-wait";
      box.append(line);
    }
    const hasFailed = unsent.some((upload) => !upload.busy);
    const leave = linkButton(box.dataset.leave, () => {
      leaveWithoutPhotos = true;
      waitingSubmit.form.requestSubmit(waitingSubmit.button);
    });
    line.replaceChildren(hasFailed ? box.dataset.unsent : box.dataset.wait, " ", leave);
    line.scrollIntoView({
      block: "center"
    });
  }

  document.addEventListener("submit", (event) => {
    if (!unsent.length || leaveWithoutPhotos || !event.target.contains(box)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waitingSubmit = {
      form: event.target,
      button: event.submitter
    };
    showWaitingLine();
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (unsent.length && !leaveWithoutPhotos) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaveWithoutPhotos = false;
  });
  window.addEventListener("online", () => unsent.forEach((upload) => upload.send()));

  /* --- Choosing and removing photos -------------------------------------------------------------- */
  function addProblem(text) {
    const item = document.createElement("div");
    box.append(item);
    showProblem(item, text);
  }

  function upload(file) {
    if (file.size <= Number(box.dataset.max)) {
      new Upload(file);
    } else {
      addProblem(`${file.name}: ${box.dataset.tooBig}`);
    }
  }

  function replaceRow(row, html) {
    row.insertAdjacentHTML("afterend", html);
    row.nextElementSibling.querySelector("[data-remove-photo], [data-restore-photo]").focus();
    row.remove();
  }

  function swapRow(button) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", tokenField().value);
    fetch(button.formAction, {
      method: "POST",
      body: data,
      headers: {
        "X-Upload": "1"
      },
      redirect: "manual"
    }).then(async (response) => {
      const text = await response.text();
      if (response.ok) replaceRow(button.closest("[data-photo]"), text);
      else if (response.status === 422) addProblem(text);
    }).catch(() => {
      // no signal: the row stays as it is
    });
  }

  function uploadChosen(input) {
    box.querySelectorAll(".upload-problem:not(:has(button))").forEach((problem) => problem.remove());
    Array.from(input.files).forEach(upload);
    input.value = "";
  }

  document.querySelectorAll("[data-upload]").forEach(uploadChosen); // chosen while this script was still on its way
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload]")) uploadChosen(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-photo], [data-restore-photo]");
    if (!button) return;
    event.preventDefault();
    swapRow(button);
  });
})();
