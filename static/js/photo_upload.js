/* Photos go up one by one as soon as they are chosen, each with its own progress. Needs on the page:

     <input type="file" data-upload>            one or more, inside the form of the room
     <div id="uploads" data-url="/address/" …>  where the progress is shown; its data-* hold the words
     <ul id="photo-rows">                       where the finished row goes (the server sends it)
     <button data-remove-photo formaction="…">  takes a row away without a new page

   A photo that did not get through stays in the list with "Try again"; one that never will stays until the next is chosen. Leaving the room waits until the photos are up.
   Without JavaScript the same inputs go along with the form. */
(function () {
  var box = document.getElementById("uploads"), rows = document.getElementById("photo-rows");
  if (!box || !rows) return;
  var pending = 0, waiting = null;

  function token() {
    return box.closest("form").elements.csrfmiddlewaretoken.value;
  }
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only where the address is secure
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    var hex = Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
  function line(file) {
    var item = document.createElement("div"), words = document.createElement("span"), bar = document.createElement("progress");
    item.className = "uploading";
    words.textContent = box.dataset.sending + " " + file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(words, bar);
    box.append(item);
    item.scrollIntoView({ block: "center" }); // the camera's button is below the list, and a phone shows one of them
    return { item: item, words: words, bar: bar };
  }
  function problem(shown, text) {
    shown.bar.remove();
    shown.words.textContent = text;
    shown.item.classList.add("upload-problem");
  }
  function offerRetry(shown, file, id) {
    var again = document.createElement("button");
    problem(shown, file.name + ": " + box.dataset.failed);
    again.type = "button";
    again.className = "btn btn-link";
    again.textContent = box.dataset.retry;
    again.addEventListener("click", function () { shown.item.remove(); send(file, id); });
    shown.item.append(again);
  }
  function finished() {
    pending -= 1;
    if (pending || !waiting) return;
    var submit = waiting;
    waiting = null;
    if (!box.querySelector(".upload-problem")) submit.form.requestSubmit(submit.button);
  }
  function send(file, id) {
    var shown = line(file), data = new FormData(), request = new XMLHttpRequest();
    if (file.size > Number(box.dataset.max)) { problem(shown, file.name + ": " + box.dataset.tooBig); return; }
    data.append("csrfmiddlewaretoken", token());
    data.append("photo_id", id);
    data.append("photos", file);
    pending += 1;
    request.open("POST", box.dataset.url);
    request.setRequestHeader("X-Upload", "1");
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) shown.bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", function () {
      if (request.status === 201) {
        rows.insertAdjacentHTML("beforeend", request.responseText);
        shown.item.remove();
      } else if (request.status === 422 && request.responseText) {
        problem(shown, request.responseText);
      } else {
        offerRetry(shown, file, id);
      }
      finished();
    });
    request.addEventListener("error", function () { offerRetry(shown, file, id); finished(); });
    request.send(data);
  }
  function remove(button) {
    var data = new FormData();
    data.append("csrfmiddlewaretoken", token());
    fetch(button.formAction, { method: "POST", body: data, headers: { "X-Upload": "1" }, redirect: "manual" }).then(function (answer) {
      if (!answer.ok) return;
      var row = button.closest("[data-photo]"), next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      var focus = next ? next.querySelector("[data-remove-photo]") : document.querySelector("[data-upload]");
      if (focus) focus.focus();
    });
  }

  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-upload]")) return;
    box.querySelectorAll(".upload-problem:not(:has(button))").forEach(function (told) { told.remove(); });
    Array.from(event.target.files).forEach(function (file) { send(file, uuid()); });
    event.target.value = "";
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-remove-photo]");
    if (!button) return;
    event.preventDefault();
    remove(button);
  });
  document.addEventListener("submit", function (event) {
    if (!pending || !event.target.contains(box)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!waiting) {
      var words = document.createElement("p");
      words.className = "mb-0";
      words.textContent = box.dataset.wait;
      box.append(words);
    }
    waiting = { form: event.target, button: event.submitter };
  }, true);
})();
