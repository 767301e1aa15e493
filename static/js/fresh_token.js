/*
 * A new sign-in, in another tab say, makes the CSRF token of a page that is open old: the server answers 403.
 *
 *   lwFreshToken("/walks/7/go/3/")   fetches a page that the person may open, and gives its token to every form here
 *
 * The promise says whether the same person is signed in (true), or nobody or somebody else (false: the forms keep
 * their old token, so that nothing is sent in another name). It fails when the page does not come.
 */
window.lwFreshToken = function (address) {
  var person = document.documentElement.dataset.person;
  return fetch(address, {
    credentials: "same-origin"
  }).then(function (answer) {
    return answer.text();
  }).then(function (text) {
    var page = new DOMParser().parseFromString(text, "text/html"),
      token = page.querySelector("[name=csrfmiddlewaretoken]");
    if (page.documentElement.dataset.person !== person) return false;
    if (!token) throw new Error("no form on " + address);
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach(function (field) {
      field.value = token.value;
    });
    return true;
  });
};
