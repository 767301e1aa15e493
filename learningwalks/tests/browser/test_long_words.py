"""A very long word (a pasted URL, a name, a title) breaks, and tables stay inside their cards."""

import datetime as dt

import pytest
from django.utils import timezone

from observations.models import Praise
from school.models import Room
from walks.models import Excusal, State, Walk

from .conftest import DESKTOP, PHONE
from .measures import OPEN_ALL_DETAILS, TOO_WIDE

pytestmark = pytest.mark.browser
LONG_WORD = "W" * 120
OUT_OF_THE_CARD = """() => [...document.querySelectorAll(".card .table")].filter(table => {
    const body = table.closest(".card-body"), scrolls = getComputedStyle(body).overflowX === "auto";
    return !scrolls && table.getBoundingClientRect().right > body.getBoundingClientRect().right;
}).map(table => table.innerText.slice(0, 40))"""


CUT_OFF = """() => [...document.querySelectorAll(".card-body")].filter(body => body.scrollWidth > body.clientWidth)
    .map(body => body.innerText.slice(0, 40))"""


@pytest.fixture
def waiting(site):
    """A colleague's walk that waits for its Head of Grade, with a very long focus."""
    walk = Walk.objects.filter(state=State.REQUESTED, walker__grade=site.person("head").grade).earliest("pk")
    Walk.objects.filter(pk=walk.pk).update(own_focus=LONG_WORD)
    return walk


def too_wide(visit, pages, widths):
    """Return what is too wide on these pages, and at which width."""
    for login, addresses in pages.items():
        page = visit(login)
        for address in addresses:
            page.goto(address)
            page.evaluate(OPEN_ALL_DETAILS)
            for width in widths:
                page.set_viewport_size({"width": width, "height": 800})
                if found := page.evaluate(TOO_WIDE) or page.evaluate(OUT_OF_THE_CARD):
                    yield address, width, found


def test_a_very_long_focus_widens_no_page(visit, waiting):
    walker = waiting.walker.email.split("@")[0]
    pages = {
        "head": ["/approvals/", f"/approvals/{waiting.pk}/", f"/walks/{waiting.pk}/"],
        walker: ["/", "/walks/", f"/walks/{waiting.pk}/", f"/walks/{waiting.pk}/edit/"],
    }
    assert list(too_wide(visit, pages, [320, PHONE, DESKTOP])) == []


def test_very_long_names_widen_no_page(visit, waiting):
    walker = type(waiting.walker).objects.filter(pk=waiting.walker.pk)
    walker.update(given_name="M" * 60, family_name="N" * 60)
    pages = {
        "head": ["/approvals/", f"/approvals/{waiting.pk}/", f"/walks/{waiting.pk}/"],
        "admin": ["/report/", "/report/?q=MMM", "/people/?q=MMM", f"/people/{waiting.walker.pk}/"],
    }
    assert list(too_wide(visit, pages, [320, PHONE, 1024, DESKTOP])) == []


def test_very_long_names_of_rooms_widen_no_page(visit, waiting):
    for room in Room.objects.all():
        room.code = f"{room.code}{'M' * 37}"
        room.plate = ""
        room.save()
    walker = waiting.walker.email.split("@")[0]
    pages = {
        "head": ["/approvals/", f"/approvals/{waiting.pk}/"],
        walker: ["/", "/walks/", f"/walks/{waiting.pk}/", f"/walks/{waiting.pk}/edit/"],
        "admin": ["/settings/rooms/", f"/settings/rooms/{Room.objects.latest('pk').pk}/", "/settings/timetable/"],
    }
    assert list(too_wide(visit, pages, [320, PHONE, DESKTOP])) == []


def test_the_report_stays_inside_its_cards(visit, site):
    Excusal.objects.update(reason=LONG_WORD[:80])
    grade = site.person("walker").grade_id
    pages = {"admin": ["/report/?all=1", f"/report/?grade={grade}"], "head": ["/report/"]}
    assert list(too_wide(visit, pages, [1000, 1024, 1190, 1200, DESKTOP])) == []


def test_the_column_of_excusal_reasons_is_wide_enough(visit, site):
    Excusal.objects.update(reason="On parental leave until the spring semester; Ms Novak takes all of her classes")
    page = visit("admin")
    page.goto("/report/?all=1")
    assert page.locator("td.reason").first.bounding_box()["height"] < 200  # pixels: seven lines, not twelve
    for width in (768, 900, 1000, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(CUT_OFF) == [], width
        assert page.locator("table.stack tbody th").first.bounding_box()["width"] > 130, width  # so that no name breaks


def test_notes_after_a_walk_fit_a_small_phone(visit, site):
    stop = site.walks(state=State.WALKED).first().stops.filter(left_at__isnull=False).first()
    type(stop.host).objects.filter(pk=stop.host_id).update(given_name="Maximiliane")
    pages = {"walker": [f"/walks/{stop.walk_id}/go/{stop.pk}/"]}
    assert list(too_wide(visit, pages, [320, PHONE])) == []


def test_the_tabs_of_new_praise_and_search_share_one_line_of_a_phone(visit, site):
    received = Praise.objects.filter(host=site.person("host"), sent_at__isnull=False)
    newest = received.latest("sent_at")
    received.update(read_at=timezone.now())
    Praise.objects.filter(pk=newest.pk).update(sent_at=timezone.now() - dt.timedelta(hours=1), read_at=None)
    page = visit("host")
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto("/praise/")
    links = [page.get_by_role("main").get_by_role("link", name=name) for name in ("Received 1 new", "Sent", "Search")]
    assert len({link.bounding_box()["y"] for link in links}) == 1
