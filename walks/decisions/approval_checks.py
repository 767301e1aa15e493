"""What a Head of Grade looks at before approving, besides clashes and cover; the page checks it for them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..planning.plan import MAX_FOCUS, Plan


def warnings_about(plan: Plan, *, reads_focus: bool) -> list[str]:
    """Return what is unusual about the plan: only one colleague is visited, or no good number of things to look for."""
    warnings = []
    if len({host.pk for stop in plan.stops for host in stop.hosts}) < 2:
        warnings.append(_("All these rooms are one colleague’s. A walk visits a hallway, building or team."))
    if reads_focus and not 1 <= plan.focus_count <= MAX_FOCUS:
        warnings.append(_("Ask for one or two things to look for."))
    return warnings
