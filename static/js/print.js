// Opens the browser's print window on a page that was asked for with ?print=1.
if (new URLSearchParams(location.search).has("print")) addEventListener("load", () => window.print());
