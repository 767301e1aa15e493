"""JavaScript that opens and measures a page."""

OPEN_ALL_DETAILS = "document.querySelectorAll('details').forEach(part => { part.open = true })"
# What is wider than the window, if anything is.
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return "";
    const wide = [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > width + 1);
    return wide.slice(-3).map(e => e.outerHTML.slice(0, 120)).join(" … ") || "outside main";
}"""
# In forced colours (a system theme of high contrast): what is chosen but looks like what is not chosen.
CHOSEN_BUT_UNMARKED = """() => {
    const probe = document.body.appendChild(document.createElement("i"));
    Object.assign(probe.style, {forcedColorAdjust: "none", background: "SelectedItem"});
    const background = element => getComputedStyle(element).backgroundColor, marked = background(probe);
    probe.remove();
    const chosen = document.querySelectorAll("[aria-pressed=true], a[aria-current], .pick:has(:checked)");
    return [...chosen].filter(e => e.checkVisibility() && background(e) !== marked).map(e => e.innerText).join(", ");
}"""
