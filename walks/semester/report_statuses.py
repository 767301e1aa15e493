"""The statuses of the semester report: what they are called, how they look, and when they occur."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COMPLETE = "complete"
UNDER_WAY = "under_way"
PLANNED = "planned"
NOT_PLANNED = "not_planned"
EXCUSED = "excused"
NOT_COMPLETED = "not_completed"
NO_WALK = "no_walk"  # where walks are voluntary


class StatusLook(NamedTuple):
    """How a status is shown. Excused teachers are not in the bar, so their `bar_css` is empty."""

    label: str | Promise
    pill_css: str
    icon: str
    bar_css: str


STATUSES = {
    COMPLETE: StatusLook(_("Complete"), "pill-done", "check-circle-fill", "done"),
    UNDER_WAY: StatusLook(_("Under way"), "pill-change", "person-walking", "way"),
    PLANNED: StatusLook(_("Planned"), "pill-wait", "calendar2-check", "plan"),
    NOT_PLANNED: StatusLook(_("Not yet planned"), "pill-quiet", "circle", "none"),
    EXCUSED: StatusLook(_("Excused"), "", "dash-circle", ""),
    NOT_COMPLETED: StatusLook(_("Not completed"), "pill-quiet", "circle", "none"),
    NO_WALK: StatusLook(_("No walk"), "pill-quiet", "circle", "none"),
}
STATUSES_DURING_SEMESTER = (COMPLETE, UNDER_WAY, PLANNED, NOT_PLANNED, EXCUSED)
STATUSES_AFTER_SEMESTER = (COMPLETE, NOT_COMPLETED, EXCUSED)
STATUSES_OF_VOLUNTARY_WALKS = (COMPLETE, UNDER_WAY, PLANNED, NO_WALK)
SORTED_STATUSES = (NOT_PLANNED, NOT_COMPLETED, NO_WALK, PLANNED, UNDER_WAY, COMPLETE, EXCUSED)
