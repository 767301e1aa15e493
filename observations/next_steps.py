"""The next step of each of a person's walks, in words. Home shows the most urgent one first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import local_date
from school.models import Person, Semester
from school.text.dates import date_words
from school.text.typed import number_in_words
from walks import status
from walks.models import State, Stop, Walk
from walks.status import Status

# Keys of statuses, most urgent first. "today" is an approved walk on its day.
ORDER = (
    "walking",
    "praise_due",
    "forgotten",
    "praise_late",
    "today",
    "takeaway",
    "changes_asked",
    "missed",
    "passed",
    "draft",
    "requested",
    "approved",
    "complete",
)
# Statuses of walks that are still ahead.
COMING_UP = ("today", "changes_asked", "approved", "requested")
# Statuses in which something waits for the walker.
ASKING = ("walking", "praise_due", "forgotten", "praise_late", "takeaway", "changes_asked", "missed", "passed", "draft")
# Fields that Home shows of a visit to the person's own room.
VISIT_FIELDS = (
    "room__code",
    "walk__date",
    "walk__period__name",
    "walk__walker__given_name",
    "walk__walker__family_name",
)
FOOTSTEPS = ("plan", "walk", "praise", "takeaway")


@dataclass(frozen=True)
class NextStep:
    """One thing to do: its words, its button, and which of the four footsteps it is."""

    walk: Walk
    status: Status
    key: str  # one of ORDER
    step: str  # one of FOOTSTEPS, or "complete"
    heading: str
    line: str
    action: str  # text of the button
    view: str  # name of the button's URL
    waiting: list[Stop] = field(default_factory=list)  # rooms whose hosts are not thanked yet
    spoken: str = ""  # text for screen readers
    also: str = ""  # text of a second button
    also_view: str = ""

    @property
    def in_short(self) -> str:
        """The step as one line among others: thank-yous are counted for this walk only."""
        return self.status.heading if self.step == "praise" else self.heading

    @property
    def footsteps(self) -> str:
        """Return the text of the four footsteps for screen readers."""
        word = {"semester": self.walk.semester.word}
        if self.step not in FOOTSTEPS:
            return _("Your %(semester)s walk, all four steps done") % word
        return _("Your %(semester)s walk, step %(n)s of 4") % {**word, "n": FOOTSTEPS.index(self.step) + 1}


def walks_of(person: Person, semester: Semester | None) -> list[Walk]:
    """Return the walks for Home: this semester's, and older ones that wait to be finished or for praise."""
    under_way = Q(state=State.APPROVED, started_at__isnull=False)
    for_home = Q(semester=semester) | Q(state=State.WALKED) | under_way
    own = person.walks.exclude(state=State.CANCELLED)
    return list(own.filter(for_home).with_route_without_walker().order_by("starts_at"))


def announced_visits(person: Person, *, now: dt.datetime, count: int = 3) -> list[Stop]:
    """Return coming visits to the person's room that were announced, soonest first."""
    agreed = Stop.objects.hosted_by(person, now).filter(walk__state=State.APPROVED)
    shown = agreed.select_related("walk__walker", "walk__period", "room").only(*VISIT_FIELDS)
    return list(shown.order_by("walk__starts_at")[:count])


def most_urgent(
    walks: Iterable[Walk], *, now: dt.datetime, cover_needed: Mapping[int, str] | None = None
) -> NextStep | None:
    """Return the most urgent step; among equally urgent walks that of the earliest.

    `cover_needed` says, by id of the walk, why the walk needs cover.
    """
    ranked = sorted(walks, key=lambda walk: (ORDER.index(_key(walk, now)), walk.starts_at))
    if not ranked:
        return None
    first = _with_all_praise(describe(ranked[0], now=now), ranked)
    why = (cover_needed or {}).get(first.walk.pk)
    if not why:
        return first
    state = status.with_cover_needed(first.status, why)
    return replace(first, status=state, heading=state.heading, line=why)


def _with_all_praise(first: NextStep, walks: Iterable[Walk]) -> NextStep:
    """Count the colleagues of all walks in the heading, as the badge of the navigation does."""
    others = sum(
        len(status.stops_to_thank(walk)) for walk in walks if walk != first.walk and walk.state == State.WALKED
    )
    if first.step != "praise" or not others:
        return first
    here = len(first.waiting)
    words = _("%(here)s from your walk on %(date)s, %(others)s from other walks. A few sentences each.")
    numbers = {"here": number_in_words(here), "others": number_in_words(others).lower(), "date": date(first.walk)}
    return replace(first, heading=_waiting_words(here + others), line=words % numbers)


def _waiting_words(count: int) -> str:
    words = ngettext(
        "%(count)s colleague is waiting to hear what you loved",
        "%(count)s colleagues are waiting to hear what you loved",
        count,
    )
    return words % {"count": number_in_words(count)}


def coming_up(walks: Iterable[Walk], *, now: dt.datetime, but: Walk | None) -> Walk | None:
    """Return the walk that Home shows second: one of today, else one with a question to the walker, else the earliest.

    `but` is the walk that Home shows first.
    """
    ahead = (walk for walk in walks if walk != but and walk.ends_at > now and _key(walk, now) in COMING_UP)
    rank = {"today": 0, "changes_asked": 1}
    return min(ahead, key=lambda walk: (rank.get(_key(walk, now), 2), walk.starts_at), default=None)


def also_asking(walks: Iterable[Walk], *, now: dt.datetime, but: Iterable[Walk | None]) -> list[NextStep]:
    """Return other steps that wait for the walker, most urgent first, without the walks in `but`."""
    shown = list(but)
    asking = [walk for walk in walks if walk not in shown and _key(walk, now) in ASKING]
    ranked = sorted(asking, key=lambda walk: (ORDER.index(_key(walk, now)), walk.starts_at))
    return [describe(walk, now=now) for walk in ranked]


def _key(walk: Walk, now: dt.datetime) -> str:
    key = status.of(walk, now).key
    today = local_date(walk.walker.school, now)
    return "today" if key == "approved" and walk.date == today else key


def describe(walk: Walk, *, now: dt.datetime) -> NextStep:
    """Return the next step of a walk, in words."""
    key = _key(walk, now)
    return DESCRIPTIONS[key](walk, status.of(walk, now), key)


def _walking(walk: Walk, state: Status, key: str) -> NextStep:
    return NextStep(walk, state, key, "walk", state.heading, state.line, _("Back to my walk"), "observations:go")


def _forgotten(walk: Walk, state: Status, key: str) -> NextStep:
    line = _("%(began)s Finish it, and correct the times if you like.") % {"began": state.line}
    return NextStep(walk, state, key, "walk", state.heading, line, _("Finish my walk"), "observations:go_done")


def _praise(walk: Walk, state: Status, key: str) -> NextStep:
    waiting = status.stops_to_thank(walk)
    thanked = sum(1 for stop in walk.stops.all() if stop.visited and stop.thanked_at)
    heading = _waiting_words(len(waiting))
    if key == "praise_late":
        names = get_text_list([stop.host.given_name for stop in waiting], _("and"))
        line = _("It isn’t too late for %(names)s. Late praise is still welcome.") % {"names": names}
    else:
        line = _progress(thanked, len(waiting))
    return NextStep(
        walk,
        state,
        key,
        "praise",
        heading,
        line,
        _("Write to %(name)s") % {"name": waiting[0].host.given_name},
        "observations:praise_next",
        waiting=waiting,
        spoken=_("%(done)s of %(all)s thanked") % {"done": thanked, "all": thanked + len(waiting)},
    )


def _progress(done: int, left: int) -> str:
    if not done:
        return _("A few sentences each, while it’s fresh.")
    thanked = ngettext("%(n)s thanked", "%(n)s thanked", done) % {"n": number_in_words(done)}
    to_go = ngettext("%(n)s to go", "%(n)s to go", left) % {"n": number_in_words(left).lower()}
    return _("%(thanked)s, %(to_go)s. A few sentences each, while it’s fresh.") % {"thanked": thanked, "to_go": to_go}


def _today(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk is today at %(time)s") % {"time": clock(walk)}
    return NextStep(
        walk,
        state,
        key,
        "walk",
        heading,
        _rooms(walk),
        _("Start walk"),
        "observations:go",
        also=_("Change or cancel"),
        also_view="walks:detail",
    )


def _takeaway(walk: Walk, state: Status, key: str) -> NextStep:
    line = _("No more praise to write. Add your takeaway, and your walk is complete.")
    return NextStep(walk, state, key, "takeaway", state.line, line, _("Add my takeaway"), "observations:takeaway")


def _change(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("A small change to your %(day)s walk?") % {"day": weekday(walk)}
    action = _("Accept or reply") if walk.suggested_period_id else _("Read and reply")
    return NextStep(walk, state, key, "plan", heading, state.line, action, "walks:detail")


def _missed(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Another time for %(day)s’s walk?") % {"day": weekday(walk)}
    return NextStep(
        walk,
        state,
        key,
        "walk",
        heading,
        _("It happens. Pick another time."),
        _("Pick another time"),
        "walks:edit",
        also=_("I did walk"),
        also_view="observations:log",
    )


def _passed(walk: Walk, state: Status, key: str) -> NextStep:
    return NextStep(walk, state, key, "plan", state.heading, state.line, _("Pick another day"), "walks:edit")


def _draft(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk on %(date)s is nearly planned") % {"date": date(walk)}
    return NextStep(walk, state, key, "plan", heading, state.line, _("Finish and send"), "walks:edit")


def _requested(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk on %(date)s is waiting for approval") % {"date": date(walk)}
    return NextStep(walk, state, key, "plan", heading, state.line, _("See my walk"), "walks:detail")


def _approved(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("You’re set: %(date)s, %(period)s") % {"date": date(walk), "period": walk.period}
    return NextStep(walk, state, key, "walk", heading, _rooms(walk), _("See my walk"), "walks:detail")


def _complete(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your %(semester)s walk is complete") % {"semester": walk.semester.word}
    return NextStep(
        walk,
        state,
        key,
        "complete",
        heading,
        state.line,
        _("Plan another"),
        "walks:new",
        also=_("Ideas I borrowed"),
        also_view="observations:ideas",
    )


DESCRIPTIONS: dict[str, Callable[[Walk, Status, str], NextStep]] = {
    "walking": _walking,
    "forgotten": _forgotten,
    "praise_due": _praise,
    "praise_late": _praise,
    "today": _today,
    "takeaway": _takeaway,
    "changes_asked": _change,
    "missed": _missed,
    "passed": _passed,
    "draft": _draft,
    "requested": _requested,
    "approved": _approved,
    "complete": _complete,
}


def _rooms(walk: Walk) -> str:
    codes = ", ".join(stop.room.code for stop in walk.stops.all())
    focus = get_text_list(walk.focus_names, _("and"))
    return _("Rooms %(codes)s. You’re looking for: %(focus)s.") % {"codes": codes, "focus": focus.lower()}


def clock(walk: Walk) -> str:
    """Return the start of the walk in the school's time: 10:25."""
    return date_format(walk.starts_at.astimezone(walk.walker.school.zone), "H:i")


def date(walk: Walk) -> str:
    """Return the date of the walk: Thursday 12 November."""
    return date_words(walk.date)


def weekday(walk: Walk) -> str:
    """Return the weekday of the walk: Thursday."""
    return date_format(walk.date, "l")
