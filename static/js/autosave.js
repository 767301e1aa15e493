/*
 * Drafts save themselves. Works on every
 *
 *   <form method="post" data-autosave="/address/to/save/" data-autosave-key="note-<stop id>">
 *     … fields …  <textarea data-autosave-field>   (the fields kept as a copy; default: every textarea)
 *     … components/save_line.html inside the form …
 *   </form>
 *
 * One second after typing stops, and when a field is left, the form's fields (no files) are posted by fetch with the
 * header X-Autosave: 1 and the form's own CSRF token. Any 2xx answer means saved. Until then a copy of the text
 * lives in localStorage under "lw:<person>:<key>"; on load an unsent copy is put back and sent. A failed save is
 * retried (2 s, 4 s … 60 s) and at once when the phone is online again. Leaving warns only when a save failed.
 * Without JavaScript the buttons post.
 *
 * The copy stays until the server has exactly these words: a save that was answered with yes, or the cookie
 * "lw-kept" that comes with the page after a form was posted and names the copy by its id
 * (observations/words/copies.py). So it does not matter which page one sees after signing in again. A copy belongs to
 * its person: nobody else's page reads it. Signing out deletes it (form[data-forget-copies]), and so do seven days.
 * Other pages say that something waits (components/waiting_copy.html).
 *
 * After a real save the form gets the event "lw:saved" (detail.time). Answers of 409 or 410 mean "this draft is
 * closed": no more tries; a 409 with JSON {text, page} brings the words of another page, which div[data-elsewhere]
 * then shows beside these; 422 means that the words themselves are refused: no try until they change. A 403 is tried
 * once more with a fresh token (fresh_token.js), as somebody may have signed in again in another tab. A
 * form[data-unsaved] shows words that were refused, so they are not on the server. A form is not sent while the
 * phone knows that it has no signal: the browser's error page would take its place.
 */
(function () {
  var PERSON = document.documentElement.dataset.person;
  var PREFIX = "lw:" + (PERSON || "") + ":";

  var DAYS = 7; // as long as anybody stays signed in

  function copies(prefix) {
    return Object.keys(localStorage).filter(function (key) {
      return key.indexOf(prefix) === 0;
    }).map(Keeper.of);
  }

  function forgetOld() {
    copies("lw:").forEach(function (keeper) {
      var copy = keeper.read();
      if (!copy || Date.now() - copy.at > DAYS * 86400000) keeper.drop();
    });
  }

  function forgetKept() {
    var told = document.cookie.match(/(?:^|; )lw-kept=([^;]+)\.([0-9a-z]+)/);
    if (!told || !PERSON) return;
    document.cookie = "lw-kept=; max-age=0; path=/";
    var keeper = new Keeper(told[1]),
      copy = keeper.read();
    if (copy && copy.id === told[2]) keeper.drop();
  }

  function isHere(keeper) {
    return Array.from(document.querySelectorAll("form[data-autosave]")).some(function (form) {
      return PREFIX + form.dataset.autosaveKey === keeper.key;
    });
  }

  function tellWhatWaits() {
    var line = document.querySelector("[data-waiting-copy]");
    if (!line || !PERSON) return;
    copies(PREFIX).forEach(function (keeper) {
      var copy = keeper.read();
      if (copy.page === location.pathname && !isHere(keeper)) {
        copy.closed = true;
        keeper.put(copy);
      }
      if (copy.closed || !copy.page || isHere(keeper)) return;
      line.querySelector("a").href = copy.page;
      line.hidden = false;
    });
  }

  function tellAtSignIn() {
    var line = document.querySelector("[data-copy-of]");
    if (!line) return;
    line.hidden = !copies("lw:").some(function (keeper) {
      var copy = keeper.read();
      return copy.page && line.dataset.copyOf.indexOf(copy.page) === 0;
    });
  }

  /* A copy: {id, at, page, values}. */
  function Keeper(key, page) {
    this.key = PREFIX + key;
    this.page = page;
  }
  Keeper.of = function (key) {
    var keeper = new Keeper("");
    keeper.key = key;
    return keeper;
  };
  Keeper.prototype = {
    read: function () {
      try {
        return JSON.parse(localStorage.getItem(this.key));
      } catch (e) {
        return null;
      }
    },
    put: function (copy) {
      try {
        localStorage.setItem(this.key, JSON.stringify(copy));
      } catch (e) {
        // private window: there is no copy
      }
    },
    write: function (values) {
      var random = Math.random().toString(36).slice(2);
      this.put({
        id: Date.now().toString(36) + random,
        at: Date.now(),
        page: this.page,
        values: values
      });
    },
    drop: function () {
      try {
        localStorage.removeItem(this.key);
      } catch (e) {
        // private window: there is no copy
      }
    }
  };

  function clock() {
    var now = new Date();
    return ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2);
  }

  function Autosave(form) {
    this.form = form;
    this.line = form.querySelector("[data-save-line]") || document.querySelector("[data-save-line]");
    this.page = form.dataset.autosavePage || location.pathname;
    this.keeper = new Keeper(form.dataset.autosaveKey || location.pathname, this.page);
    this.failed = false;
    this.closed = false;
    this.busy = false;
    this.dirty = false;
    this.pause = 2000;
    this.restore();
    this.listen();
  }

  Autosave.prototype = {
    fields: function () {
      var marked = this.form.querySelectorAll("[data-autosave-field]");
      return marked.length ? marked : this.form.querySelectorAll("textarea");
    },
    values: function () {
      var values = {};
      this.fields().forEach(function (field) {
        if (field.type === "checkbox" || field.type === "radio") {
          if (field.checked) values[field.name] = (values[field.name] || []).concat(field.value);
          else values[field.name] = values[field.name] || [];
        } else {
          values[field.name] = field.value;
        }
      });
      return values;
    },
    restore: function () {
      if ("unsaved" in this.form.dataset) this.keeper.write(this.values());
      var copy = this.keeper.read();
      if (!copy || !copy.values) return;
      var changed = "unsaved" in this.form.dataset;
      this.fields().forEach(function (field) {
        if (!(field.name in copy.values)) return;
        var kept = copy.values[field.name];
        if (Array.isArray(kept)) {
          var checked = kept.indexOf(field.value) >= 0;
          changed = changed || field.checked !== checked;
          field.checked = checked;
        } else if (field.value !== kept) {
          field.value = kept;
          changed = true;
        }
      });
      if (changed) {
        this.dirty = true;
        this.save();
      } else {
        this.keeper.drop();
      }
    },
    listen: function () {
      var self = this;
      this.form.addEventListener("input", function (event) {
        if (event.target.type === "file") return;
        self.dirty = true;
        self.keeper.write(self.values());
        clearTimeout(self.timer);
        self.timer = setTimeout(function () {
          self.save();
        }, 1000);
      });
      this.form.addEventListener("focusout", function () {
        if (self.dirty) self.save();
      });
      this.form.addEventListener("submit", function (event) {
        if (navigator.onLine === false) {
          self.hold(event);
          return;
        }
        clearTimeout(self.timer);
        self.closed = true;
        self.failed = false;
        if (self.underWay) self.underWay.abort(); // the form carries the same words; two answers would cross
        self.nameCopy();
      });
      window.addEventListener("online", function () {
        if (self.dirty) self.save();
      });
      window.addEventListener("pageshow", function (event) {
        if (event.persisted) self.closed = false;
      });
      window.addEventListener("beforeunload", function (event) {
        if (self.failed && self.dirty) event.preventDefault();
      });
      document.addEventListener("visibilitychange", function () {
        if (document.visibilityState === "hidden" && self.dirty) self.save();
      });
    },
    nameCopy: function () { // so that the answer can say which words it stored
      var copy = this.keeper.read(),
        field = this.form.elements.copy;
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = "copy";
        this.form.append(field);
      }
      field.value = copy && copy.id || "";
    },
    save: function (renewed) {
      if (this.busy || this.closed) return;
      clearTimeout(this.timer);
      var self = this,
        data = new FormData(this.form);
      Array.from(data.keys()).forEach(function (key) {
        if (data.get(key) instanceof File) data.delete(key);
      });
      this.busy = true;
      this.dirty = false;
      this.underWay = new AbortController();
      if (!this.failed) this.say("saving");
      fetch(this.form.dataset.autosave, {
        method: "POST",
        body: data,
        signal: this.underWay.signal,
        headers: {
          "X-Autosave": "1"
        },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: true
      }).then(function (answer) {
        if (answer.ok) self.saved();
        else if (answer.status === 409 || answer.status === 410) self.stop(answer);
        else if (answer.status === 403 && !renewed) self.renew();
        else if (answer.status === 403 || answer.status === 422) self.refused();
        else self.kept(answer.type === "opaqueredirect" ? "out" : "kept");
      }, function () {
        if (self.closed) self.busy = false;
        else self.kept();
      });
    },
    renew: function () { // a new sign-in may have made the form's token old
      var self = this;
      window.lwFreshToken(this.page).then(function (isSame) {
        self.busy = false;
        if (self.closed) return;
        if (isSame) self.save(true);
        else self.kept("out");
      }, function () {
        if (self.closed) self.busy = false;
        else self.kept();
      });
    },
    saved: function () {
      this.busy = false;
      this.failed = this.held = false;
      this.pause = 2000;
      if (this.dirty) {
        this.save();
        return;
      }
      this.keeper.drop();
      this.say("saved", clock());
      this.form.dispatchEvent(new CustomEvent("lw:saved", {
        bubbles: true,
        detail: {
          time: clock()
        }
      }));
    },
    kept: function (state) {
      var self = this;
      this.busy = false;
      this.failed = true;
      this.dirty = true;
      this.keeper.write(this.values());
      this.say(state || (this.held ? "offline" : "kept"));
      clearTimeout(this.timer);
      this.timer = setTimeout(function () {
        self.save();
      }, this.pause);
      this.pause = Math.min(this.pause * 2, 60000);
    },
    refused: function () {
      this.busy = false;
      this.failed = this.dirty = true;
      this.keeper.write(this.values());
      this.say("refused");
    },
    hold: function (event) {
      event.preventDefault();
      this.failed = this.dirty = this.held = true;
      this.keeper.write(this.values());
      this.say("offline");
      if (this.line) this.line.scrollIntoView({
        block: "center"
      });
    },
    stop: function (answer) {
      var self = this,
        box = this.form.querySelector("div[data-elsewhere]");
      this.busy = false;
      this.closed = true;
      this.failed = false;
      if (!box || answer.headers.get("Content-Type") !== "application/json") {
        this.say("closed");
        return;
      }
      answer.json().then(function (other) {
        box.querySelector("textarea").value = other.text;
        self.form.elements.replaces.value = other.page;
        box.hidden = false;
        self.say("elsewhere");
      });
    },
    say: function (state, time) {
      if (!this.line) return;
      var words = this.line.querySelector("[data-words]") || this.line;
      var text = this.line.dataset[state] + (time ? " " + time : "");
      this.line.dataset.state = state;
      if (state === "out") {
        this.offerSignIn(words, text);
        return;
      }
      if (words.textContent !== text) words.textContent = text;
    },
    offerSignIn: function (words, text) {
      var self = this,
        link = document.createElement("a");
      if (words.querySelector("a")) return;
      link.href = this.line.dataset.signIn + "?next=" + encodeURIComponent(this.page);
      link.textContent = text;
      link.addEventListener("click", function () {
        self.failed = !self.keeper.read();
      }); // a copy is kept: nothing to warn of
      words.replaceChildren(link);
    }
  };

  function start(root) {
    root.querySelectorAll("form[data-autosave]").forEach(function (form) {
      if (!form.lwAutosave) form.lwAutosave = new Autosave(form);
    });
  }
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("[data-forget-copies]")) return;
    copies(PREFIX).forEach(function (keeper) {
      keeper.drop();
    });
  });
  try {
    forgetOld();
    forgetKept();
    tellWhatWaits();
    tellAtSignIn();
  } catch (e) {
    /* storage is switched off: there are no copies */
  }
  start(document);
  document.addEventListener("htmx:load", function (event) {
    start(event.target);
  });
})();
