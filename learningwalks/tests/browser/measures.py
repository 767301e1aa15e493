"""JavaScript that opens and measures a page."""

OPEN_ALL_DETAILS = "document.querySelectorAll('details').forEach(part => { part.open = true })"
# What is wider than the window, if anything is.
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return "";
    const wide = [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > width + 1);
    return wide.slice(-3).map(e => e.outerHTML.slice(0, 120)).join(" … ") || "outside main";
}"""
