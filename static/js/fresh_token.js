/*
 * When somebody signs in again, for example in another tab, the CSRF token of an open page becomes invalid, and the
 * server answers 403.
 *
 *   lwFreshToken("/walks/7/go/3/")   loads a page that the person may open, and gives its token to all forms here
 *
 * The promise resolves to true if the same person is still signed in. It resolves to false if nobody or somebody else
 * is signed in; the forms then keep their old token, so that nothing is sent in another person's name. It is rejected
 * if the page cannot be loaded.
 */
window.lwFreshToken = (address) => fetch(address, {
  credentials: "same-origin"
}).then((response) => response.text()).then((text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]");
  if (page.documentElement.dataset.person !== document.documentElement.dataset.person) return false;
  if (!token) throw new Error(`no form on ${address}`);
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => {
    field.value = token.value;
  });
  return true;
});
