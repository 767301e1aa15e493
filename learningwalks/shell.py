"""The shell around every page: navigation by role, with badges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.sending import transports
from observations.models import Praise
from school import demo
from school.models import Person
from walks.workflow.approval import waiting_count
from walks.workflow.completion import praise_to_send_count


@cache
def address_of(view: str) -> str:
    """Return the URL of a page without arguments, or an empty string if this installation has no such page."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class NavItem:
    """One entry of the top bar or the phone tab bar."""

    key: str
    view: str
    text: str | Promise
    icon: str

    @property
    def url(self) -> str:
        """The URL; empty if this installation has no such page."""
        return address_of(self.view)


HOME = NavItem("home", "home", _("Home"), "house-door")
WALKS = NavItem("walks", "walks:list", _("My walks"), "signpost-2")
WALKS_TAB = NavItem("walks", "walks:list", _("Walks"), "signpost-2")
PLAN_TAB = NavItem("plan", "walks:new", _("Plan"), "plus-circle-fill")
DOORS = NavItem("doors", "walks:doors", _("Open doors"), "door-open")
DOORS_TAB = NavItem("doors", "walks:doors", _("Doors"), "door-open")
PRAISE = NavItem("praise", "praise:list", _("Praise"), "envelope-heart")
APPROVALS = NavItem("approvals", "walks:approvals", _("Approvals"), "calendar2-check")
APPROVE_TAB = NavItem("approvals", "walks:approvals", _("Approve"), "calendar2-check")
COMING = NavItem("coming", "walks:coming", _("Upcoming"), "calendar2-week")
SEMESTER_REPORT = NavItem("report", "walks:report", _("Semester report"), "bar-chart-line")
REPORT = NavItem("report", "walks:report", _("Report"), "bar-chart-line")
PEOPLE = NavItem("people", "accounts:people", _("People"), "people")
SCHOOL_SETTINGS = NavItem("settings", "school:settings", _("School settings"), "gear")
SETTINGS = NavItem("settings", "school:settings", _("Settings"), "gear")


def top_items(person: Person) -> list[NavItem]:
    """Return the desktop top bar. Roles add up: a teacher may also be a Head of Grade and an administrator."""
    if person.is_administrator and not person.is_teacher and not person.is_head:
        return [SEMESTER_REPORT, APPROVALS, PEOPLE, SCHOOL_SETTINGS]
    items = [HOME]
    if person.is_head or person.is_administrator:
        items.append(APPROVALS)
    if person.is_head:
        items.append(COMING)
    items += [WALKS, DOORS, PRAISE]
    if person.is_head or person.is_administrator:
        items.append(REPORT)
    if person.is_administrator:
        items += [PEOPLE, SETTINGS]
    return items


def tab_items(person: Person) -> list[NavItem]:
    """Return the phone tab bar, at most five entries. The account page lists the others."""
    if person.is_administrator and not person.is_teacher and not person.is_head:
        return [REPORT, APPROVALS, PEOPLE, SETTINGS]
    second = APPROVE_TAB if person.is_head else WALKS_TAB
    return [HOME, second, PLAN_TAB, DOORS_TAB, PRAISE]


class Shell:
    """The data of the page shell. Each part is computed when the template uses it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def person(self) -> Person | None:
        """The signed-in person, or None if signed out or without a school."""
        user = getattr(self.request, "user", None)
        return user if isinstance(user, Person) and user.school_id else None

    @property
    def version(self) -> str:
        return settings.VERSION

    @property
    def mail_goes_nowhere(self) -> bool:
        """Whether mails only become files on the server."""
        return transports.mail_goes_nowhere(self.person)

    @cached_property
    def waiting(self) -> int:
        """The number of walks that wait for this person's decision. A view that knows it sets `request.waiting`."""
        counted: int | None = getattr(self.request, "waiting", None)
        if counted is not None:
            return counted
        return waiting_count(self.person) if self.person else 0

    @cached_property
    def praise_to_send(self) -> int:
        """How many hosts this person has not thanked yet. Usually the number was loaded with the person."""
        if self.person is None:
            return 0
        known = self.person.praise_to_send
        return praise_to_send_count(self.person) if known is None else known

    @cached_property
    def new_praise(self) -> int:
        """The number of received praises that this person has not opened yet."""
        if self.person is None:
            return 0
        known = self.person.new_praise
        return Praise.objects.new_to(self.person).count() if known is None else known

    @cached_property
    def new_thanks(self) -> int:
        """The number of thanks for this person's praise that they have not seen yet."""
        if self.person is None:
            return 0
        known = self.person.new_thanks
        return Praise.objects.with_new_thanks_to(self.person).count() if known is None else known

    @property
    def top(self) -> list[dict[str, Any]]:
        """The top bar with its badges."""
        return self._entries(top_items(self.person)) if self.person else []

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The phone tab bar with its badges."""
        return self._entries(tab_items(self.person)) if self.person else []

    @property
    def more(self) -> list[dict[str, Any]]:
        """Entries that have no room in the phone tab bar. The account page lists them."""
        tabs = {tab["key"] for tab in self.tabs}
        return [item for item in self.top if item["key"] not in tabs]

    def _entries(self, items: list[NavItem]) -> list[dict[str, Any]]:
        shown = [item for item in items if item.url]
        current = self._current(shown)
        badges = {item.key: self._badge(item) for item in shown}
        return [
            {
                "key": item.key,
                "url": item.url,
                "text": item.text,
                "icon": item.icon,
                "here": item is current,
                "count": badges[item.key][0],
                "count_words": badges[item.key][1],
            }
            for item in shown
        ]

    def _badge(self, item: NavItem) -> tuple[int, str]:
        """Return the number for the badge of this entry, and words for screen readers that say what it counts."""
        if item.key == "approvals":
            return self.waiting, _("%(n)s waiting") % {"n": self.waiting}
        if item.key != "praise":
            return 0, ""
        parts = [
            (self.new_praise, _("%(n)s new to read")),
            (self.new_thanks, _("%(n)s new thanks")),
            (self.praise_to_send, _("%(n)s to write")),
        ]
        return sum(n for n, _words in parts), ", ".join(str(words) % {"n": n} for n, words in parts if n)

    def _current(self, items: list[NavItem]) -> NavItem | None:
        """Return the entry of the current page: the one with the longest URL that the path starts with.

        A view whose page belongs to another entry sets its key as `request.menu_entry`.
        """
        path = self.request.path
        key = getattr(self.request, "menu_entry", "praise" if "/praise/" in path else "")
        named = next((item for item in items if item.key == key), None)
        if named is not None:
            return named
        matching = [item for item in items if path == item.url or (item.url != "/" and path.startswith(item.url))]
        return max(matching, key=lambda item: len(item.url), default=None)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor for the page shell."""
    page_shell = Shell(request)
    return {"demo": demo.is_open(page_shell.person), "shell": page_shell}
