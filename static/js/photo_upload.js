/*
 * Photos go up one by one as soon as they are chosen, each with its own progress. Needs on the page:
 *
 *   <input type="file" data-upload>            one or more, inside the form of the room
 *   <div id="uploads" data-url="/address/" …>  where the progress is shown; its data-* hold the words
 *   <ul id="photo-rows">                       where the finished row goes (the server sends it)
 *   <button data-remove-photo formaction="…">  takes a row away without a new page
 *
 * A photo that did not get through is sent again by itself: when the signal is back, after 2 s, 4 s … 60 s, or when
 * a busy server says so (Retry-After). It is only in the memory of this page, so every way out waits for it: a
 * button of the form goes on as soon as the last photo is up, or at once with "Go on without it"; for any other way
 * the browser asks. A photo that the server refuses is named with the reason, and is not tried again. The form's
 * token may be old (after a new sign-in in another tab), so a refusal without a reason gets a fresh token and one
 * more try. Without JavaScript the same inputs go along with the form.
 */
(function () {
  var box = document.getElementById("uploads"),
    rows = document.getElementById("photo-rows");
  if (!box || !rows) return;
  var LONGEST_PAUSE = 60;
  var unsent = []; // uploads that are under way or wait for their next try
  var wanted = null; // the button that waits for them
  var leaving = false; // "Go on without it" was pressed

  function token() {
    return box.closest("form").elements.csrfmiddlewaretoken;
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only where the address is secure
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    var hex = Array.from(bytes, function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function button(text, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-link";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function problem(item, text) {
    item.replaceChildren(text);
    item.classList.add("upload-problem");
  }

  /* --- One photo on its way ------------------------------------------------------------- */
  function Upload(file) {
    this.file = file;
    this.id = uuid();
    this.pause = 2;
    this.item = document.createElement("div");
    this.item.className = "uploading";
    box.append(this.item);
    this.item.scrollIntoView({
      block: "center"
    }); // the camera's button is below the list, and a phone shows one of them
    unsent.push(this);
    this.send();
  }
  Upload.prototype = {
    send: function () {
      var self = this,
        data = new FormData(),
        request = new XMLHttpRequest();
      clearTimeout(this.timer);
      if (this.busy) return;
      this.busy = true;
      this.showProgress(request);
      data.append("csrfmiddlewaretoken", token().value);
      data.append("photo_id", this.id);
      data.append("photos", this.file);
      request.open("POST", box.dataset.url);
      request.setRequestHeader("X-Upload", "1");
      request.addEventListener("load", function () {
        self.answered(request);
      });
      request.addEventListener("error", function () {
        self.later(box.dataset.failed);
      });
      request.send(data);
    },
    showProgress: function (request) {
      var words = document.createElement("span"),
        bar = document.createElement("progress");
      words.textContent = box.dataset.sending + " " + this.file.name;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", this.file.name);
      request.upload.addEventListener("progress", function (event) {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      });
      this.item.classList.remove("upload-problem");
      this.item.replaceChildren(words, bar);
    },
    answered: function (request) {
      var seconds = Number(request.getResponseHeader("Retry-After")) || 0;
      var signedOut = request.status === 200; // the sign-in page; a photo that is kept answers 201
      if (request.status === 201) {
        rows.insertAdjacentHTML("beforeend", request.responseText);
        this.item.remove();
        this.over();
      } else if (request.status === 422 && request.responseText) {
        problem(this.item, request.responseText);
        this.over();
      } else if (request.status === 413) {
        this.refused(box.dataset.tooBig);
      } else if (request.status === 429 || request.status === 503) {
        this.later(box.dataset.busy, seconds);
      } else if (signedOut) {
        this.askToSignIn();
      } else if (request.status >= 400 && request.status < 500) {
        if (this.renewed) {
          this.refused(box.dataset.refused);
          return;
        }
        this.renewed = true;
        this.later(box.dataset.failed);
        this.renew();
      } else {
        this.later(box.dataset.failed, seconds);
      }
    },
    renew: function () { // a new sign-in, in another tab, made the form's token old
      var self = this;
      window.lwFreshToken(location.pathname).then(function (isSame) {
        if (!isSame && !self.busy) self.askToSignIn();
        if (!isSame) self.renewed = false;
      }, function () {
        /* no signal: the next try asks again */
      });
    },
    askToSignIn: function () {
      this.renewed = false;
      this.later(box.dataset.out);
      this.item.append(" ", signInLink());
    },
    later: function (words, seconds) {
      var self = this,
        send = function () {
          self.send();
        };
      clearTimeout(this.timer);
      this.busy = false;
      problem(this.item, this.file.name + ": " + words);
      this.item.append(" ", button(box.dataset.retry, send));
      this.timer = setTimeout(send, Math.max(this.pause, seconds || 0) * 1000);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
      tellWhoWaits();
    },
    refused: function (words) {
      problem(this.item, this.file.name + ": " + words);
      this.over();
    },
    over: function () {
      unsent.splice(unsent.indexOf(this), 1);
      if (!unsent.length) goOn();
    }
  };

  function signInLink() {
    var link = document.createElement("a");
    link.href = box.dataset.signIn;
    link.target = "_blank";
    link.textContent = box.dataset.signInWords;
    return link;
  }

  /* --- Ways out ---------------------------------------------------------------------------- */
  function goOn() {
    var told = box.querySelector(".upload-wait");
    if (told) told.remove();
    if (wanted && !box.querySelector(".upload-problem")) wanted.form.requestSubmit(wanted.button);
    wanted = null;
  }

  function tellWhoWaits() {
    var told = box.querySelector(".upload-wait");
    if (!wanted) return;
    if (!told) {
      told = document.createElement("div");
      told.className = "upload-wait";
      box.append(told);
    }
    var waits = unsent.some(function (upload) {
      return !upload.busy;
    });
    told.replaceChildren(waits ? box.dataset.unsent : box.dataset.wait, " ", button(box.dataset.leave, function () {
      leaving = true;
      wanted.form.requestSubmit(wanted.button);
    }));
    told.scrollIntoView({
      block: "center"
    });
  }
  document.addEventListener("submit", function (event) {
    if (!unsent.length || leaving || !event.target.contains(box)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wanted = {
      form: event.target,
      button: event.submitter
    };
    tellWhoWaits();
  }, true);
  window.addEventListener("beforeunload", function (event) {
    if (unsent.length && !leaving) event.preventDefault();
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) leaving = false;
  });
  window.addEventListener("online", function () {
    unsent.forEach(function (upload) {
      upload.send();
    });
  });

  /* --- Choosing and removing ----------------------------------------------------------------- */
  function choose(file) {
    if (file.size <= Number(box.dataset.max)) {
      new Upload(file);
      return;
    }
    var item = document.createElement("div");
    box.append(item);
    problem(item, file.name + ": " + box.dataset.tooBig);
  }

  function remove(pressed) {
    var data = new FormData();
    data.append("csrfmiddlewaretoken", token().value);
    fetch(pressed.formAction, {
      method: "POST",
      body: data,
      headers: {
        "X-Upload": "1"
      },
      redirect: "manual"
    }).then(function (answer) {
      if (!answer.ok) return;
      var row = pressed.closest("[data-photo]"),
        next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      var focus = next ? next.querySelector("[data-remove-photo]") : document.querySelector("[data-upload]");
      if (focus) focus.focus();
    });
  }
  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-upload]")) return;
    box.querySelectorAll(".upload-problem:not(:has(button))").forEach(function (told) {
      told.remove();
    });
    Array.from(event.target.files).forEach(choose);
    event.target.value = "";
  });
  document.addEventListener("click", function (event) {
    var pressed = event.target.closest("[data-remove-photo]");
    if (!pressed) return;
    event.preventDefault();
    remove(pressed);
  });
})();
