"""What a walker does next on a walk, in words: heading, explanation and button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.text.dates import date_words
from school.text.typed import number_in_words
from walks import status
from walks.models import Stop, Walk
from walks.status import Obstacle, Status

FOOTSTEPS = ("plan", "walk", "praise", "takeaway")


@dataclass(frozen=True)
class NextStep:
    """One thing to do, with its button."""

    walk: Walk
    status: Status
    key: str  # one of next_steps.ORDER
    step: str  # one of FOOTSTEPS, or "complete"
    heading: str
    line: str
    button: str  # text of the button
    url_name: str  # where the button leads
    stops_to_thank: list[Stop] = field(default_factory=list)
    thanks_elsewhere: int = 0  # colleagues to thank for other walks
    progress: str = ""  # read by screen readers at the present footstep
    second_button: str = ""
    second_url_name: str = ""

    @property
    def short_heading(self) -> str:
        """The heading in a list of several steps: it counts the thank-yous of this walk only."""
        return self.status.heading if self.step == "praise" else self.heading

    @property
    def footsteps_label(self) -> str:
        """Return the label of the four footsteps, for screen readers."""
        word = {"semester": self.walk.semester.word}
        if self.step not in FOOTSTEPS:
            return _("Your %(semester)s walk, all four steps done") % word
        return _("Your %(semester)s walk, step %(n)s of 4") % {**word, "n": FOOTSTEPS.index(self.step) + 1}


def step_key(walk: Walk, now: dt.datetime, obstacle: Obstacle | None = None) -> str:
    """Return the key of the walk's status, or "today" for an approved walk on its day."""
    return status.key_today(walk, status.with_obstacle(status.of(walk, now), obstacle), now)


def next_step(walk: Walk, *, now: dt.datetime, obstacle: Obstacle | None = None) -> NextStep:
    key = step_key(walk, now, obstacle)
    state = status.with_obstacle(status.of(walk, now), obstacle)
    step = STEP_OF_KEY[key](walk, state, key)
    if obstacle is None or obstacle.kind != "cover_needed":
        return step
    return replace(step, heading=state.heading, line=obstacle.words)


def _walking(walk: Walk, state: Status, key: str) -> NextStep:
    return NextStep(walk, state, key, "walk", state.heading, state.line, _("Back to my walk"), "observations:go")


def _forgotten(walk: Walk, state: Status, key: str) -> NextStep:
    line = _("%(began)s Finish it, and correct the times if you like.") % {"began": state.line}
    return NextStep(walk, state, key, "walk", state.heading, line, _("Finish my walk"), "observations:go_done")


def _praise(walk: Walk, state: Status, key: str) -> NextStep:
    waiting = status.stops_to_thank(walk)
    thanked = sum(1 for stop in walk.stops.all() if stop.visited and stop.thanked_at)
    heading = waiting_words(len(waiting))
    line = state.line if key == "praise_late" else _praise_so_far(thanked, len(waiting))
    return NextStep(
        walk,
        state,
        key,
        "praise",
        heading,
        line,
        _("Write to %(name)s") % {"name": waiting[0].host.short_name},
        "observations:praise_next",
        stops_to_thank=waiting,
        progress=_("%(done)s of %(all)s thanked") % {"done": thanked, "all": thanked + len(waiting)},
    )


def _praise_so_far(done: int, left: int) -> str:
    if not done:
        return _("A few sentences each, while it’s fresh.")
    thanked = ngettext("%(n)s thanked", "%(n)s thanked", done) % {"n": number_in_words(done)}
    to_go = ngettext("%(n)s to go", "%(n)s to go", left) % {"n": number_in_words(left).lower()}
    return _("%(thanked)s, %(to_go)s. A few sentences each, while it’s fresh.") % {"thanked": thanked, "to_go": to_go}


def _today(walk: Walk, state: Status, key: str) -> NextStep:
    words = _("Your visit is today at %(time)s") if walk.is_drop_in else _("Your walk is today at %(time)s")
    heading = words % {"time": _start_time(walk)}
    return NextStep(
        walk,
        state,
        key,
        "walk",
        heading,
        _rooms(walk),
        _("Start walk"),
        "observations:go",
        second_button=_("Change or cancel"),
        second_url_name="walks:detail",
    )


def _takeaway(walk: Walk, state: Status, key: str) -> NextStep:
    line = _("No more praise to write. Add your takeaway, and your walk is complete.")
    return NextStep(walk, state, key, "takeaway", state.line, line, _("Add my takeaway"), "observations:takeaway")


def _changes_asked(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("A small change to your %(day)s walk?") % {"day": _weekday(walk)}
    action = _("Accept or reply") if walk.suggested_period_id else _("Read and reply")
    return NextStep(walk, state, key, "plan", heading, state.line, action, "walks:detail")


def _missed(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Another time for %(day)s’s walk?") % {"day": _weekday(walk)}
    return NextStep(
        walk,
        state,
        key,
        "walk",
        heading,
        _("It happens. Pick another time."),
        _("Pick another time"),
        "walks:edit",
        second_button=_("I did this walk"),
        second_url_name="observations:log",
    )


def _passed(walk: Walk, state: Status, key: str) -> NextStep:
    return NextStep(walk, state, key, "plan", state.heading, state.line, _("Pick another day"), "walks:edit")


def _draft(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk on %(date)s is nearly planned") % {"date": date_words(walk.date)}
    return NextStep(walk, state, key, "plan", heading, state.line, _("Finish and send"), "walks:edit")


def _requested(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk on %(date)s is waiting for approval") % {"date": date_words(walk.date)}
    return NextStep(walk, state, key, "plan", heading, state.line, _("See my walk"), "walks:detail")


def _approved(walk: Walk, state: Status, key: str) -> NextStep:
    heading = _("Your walk is approved: %(date)s, %(period)s") % {"date": date_words(walk.date), "period": walk.period}
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
        second_button=_("Ideas I borrowed"),
        second_url_name="observations:ideas",
    )


STEP_OF_KEY: dict[str, Callable[[Walk, Status, str], NextStep]] = {
    "walking": _walking,
    "forgotten": _forgotten,
    "praise_due": _praise,
    "praise_late": _praise,
    "today": _today,
    "takeaway": _takeaway,
    "changes_asked": _changes_asked,
    "missed": _missed,
    "no_school": _passed,
    "passed": _passed,
    "draft": _draft,
    "requested": _requested,
    "approved": _approved,
    "complete": _complete,
}


def _rooms(walk: Walk) -> str:
    stops = walk.room_stops
    if len(stops) == 1:
        where = _("Room %(code)s, %(names)s.") % {"code": stops[0].room.code, "names": stops[0].host_names}
    else:
        where = _("Rooms %(codes)s.") % {"codes": ", ".join(stop.room.code for stop in stops)}
    if not walk.focus_names:
        return where
    focus = get_text_list(walk.focus_names, _("and"))
    return _("%(where)s You’re looking for: %(focus)s.") % {"where": where, "focus": focus.lower()}


def _start_time(walk: Walk) -> str:
    return date_format(walk.starts_at.astimezone(walk.walker.school.zone), "H:i")


def _weekday(walk: Walk) -> str:
    return date_format(walk.date, "l")


def waiting_words(count: int) -> str:
    """Return the heading that counts the colleagues who are not thanked yet."""
    words = ngettext(
        "%(count)s colleague is waiting to hear what you loved",
        "%(count)s colleagues are waiting to hear what you loved",
        count,
    )
    return words % {"count": number_in_words(count)}
