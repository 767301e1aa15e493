"""Tours through the demo school that visit every kind of page. The caller decides what to check there."""

import io

from PIL import Image
from playwright.sync_api import expect

from observations.models import Praise
from observations.words.praise import thank_in_person
from walks.models import OpenDoor, State, Stop, Walk
from walks.status import stops_to_thank
from walks.workflow import approval, decision_changes, walking

_file = io.BytesIO()
Image.new("RGB", (400, 300), "teal").save(_file, "PNG")
PHOTO = _file.getvalue()


def press(target):
    """Press a link or button that leads to another page, and wait for the whole page."""
    with target.page.expect_navigation():
        target.click()


def signed_out(tour):
    """Pages before signing in."""
    for address in (
        "/sign-in/",
        "/account/login/code/",
        "/account/password/reset/",
        "/privacy/",
        "/help/",
        "/offline/",
    ):
        tour.look(address)
    tour.look("/sign-in/", lambda page: press(page.get_by_role("button", name="Sign in", exact=True)))


def home_pages(tour):
    """The home pages of the four people, and of a new one."""
    for mailbox in ("walker", "host", "head", "admin"):
        tour.become(mailbox)
        tour.look("/")
    Walk.objects.filter(walker=tour.site.person("walker")).delete()
    tour.become("walker")
    for address in ("/", "/walks/", "/walks/ideas/", "/praise/sent/", "/walks/new/"):
        tour.look(address)


def planning(tour):
    """My walks, the planner with a route and with errors, changing a walk, and logging one without a plan."""
    tour.become("walker")
    tour.watch.allow("422")
    tour.look("/walks/")
    tour.look("/walks/new/", choose_rooms)
    tour.look("/walks/new/", choose_too_much)
    tour.look(f"/walks/{todays_walk(tour).pk}/edit/")
    tour.look(f"/walks/{todays_walk(tour).pk}/cancel/")
    tour.look("/walks/log/", lambda page: press(page.get_by_role("button", name="Save my walk")))


def open_step(page, key):
    """Open a step of the planner. Its script closes the others."""
    step = page.locator(f"#step-{key}")
    if step.get_attribute("open") is None:
        step.locator("> summary").click()


def look_for(page, name):
    """Choose this focus in place of the last walk's."""
    open_step(page, "focus")
    for box in reversed(page.locator("input[name=focus]:checked").all()):
        box.uncheck()
    page.get_by_label(name, exact=True).check()


def choose_rooms(page):
    """Choose a hallway with its five rooms."""
    open_step(page, "rooms")
    page.get_by_role("button", name="Second-floor hallway").click()
    expect(page.get_by_role("button", name="Second-floor hallway")).to_have_attribute("aria-pressed", "true")
    page.locator("#plan-side .plate").nth(4).wait_for()


def choose_too_much(page):
    """Choose three practices and a past day."""
    open_step(page, "focus")
    for number in range(3):
        page.locator("input[name=focus]").nth(number).check()
    open_step(page, "when")
    page.get_by_label("Day", exact=True).fill("2026-11-02")
    press(page.locator("button[value=send]").locator("visible=true"))
    page.locator(".errors").wait_for()


def todays_walk(tour):
    """Return Amara's walk that is ready to start."""
    return tour.site.walks("walker", state=State.APPROVED).get()


def walks_before_their_start(tour):
    """One walk in every state before it starts, as its walker sees it."""
    waiting = Walk.objects.filter(state=State.REQUESTED).order_by("pk")
    for walk in waiting[:1]:
        as_walker(tour, walk)
        Walk.objects.filter(pk=walk.pk).update(state=State.DRAFT, requested_at=None)
        as_walker(tour, walk)
    missed = Walk.objects.filter(state=State.APPROVED, date__lt=tour.today).first()
    as_walker(tour, missed)
    tour.look(f"/walks/{missed.pk}/go/")
    tour.look(f"/walks/{missed.pk}/log/")
    for state in (State.CHANGES_ASKED, State.CANCELLED):
        as_walker(tour, Walk.objects.filter(state=state).first())
    as_walker(tour, todays_walk(tour))


def as_walker(tour, walk):
    """Look at a walk's page as its walker."""
    tour.become(walk.walker.email.split("@")[0])
    tour.look(f"/walks/{walk.pk}/")


def during_a_walk(tour):
    """At the next room, in a room, a room on the way, the end; and a walk on another day."""
    tour.become("walker")
    walk, person = todays_walk(tour), tour.site.person("walker")
    first, second, *rest = Stop.objects.filter(walk=walk)
    live = f"/walks/{walk.pk}/go/"
    tour.look(live)
    walking.arrive(first, by=person, now=tour.site.now)
    tour.look(f"{live}{first.pk}/", write_and_photograph)
    tour.look(f"/walks/{walk.pk}/")
    tour.look("/")
    tour.look(f"{live}{first.pk}/?new=1")
    tour.look(f"{live}rooms/")
    walking.leave(first, by=person, now=tour.site.now)
    walking.skip(second, by=person, now=tour.site.now)
    for stop in rest:
        walking.arrive(stop, by=person, now=tour.site.now)
        walking.leave(stop, by=person, now=tour.site.now)
    tour.look(f"{live}done/")
    walk.refresh_from_db()
    walking.finish(walk, by=person, now=tour.site.now)
    tour.look(f"{live}done/")


def write_and_photograph(page):
    """Write a note and upload a photo."""
    page.locator("#id_text").fill("Every table holds up the answer.")
    page.locator("#library").set_input_files({"name": "wall.png", "mimeType": "image/png", "buffer": PHOTO})
    page.locator("[data-photo]").wait_for()


def after_a_walk(tour):
    """Thanking in every stage, and the takeaway."""
    tour.become("walker")
    tour.watch.allow("422")
    walk = tour.site.walks("walker", state=State.WALKED).get()
    as_walker(tour, walk)
    sent, *_others, unsent = Stop.objects.filter(walk=walk)
    tour.look(f"/walks/{walk.pk}/praise/{sent.pk}/")
    tour.look(f"/walks/{walk.pk}/praise/{unsent.pk}/")
    tour.look(f"/walks/{walk.pk}/praise/{unsent.pk}/", lambda page: press(page.locator("button[value=send]")))
    tour.look(
        f"/walks/{walk.pk}/praise/{unsent.pk}/", lambda page: press(page.get_by_role("button", name="as thanked"))
    )
    tour.look(f"/walks/{walk.pk}/takeaway/")
    tour.look(f"/walks/{walk.pk}/takeaway/", lambda page: press(page.locator("main form button").last))
    Walk.objects.filter(pk=walk.pk).update(praise_due_at=walk.finished_at)
    as_walker(tour, walk)
    for stop in stops_to_thank(walk):
        thank_in_person(stop, text="", photo=None, by=walk.walker, now=tour.site.now)
    as_walker(tour, walk)


def received_praise(tour):
    """Received praise, keepsakes, sent praise, takeaways, and a finished walk."""
    tour.become("host")
    draft = Praise.objects.filter(host=tour.site.person("host"), sent_at__isnull=False).first()
    for address in ("/praise/", "/praise/sent/", f"/praise/{draft.pk}/", f"/praise/{draft.pk}/keepsake/"):
        tour.look(address)
    tour.become("walker")
    tour.look("/praise/sent/")
    tour.look("/walks/ideas/")
    walk = tour.site.walks("walker", state=State.COMPLETE).first()
    tour.look(f"/walks/{walk.pk}/takeaway/")
    as_walker(tour, walk)


def deciding(tour):
    """The list of requests, one of them, and a walk as its Head of Grade sees it."""
    tour.become("head")
    tour.watch.allow("422")
    tour.look("/approvals/")
    for walk in Walk.objects.filter(state=State.REQUESTED).order_by("pk")[:2]:
        tour.look(f"/approvals/{walk.pk}/")
        tour.look(f"/walks/{walk.pk}/")
    tour.look(f"/approvals/{walk.pk}/?ask=1", lambda page: press(page.get_by_role("button", name="Ask").last))
    changing_a_decision(tour, walk)
    Walk.objects.filter(state=State.REQUESTED).delete()
    tour.look("/approvals/")


def changing_a_decision(tour, walk):
    """Coming walks, an approved walk, cancelling it, and a question that waits for the walker."""
    head = tour.site.person("head")
    tour.look("/approvals/coming/")
    approval.approve(walk, by=head, now=tour.site.now)
    tour.look("/approvals/coming/")
    tour.look(f"/approvals/{walk.pk}/")
    tour.look(f"/approvals/{walk.pk}/cancel/", lambda page: press(page.get_by_role("button", name="Cancel this walk")))
    decision_changes.reconsider(walk, words="A test came up.", by=head, now=tour.site.now)
    tour.look(f"/approvals/{walk.pk}/")


def administering(tour):
    """The report, the reminder mail, and people."""
    tour.become("admin")
    tour.watch.allow("422")
    jonas = tour.site.person("host").pk
    for address in ("/report/", "/report/?q=nobody", "/report/nudge/"):
        tour.look(address)
    tour.look(f"/report/excuse/{jonas}/")
    for address in ("/people/", "/people/?q=nobody", "/people/new/", f"/people/{jonas}/"):
        tour.look(address)
    tour.look("/people/new/", lambda page: press(page.get_by_role("button", name="Check these lines")))
    tour.look("/people/new/", lambda page: preview_people(page, "Ada Novak, ada@maplehill.example"))
    tour.look("/people/new/", lambda page: preview_people(page, "Ada Novak <ada@maplehill.example>"))


def preview_people(page, line):
    """Preview new colleagues, one per line, before inviting them."""
    page.locator("textarea").fill(line)
    press(page.get_by_role("button", name="Check these lines"))


LIKE_ROOMS = ("buildings", "campuses", "closures", "grades", "hallways", "periods", "semesters", "teams")


def settings_of_the_school(tour):
    """Every kind of settings page; of the lists with one template, that of the rooms."""
    tour.become("admin")
    tour.page.goto("/settings/")
    links = tour.page.locator("main a").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    tour.look("/settings/")
    left_out = {f"/settings/{slug}/" for slug in LIKE_ROOMS}
    for address in sorted({link for link in links if link.startswith("/settings/")} - left_out):
        tour.look(address)
    for address in ("/settings/rooms/new/", "/settings/bells/new/"):
        tour.look(address)


def open_doors(tour):
    """The doors of two teachers, one door with a visitor, opening one, and an error."""
    tour.watch.allow("422")
    for mailbox in ("walker", "host"):
        tour.become(mailbox)
        tour.look("/doors/")
    tour.look("/doors/new/", lambda page: press(page.get_by_role("button", name="Open my door")))
    tour.look(f"/doors/{OpenDoor.objects.get(host=tour.site.person('host')).pk}/")


def information_pages(tour):
    """Norms, privacy, help, the account pages, the mailbox, and a page that does not exist."""
    tour.become("walker")
    head = tour.site.person("head")
    walk = Walk.objects.filter(state=State.REQUESTED, walker__grade=head.grade).order_by("pk").last()
    approval.approve(walk, by=head, now=tour.site.now)
    tour.site.advance(seconds=31)
    tour.site.deliver()
    for address in ("/norms/", "/privacy/", "/help/", "/me/", "/me/emails/", "/account/sessions/", "/account/2fa/"):
        tour.look(address)
    tour.look("/demo/mailbox/")
    tour.look("/demo/mailbox/", lambda page: press(page.locator(".rows a").first))
    tour.watch.allow("404")
    tour.look("/nowhere/")


ALL = [
    signed_out,
    home_pages,
    planning,
    walks_before_their_start,
    during_a_walk,
    after_a_walk,
    received_praise,
    deciding,
    administering,
    settings_of_the_school,
    open_doors,
    information_pages,
]
