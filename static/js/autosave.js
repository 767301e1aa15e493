/*
 * Drafts save themselves. Works on every
 *
 *   <form method="post" data-autosave="/address/to/save/" data-autosave-key="note-<stop id>">
 *     … fields …  <textarea data-autosave-field>   (the fields to save a copy of; without any, every textarea)
 *     … components/save_line.html inside the form …
 *   </form>
 *
 * One second after typing stops, and when a field loses the focus, this script posts the form's fields (no files) with
 * the header X-Autosave: 1 and the form's own CSRF token. Any 2xx response means saved. Until then, localStorage holds
 * a copy of the text under "lw:<person>:<key>". When the page loads, the script puts an unsent copy back into the form
 * and sends it. It tries a failed save again after 2 s, 4 s … 60 s, and as soon as the phone is online again. When
 * somebody leaves the page, it warns only if a save failed. Without JavaScript, the buttons post the form.
 *
 * The copy stays until the server has exactly this text: until a save succeeds, or until the cookie "lw-kept" names the
 * copy by its id. The server sets that cookie when a form was posted (observations/words/copies.py), so it does not
 * matter which page follows. A copy belongs to one person, and no page of another person reads it. Signing out deletes
 * it (form[data-forget-copies]); so do seven days. Other pages say that a copy waits (components/unsaved_words.html).
 *
 * After a save, the form gets the event "lw:saved" (detail.time). Other responses:
 *   409, 410  The draft is closed: no more tries. A 409 with JSON {text, page} contains the text of another page, which
 *             div[data-other-version] then shows beside this one.
 *   422       The server refuses the text: no more tries until the text changes.
 *   403       One more try with a new token (fresh_token.js): perhaps the person signed in again in another tab.
 * A form[data-unsaved] shows text that the server refused, so the server does not have it. While the phone knows that
 * it is offline, the form is not submitted, because the browser would replace it by an error page. [data-held] of the
 * form says so then, and its words become data-back when the phone is online again.
 */
(() => {
  const PERSON = document.documentElement.dataset.person;
  const PREFIX = `lw:${PERSON || ""}:`;
  const DAYS = 7; // nobody stays signed in for longer
  const SHORTEST_PAUSE = 2000; // milliseconds
  const LONGEST_PAUSE = 60000;

  /* A place in localStorage for one copy: {id, at, page, values}. Without storage (a private window) it stays empty. */
  class StoredCopy {
    constructor(key, page) {
      this.key = key;
      this.page = page;
    }

    static all(prefix) {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => new StoredCopy(key));
    }

    read() {
      try {
        return JSON.parse(localStorage.getItem(this.key));
      } catch (error) {
        return null;
      }
    }

    put(copy) {
      try {
        localStorage.setItem(this.key, JSON.stringify(copy));
      } catch (error) {
        // no storage
      }
    }

    write(values) {
      const random = Math.random().toString(36).slice(2);
      this.put({
        id: Date.now().toString(36) + random,
        at: Date.now(),
        page: this.page,
        values: values
      });
    }

    remove() {
      try {
        localStorage.removeItem(this.key);
      } catch (error) {
        // no storage
      }
    }
  }

  function removeOldCopies() {
    StoredCopy.all("lw:").forEach((stored) => {
      const copy = stored.read();
      if (!copy || Date.now() - copy.at > DAYS * 86400000) stored.remove();
    });
  }

  function removeCopyThatTheServerHas() {
    const cookie = document.cookie.match(/(?:^|; )lw-kept=([^;]+)\.([0-9a-z]+)/);
    if (!cookie || !PERSON) return;
    const [, key, id] = cookie;
    document.cookie = "lw-kept=; max-age=0; path=/";
    const stored = new StoredCopy(PREFIX + key);
    const copy = stored.read();
    if (copy && copy.id === id) stored.remove();
  }

  function hasFormHere(stored) {
    const forms = Array.from(document.querySelectorAll("form[data-autosave]"));
    return forms.some((form) => PREFIX + form.dataset.autosaveKey === stored.key);
  }

  function showThatACopyWaits() {
    const line = document.querySelector("[data-unsaved-words]");
    if (!line || !PERSON) return;
    StoredCopy.all(PREFIX).forEach((stored) => {
      const copy = stored.read();
      if (copy.page === location.pathname && !hasFormHere(stored)) {
        copy.closed = true; // its page no longer has the form
        stored.put(copy);
      }
      if (copy.closed || !copy.page || hasFormHere(stored)) return;
      line.querySelector("a").href = copy.page;
      line.hidden = false;
    });
  }

  function showAtSignInThatACopyWaits() {
    const line = document.querySelector("[data-copy-of]");
    if (!line) return;
    const copies = StoredCopy.all("lw:").map((stored) => stored.read());
    line.hidden = !copies.some((copy) => copy.page && line.dataset.copyOf.startsWith(copy.page));
  }

  function timeNow() {
    const now = new Date();
    return String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
  }

  class Autosave {
    constructor(form) {
      this.form = form;
      this.line = form.querySelector("[data-save-line]") || document.querySelector("[data-save-line]");
      this.page = form.dataset.autosavePage || location.pathname;
      this.stored = new StoredCopy(PREFIX + (form.dataset.autosaveKey || location.pathname), this.page);
      this.notice = form.querySelector("[data-held]");
      this.failed = false; // the latest save failed
      this.closed = false; // nothing more may be saved
      this.busy = false; // a save is under way
      this.dirty = false; // the text changed after the latest save began
      this.heldBack = false; // the form was not submitted, because the phone is offline
      this.pause = SHORTEST_PAUSE;
      this.restore();
      this.listen();
    }

    fields() {
      const marked = this.form.querySelectorAll("[data-autosave-field]");
      return marked.length ? marked : this.form.querySelectorAll("textarea");
    }

    values() {
      const values = {};
      this.fields().forEach((field) => {
        if (field.type === "checkbox" || field.type === "radio") {
          values[field.name] = values[field.name] || [];
          if (field.checked) values[field.name].push(field.value);
        } else {
          values[field.name] = field.value;
        }
      });
      return values;
    }

    restore() {
      const isUnsaved = "unsaved" in this.form.dataset;
      if (isUnsaved) this.stored.write(this.values());
      const copy = this.stored.read();
      if (!copy || !copy.values) return;
      let changed = isUnsaved;
      this.fields().forEach((field) => {
        if (!(field.name in copy.values)) return;
        const value = copy.values[field.name];
        if (Array.isArray(value)) {
          const checked = value.includes(field.value);
          changed = changed || field.checked !== checked;
          field.checked = checked;
        } else if (field.value !== value) {
          field.value = value;
          changed = true;
        }
      });
      if (changed) {
        this.dirty = true;
        this.save();
      } else {
        this.stored.remove();
      }
    }

    listen() {
      this.form.addEventListener("input", (event) => {
        if (event.target.type === "file") return;
        this.dirty = true;
        this.stored.write(this.values());
        this.saveAfter(1000);
      });
      this.form.addEventListener("focusout", () => this.saveIfDirty());
      this.form.addEventListener("submit", (event) => {
        if (navigator.onLine === false) {
          this.holdBack(event);
          return;
        }
        clearTimeout(this.timer);
        this.closed = true;
        this.failed = false;
        if (this.request) this.request
          .abort(); // the form sends the same text; both at once could overtake each other
        this.addIdOfCopy();
      });
      window.addEventListener("online", () => {
        if (this.notice) this.notice.querySelector("[data-words]").textContent = this.notice.dataset.back;
        this.saveIfDirty();
      });
      window.addEventListener("pageshow", (event) => {
        if (event.persisted) this.closed = false;
      });
      window.addEventListener("beforeunload", (event) => {
        if (this.failed && this.dirty) event.preventDefault();
      });
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") this.saveIfDirty();
      });
    }

    /* Send the id of the copy with the form, so that the response can name the text that the server stored. */
    addIdOfCopy() {
      const copy = this.stored.read();
      let field = this.form.elements.copy;
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = "copy";
        this.form.append(field);
      }
      field.value = copy && copy.id || "";
    }

    saveAfter(milliseconds) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), milliseconds);
    }

    saveIfDirty() {
      if (this.dirty) this.save();
    }

    save(hasFreshToken = false) {
      if (this.busy || this.closed) return;
      clearTimeout(this.timer);
      this.busy = true;
      this.dirty = false;
      this.request = new AbortController();
      if (!this.failed) this.show("saving");
      fetch(this.form.dataset.autosave, {
        method: "POST",
        body: this.dataWithoutFiles(),
        signal: this.request.signal,
        headers: {
          "X-Autosave": "1"
        },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: true
      }).then((response) => this.handle(response, hasFreshToken), () => this.handleNoResponse());
    }

    dataWithoutFiles() {
      const data = new FormData(this.form);
      Array.from(data.keys()).forEach((key) => {
        if (data.get(key) instanceof File) data.delete(key);
      });
      return data;
    }

    handle(response, hasFreshToken) {
      if (response.ok) this.handleSaved();
      else if (response.status === 409 || response.status === 410) this.close(response);
      else if (response.status === 403 && !hasFreshToken) this.saveWithFreshToken();
      else if (response.status === 403 || response.status === 422) this.handleRefused();
      else this.tryLater(response.type === "opaqueredirect" ? "out" :
        "kept"); // a redirect leads to the sign-in page
    }

    handleNoResponse() {
      if (this.closed) this.busy = false;
      else this.tryLater();
    }

    saveWithFreshToken() {
      window.lwFreshToken(this.page).then((isSamePerson) => {
        this.busy = false;
        if (this.closed) return;
        if (isSamePerson) this.save(true);
        else this.tryLater("out");
      }, () => this.handleNoResponse());
    }

    handleSaved() {
      this.busy = false;
      this.failed = false;
      this.heldBack = false;
      this.pause = SHORTEST_PAUSE;
      if (this.dirty) {
        this.save();
        return;
      }
      this.stored.remove();
      this.show("saved", timeNow());
      this.form.dispatchEvent(new CustomEvent("lw:saved", {
        bubbles: true,
        detail: {
          time: timeNow()
        }
      }));
    }

    tryLater(state) {
      this.busy = false;
      this.markUnsaved();
      this.show(state || (this.heldBack ? "offline" : "kept"));
      this.saveAfter(this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }

    handleRefused() {
      this.busy = false;
      this.markUnsaved();
      this.show("refused");
    }

    holdBack(event) {
      event.preventDefault();
      this.markUnsaved();
      this.heldBack = true;
      this.show("offline");
      if (this.notice) this.notice.hidden = false;
      else if (this.line) this.line.scrollIntoView({
        block: "center"
      });
    }

    markUnsaved() {
      this.failed = true;
      this.dirty = true;
      this.stored.write(this.values());
    }

    close(response) {
      const box = this.form.querySelector("div[data-other-version]");
      this.busy = false;
      this.closed = true;
      this.failed = false;
      if (!box || response.headers.get("Content-Type") !== "application/json") {
        this.show("closed");
        return;
      }
      response.json().then((other) => {
        box.querySelector("textarea").value = other.text;
        this.form.elements.replaces.value = other.page;
        box.hidden = false;
        this.show("elsewhere");
      });
    }

    /* Show a state of the save line; components/save_line.html has the text of each state. */
    show(state, time) {
      if (!this.line) return;
      const target = this.line.querySelector("[data-words]") || this.line;
      const text = this.line.dataset[state] + (time ? ` ${time}` : "");
      this.line.dataset.state = state;
      if (state === "out") this.offerSignIn(target, text);
      else if (target.textContent !== text) target.textContent = text;
    }

    offerSignIn(target, text) {
      if (target.querySelector("a")) return;
      const link = document.createElement("a");
      link.href = this.line.dataset.signIn + "?next=" + encodeURIComponent(this.page);
      link.textContent = text;
      link.addEventListener("click", () => {
        this.failed = !this.stored.read(); // with a copy, leaving the page needs no warning
      });
      target.replaceChildren(link);
    }
  }

  function start(root) {
    root.querySelectorAll("form[data-autosave]").forEach((form) => {
      if (!form.lwAutosave) form.lwAutosave = new Autosave(form);
    });
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-forget-copies]")) return;
    StoredCopy.all(PREFIX).forEach((stored) => stored.remove());
  });
  try {
    removeOldCopies();
    removeCopyThatTheServerHas();
    showThatACopyWaits();
    showAtSignInThatACopyWaits();
  } catch (error) {
    // storage is switched off, so there are no copies
  }
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();
