/* Opens the browser's print window on pages with ?print=1 in their address. */
if (new URLSearchParams(location.search).has("print")) window.addEventListener("load", () => window.print());
