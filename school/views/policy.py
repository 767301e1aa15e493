"""The settings page: links to the school's lists, and the school's policy."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from .. import places, policy, setup_checklist
from ..calendar import local_date
from ..forms.policy import PolicyForm
from ..http import SignedInRequest
from ..models import School
from .access import administrators_only
from .list_kinds import KINDS

SHOWN_CHANGES = 30


class ListLink(NamedTuple):
    """A link to one of the school's lists."""

    url: str | Promise
    icon: str
    title: str | Promise


LISTS = {kind.slug: ListLink(reverse_lazy("school:rows", args=[kind.slug]), kind.icon, kind.title) for kind in KINDS}
LISTS |= {
    "days": ListLink(reverse_lazy("school:days"), "calendar2-week", gettext_lazy("School days")),
    "timetable": ListLink(reverse_lazy("school:timetable"), "table", gettext_lazy("Timetable")),
    "people": ListLink(reverse_lazy("accounts:people"), "person-gear", gettext_lazy("People")),
    "practices": ListLink(reverse_lazy("walks:catalogue"), "bullseye", gettext_lazy("Catalogue of practices")),
}
GROUPS = [
    (
        gettext_lazy("Days and bells"),
        ["semesters", "days", "special-dates", "days-off", "periods", "bells", "timetable"],
    ),
    (gettext_lazy("Places"), ["rooms", "closures", "hallways", "buildings", "campuses"]),
    (gettext_lazy("People"), ["people", "grades", "teams"]),
    (gettext_lazy("Walks"), ["practices"]),
]


def _list_groups(school: School) -> list[tuple[str | Promise, list[ListLink]]]:
    """Return the links to the lists. A school with one campus does not see the word."""
    hidden = set() if places.has_several_campuses(school) else {"campuses"}
    return [(title, [LISTS[slug] for slug in slugs if slug not in hidden]) for title, slugs in GROUPS]


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def settings(request: SignedInRequest) -> HttpResponse:
    """Show and change the policy. Everyone reads it on the norms page."""
    # The form writes typed values into its instance, so it gets a copy of the school.
    school = School(**{field.attname: getattr(request.user.school, field.attname) for field in School._meta.fields})
    form = PolicyForm(request.POST or None, instance=school)
    if request.method == "POST" and form.is_valid():
        policy.change(request.user.school, form.cleaned_data, by=request.user)
        messages.success(request, _("Saved. Everyone can read it under Our norms."))
        return redirect("school:settings")
    now = timezone.now()
    context = {
        "changes": request.user.school.policy_changes.select_related("by")[:SHOWN_CHANGES],
        "form": form,
        "list_groups": _list_groups(request.user.school),
        "missing": setup_checklist.missing_steps(request.user.school, today=local_date(request.user.school, now)),
        "now": now,
        "school": request.user.school,
    }
    return TemplateResponse(request, "school/settings.html", context, status=422 if form.errors else 200)
