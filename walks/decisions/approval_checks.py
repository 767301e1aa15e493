"""What a Head of Grade looks at before approving, besides clashes and cover; the page checks it for them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..planning.plan import MAX_FOCUS, Plan


def warnings_about(plan: Plan, *, reads_focus: bool) -> list[str]:
    """Return in sentences what is unusual about the plan."""
    warnings = []
    if "one_colleague" in unusual(plan):
        warnings.append(_("All these rooms are one colleague’s. A walk visits a hallway, building or team."))
    if reads_focus and "focus" in unusual(plan):
        warnings.append(_("Ask for one or two things to look for."))
    return warnings


def unusual(plan: Plan) -> set[str]:
    """Return what is unusual: only one colleague is visited, or no good number of things to look for."""
    found = set()
    if len({host.pk for stop in plan.stops for host in stop.hosts}) < 2:
        found.add("one_colleague")
    if not 1 <= plan.focus_count <= MAX_FOCUS:
        found.add("focus")
    return found
