"""Without a mouse: every step works by keyboard, the focus is visible, and touch targets are large enough."""

import re

import pytest
from playwright.sync_api import expect

from observations.models import Note, Praise
from walks.models import State, Stop
from walks.workflow import walking

from .conftest import PHONE, sign_in
from .measures import OPEN_ALL_DETAILS
from .tours import open_step

pytestmark = pytest.mark.browser
MAX_TABS = 150  # presses of the Tab key; more than any page needs

# Whether the focused element shows the focus ring and no bar covers it.
FOCUS_STATE = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const label = element.labels && element.labels.length ? element.labels[element.labels.length - 1] : null;
    const ringed = e => {
        const {outlineStyle, outlineWidth} = getComputedStyle(e);
        return outlineStyle === "solid" && parseFloat(outlineWidth) >= 3;
    };
    const multipart = element.matches("[type=date], [type=time]"); // the browser marks day, month and year itself
    const ring = multipart || ringed(element) || !!label && ringed(label);
    const box = (element.matches(".visually-hidden") && label || element).getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const top = document.elementFromPoint((left + right) / 2, box.top + Math.min(box.height / 2, 20));
    const free = !!top && (element.contains(top) || top.contains(element) || !!label && label.contains(top));
    const name = element.getAttribute("aria-label") || element.innerText || element.id || element.name;
    return {name: `${element.tagName} ${name.trim().slice(0, 50)}`, ring, free};
}"""
# Targets that are too small; links and buttons within a sentence may be.
TOO_SMALL = """([selector, least]) => [...document.querySelectorAll(selector)].filter(element => {
    const target = element.matches("[type=checkbox], [type=radio]") ? element.labels[0] : element;
    const box = target.getBoundingClientRect();
    return element.checkVisibility({visibilityProperty: true}) && !element.closest(".visually-hidden, p")
        && Math.min(box.width, box.height) < least - 0.5;
}).map(element => `${element.tagName} ${(element.innerText || element.id).slice(0, 50)} under ${least}`)"""
TARGETS = [
    ("button, summary, a.btn, nav a, input:not([type=hidden]), select, textarea, label.pick", 24),
    (".btn:not(.btn-link), .tabbar a, label.pick, .form-control, .form-select", 44),
    (".live-bar .btn", 56),
]


def tab_to(page, target):
    """Press Tab until the target has the focus."""
    for _press in range(MAX_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def test_enter_sends_only_one_search(visit, site):
    page = visit("walker")
    page.goto("/walks/new/")
    posts = []
    open_step(page, "rooms")
    page.get_by_text("Find a name").click()
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator("#id_q").press_sequentially("Leila")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.wait_for_timeout(1000)  # no further request
    assert posts == [f"{site.url}/walks/new/"]


def test_a_walk_is_planned_and_sent_by_keyboard(visit):
    page = visit("walker")
    page.goto("/walks/new/")
    press(page, page.locator("#step-focus > summary"), "Enter")
    for box in reversed(page.locator("input[name=focus]:checked").all()):
        press(page, box, "Space")
    press(page, page.get_by_label("Student talk"), "Space")
    press(page, page.locator("#step-when > summary"), "Enter")
    slot = page.get_by_role("group", name="Your next free periods").get_by_role("button").nth(1)
    press(page, slot, "Enter")
    expect(slot).to_have_attribute("aria-pressed", "true")
    expect(slot).to_be_focused()
    press(page, page.locator("#step-rooms > summary"), "Enter")
    press(page, page.get_by_role("button", name="Second-floor hallway"), "Enter")
    expect(page.get_by_role("button", name="Second-floor hallway")).to_have_attribute("aria-pressed", "true")
    rooms = page.locator("#plan-side .plate")
    expect(rooms).to_have_count(5)
    first = rooms.first.inner_text()
    press(page, page.get_by_role("button", name="Order and minutes"), "Enter")
    press(page, page.get_by_role("button", name=f"Visit later: Room {first}"), "Enter")
    expect(rooms.nth(1)).to_have_text(first)
    press(page, page.get_by_role("button", name=re.compile("Send to Lucía")).locator("visible=true"), "Enter")
    expect(page.locator("#messages")).to_contain_text("Sent to Lucía")


def test_the_focus_of_the_planner_is_never_lost(visit):
    page, lost = visit("walker"), []
    page.goto("/walks/new/")
    open_step(page, "rooms")
    page.get_by_role("button", name="Second-floor hallway").click()
    expect(page.get_by_role("button", name="Second-floor hallway")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#plan-side .plate")).to_have_count(5)
    page.evaluate(OPEN_ALL_DETAILS)
    for selector, key in CONTROLS:
        page.locator(selector).first.focus()
        redrawn = page.expect_response(lambda answer: answer.request.method == "POST")
        with redrawn as answer:
            page.keyboard.press(key)
        sent_by_script = answer.value.request.headers.get("hx-request") == "true"
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        where = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        if where == "BODY" or not sent_by_script:
            lost.append((selector, key, where))
        if key == "Enter" and selector == "#id_q":
            assert where == "id_q"
    assert lost == []


def test_back_and_reload_keep_the_plan_and_back_after_send_leads_to_the_walk(visit, site):
    page = visit("walker")
    page.goto("/walks/new/")
    page.locator("#step-focus > summary").click()
    for box in reversed(page.locator("input[name=focus]:checked").all()):
        box.uncheck()
    page.get_by_text("Write my own").click()
    page.locator("#id_own_focus").fill("Humour")
    page.get_by_role("button", name="Order and minutes").click()
    page.locator("button[value^='remove:']").first.click()
    expect(page.locator("#plan-side .plate")).to_have_count(4)
    for again in (page.reload, lambda: (page.goto("/walks/"), page.go_back())):
        again()
        expect(page.locator("#plan-side .plate")).to_have_count(4)
        expect(page.locator("#id_own_focus")).to_have_value("Humour")
        expect(page.locator("#plan-focus-line")).to_contain_text("Humour")
    page.locator("button[value=send]").locator("visible=true").click()
    expect(page.locator("#messages")).to_contain_text("Sent to Lucía")
    page.go_back()
    expect(page).to_have_url(f"{site.url}/walks/{site.walks().latest('pk').pk}/")


CONTROLS = [
    ("#id_q", "Enter"),
    ("button[value=find]", "Enter"),
    ("#id_own_focus", "Enter"),
    ("#id_date", "Enter"),
    ("input[name=focus]", "Enter"),
    ("input[name=stop]", "Space"),
    ("#arrange", "Enter"),
    ("button[value^='remove:']", "Enter"),
    ("button[value^='down:']", "Enter"),
    ("#plan-slots button", "Enter"),
    ("input[name=announced][value=no]", "Space"),
    ("#plan-routes button[value^='route:'][aria-pressed=false]", "Enter"),
]


def press(page, target, key):
    """Tab to the target and press the key."""
    tab_to(page, target)
    page.keyboard.press(key)


def test_a_walk_is_walked_by_keyboard_and_leads_into_the_box_for_praise(visit, site):
    page = visit("walker", PHONE)
    walk = site.walks(state=State.APPROVED).get()
    page.goto(f"/walks/{walk.pk}/go/")
    for stop in walk.stops.all():
        press(page, page.get_by_role("button", name="I’m in"), "Enter")
        tab_to(page, page.get_by_label("What are you learning?"))
        page.keyboard.type(f"Boards in {stop.room.code}.")
        press(page, page.get_by_role("radio").first, "Space")
        press(page, page.get_by_role("button", name="Done here"), "Enter")
    press(page, page.get_by_role("button", name="Finish my walk"), "Enter")
    press(page, page.get_by_role("link", name="Write your praise"), "Enter")
    expect(page.get_by_label("Your praise", exact=True)).to_be_focused()
    assert [note.about for note in Note.objects.filter(stop__walk=walk)] == [walk.focus_names[0]] * walk.stops.count()


def test_praise_is_written_and_sent_by_keyboard(visit, site):
    page = visit("walker")
    page.goto(f"/walks/{site.walks(state=State.WALKED).get().pk}/praise/")
    page.goto(page.url)
    text = page.get_by_label("Your praise", exact=True)
    tab_to(page, text)
    page.keyboard.type("Every table held up the answer and the how.")
    press(page, page.get_by_role("button", name=re.compile("Use my note")).first, "Enter")
    expect(text).to_have_value(re.compile(r"^Every table held up the answer and the how\.\n\n\S"))
    press(page, page.get_by_role("button", name=re.compile("Take it out")), "Enter")
    expect(text).to_have_value("Every table held up the answer and the how.")
    press(page, page.get_by_role("button", name=re.compile("Send to ")), "Enter")
    expect(page.locator("#messages")).to_contain_text("Sent to")


def test_after_send_the_box_for_the_next_colleague_has_the_focus(visit, site):
    page = visit("walker", PHONE)
    page.goto(f"/walks/{site.walks(state=State.WALKED).get().pk}/praise/")
    text = page.get_by_label("Your praise", exact=True)
    text.fill("Every table held up the answer and the how.")
    page.get_by_role("button", name=re.compile("Send to ")).click()
    expect(page.locator("#messages")).to_contain_text("Sent to")
    expect(text).to_be_focused()
    expect(text).to_be_in_viewport(ratio=1)
    expect(text).to_be_empty()


def test_a_message_has_the_focus_after_a_button(visit, site):
    page = visit("walker")
    page.goto(f"/walks/{site.walks(state=State.WALKED).get().pk}/praise/")
    press(page, page.get_by_role("button", name="Save", exact=True), "Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    expect(page.locator("#messages")).to_be_focused()


def test_the_skip_link_is_first_and_leads_to_the_page(visit):
    page = visit("walker")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to main content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_error_summary_takes_the_focus_and_links_to_the_field(visit, watch):
    page = visit("walker")
    watch.allow("422")
    page.goto("/walks/new/")
    open_step(page, "focus")
    for box in reversed(page.locator("input[name=focus]:checked").all()):
        box.uncheck()
    page.get_by_role("button", name=re.compile("Send to Lucía")).locator("visible=true").click()
    expect(page.get_by_role("alert")).to_be_focused()
    press(page, page.get_by_role("link", name="Choose one or two things to look for"), "Enter")
    expect(page.locator("#id_focus")).to_be_focused()


def pages(site):
    """Pages with many controls, with the person who sees them; the last one is in a room."""
    walked, today = site.walks(state=State.WALKED).get(), site.walks(state=State.APPROVED).get()
    praise = Praise.objects.filter(stop__walk=walked)
    unsent = Stop.objects.filter(walk=walked).exclude(praise__in=praise).first()
    first = Stop.objects.filter(walk=today).first()
    yield "walker", "/"
    yield "walker", f"/walks/{today.pk}/edit/"
    yield "walker", f"/walks/{today.pk}/"
    yield "walker", f"/walks/{walked.pk}/praise/{unsent.pk}/"
    yield "host", "/praise/"
    yield "head", "/approvals/"
    yield "admin", "/report/"
    yield "admin", "/settings/"
    yield "walker", f"/walks/{today.pk}/go/"
    walking.arrive(first, by=site.person("walker"), now=site.now)
    yield "walker", f"/walks/{today.pk}/go/{first.pk}/"


def test_the_focus_is_always_visible(visit, site):
    page, lost = visit(width=PHONE), []
    for mailbox, address in pages(site):
        sign_in(page.context, site, mailbox)
        page.goto(address)
        for _press in range(MAX_TABS):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUS_STATE)
            if focused is None:
                break
            if not (focused["ring"] and focused["free"]):
                lost.append(f"{address}: {focused}")
    assert not lost, "\n".join(lost)


def test_targets_are_large_enough_for_fingers(visit, site):
    page, small = visit(width=PHONE), []
    for mailbox, address in pages(site):
        sign_in(page.context, site, mailbox)
        page.goto(address)
        for selector, least in TARGETS:
            small += [f"{address}: {words}" for words in page.evaluate(TOO_SMALL, [selector, least])]
    assert not small, "\n".join(small)
