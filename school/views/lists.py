"""The school's lists (semesters, bells, rooms, …): one small view for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import day_settings, places, policy
from ..calendar import Calendar, local_date
from ..date_ranges import DatedRow, DateRange, range_with, ranges_of
from ..errors import RuleError
from ..forms import cycle, days
from ..forms import settings as forms
from ..http import SignedInRequest
from ..models import Lesson
from ..text.typed import whole_number
from .access import administrators_only
from .list_kinds import BY_SLUG, ListKind, ListPage

ROWS_PER_PAGE = 100


def _kind(slug: str) -> ListKind:
    """Return the list with this slug, or raise Http404."""
    try:
        return BY_SLUG[slug]
    except KeyError:
        raise Http404 from None


@require_safe
@administrators_only
def rows(request: SignedInRequest, kind: str) -> HttpResponse:
    """Show one list, with a link to change each row."""
    list_kind = _kind(kind)
    lines: Sequence[Any] | QuerySet[Any] = list_kind.rows(request)
    today = local_date(request.user.school, timezone.now())
    if list_kind.has_ranges:
        ranges = ranges_of(lines, weekdays=_weekdays(request))
        past = [line for line in ranges if line.last < today]
        lines = [line for line in ranges if line.last >= today] + past[::-1]
    shown = ListPage(list_kind, request.user.school, lines, today=today)
    page = Paginator(lines, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    table = [shown.line(line) for line in page]
    context = {
        "kind": list_kind,
        "page": page,
        "table": [line for line in table if not line.is_over],
        "earlier": [line for line in table if line.is_over],
    }
    if list_kind.slug == "buildings" and not shown.has_several_campuses:
        context["campus_to_add"] = BY_SLUG["campuses"].add_label
    return TemplateResponse(request, "school/rows.html", context)


@require_POST
@administrators_only
def move_row(request: SignedInRequest, kind: str, row_id: int) -> HttpResponse:
    """Move a place up or down in its list."""
    list_kind = _kind(kind)
    row = get_object_or_404(list_kind.rows(request), pk=row_id)
    to = whole_number(request.POST.get("to", ""))
    if not isinstance(row, places.Place):
        raise Http404
    if to is not None:
        policy.move_place(row, to, by=request.user)
    page = request.GET.get("page", "1")
    return redirect(f"{reverse('school:rows', args=[list_kind.slug])}?page={whole_number(page) or 1}#row-{row_id}")


def _weekdays(request: SignedInRequest) -> set[int]:
    return Calendar(request.user.school).cycle.weekdays


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def new_row(request: SignedInRequest, kind: str) -> HttpResponse:
    list_kind = _kind(kind)
    return _save_or_show(request, list_kind, _form(request, list_kind), None)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def edit_row(request: SignedInRequest, kind: str, row_id: int) -> HttpResponse:
    """Change a row. The page also says why the row cannot be removed."""
    list_kind = _kind(kind)
    line = _line(request, list_kind, row_id)
    name = list_kind.cells(line)[0]
    return _save_or_show(request, list_kind, _form(request, list_kind, line), name)


def _line(request: SignedInRequest, kind: ListKind, row_id: int) -> Any:
    """Return a line of the list: a row or, in a list of days, the DateRange that contains it."""
    row = get_object_or_404(kind.rows(request), pk=row_id)
    return range_with(row, kind.rows(request), weekdays=_weekdays(request)) if kind.has_ranges else row


@require_POST
@administrators_only
def remove_row(request: SignedInRequest, kind: str, row_id: int) -> HttpResponse:
    """Remove a row that no other row needs."""
    list_kind = _kind(kind)
    line = _line(request, list_kind, row_id)
    name = ", ".join(str(cell) for cell in list_kind.cells(line)[:2] if cell) if list_kind.has_ranges else str(line)
    try:
        if list_kind.has_ranges:
            policy.remove_days(line.rows, by=request.user)
        else:
            policy.remove_row(line, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("school:edit_row", kind=list_kind.slug, row_id=row_id)
    messages.success(request, _("%(row)s is removed.") % {"row": name})
    return redirect("school:rows", kind=list_kind.slug)


def _form(request: SignedInRequest, kind: ListKind, line: Any = None) -> forms.RowForm:
    today = local_date(request.user.school, timezone.now())
    if isinstance(line, DateRange):
        range_form = cast(type[days.DaysForm], kind.form)
        return range_form(request.POST or None, instance=line.row, rows=line.rows, by=request.user, today=today)
    return kind.form(request.POST or None, instance=line, by=request.user, today=today)


def _redirect_after_saving(request: SignedInRequest, kind: ListKind, row: Any, notes: list[str]) -> HttpResponse:
    """Redirect to the list, or from a semester without lessons to its timetable if there is another one to copy.

    `notes` are shown as warnings.
    """
    lessons = Lesson.objects.visible_to(request.user)
    if kind.slug != "semesters" or lessons.filter(semester=row).exists() or not lessons.exists():
        messages.success(request, _("Saved."))
        for note in notes:
            messages.warning(request, note)
        return redirect("school:rows", kind=kind.slug)
    messages.success(request, _("Saved. Next: copy the timetable."))
    return redirect(f"{reverse('school:timetable')}?semester={row.pk}")


def _save(request: SignedInRequest, form: forms.RowForm) -> list[str]:
    """Save the form, and return what else the person should know."""
    by = request.user
    if isinstance(form, cycle.BellScheduleForm):
        day_types = form.cleaned_data.get("day_types", ())
        day_settings.save_bells(form.instance, times=form.times, day_types=day_types, by=by)
        return []
    if not isinstance(form, days.DaysForm):
        policy.save_row(form.instance, by=by)
        return []
    dates = form.dates
    kept = policy.save_days(form.instance, until=form.last, replacing=[row.pk for row in form.rows], by=by)
    planned = policy.planned_on(by.school, dates, now=timezone.now()) if isinstance(form, days.DayOffForm) else ""
    return [note for note in (_kept_words(request, kept, form), planned) if note]


def _kept_words(request: SignedInRequest, kept: Sequence[DatedRow], form: days.DaysForm) -> str:
    """Say which days of the range keep another reason than the one that was typed."""
    others = [row for row in kept if row.why != form.instance.why]
    if not others:
        return ""
    names = [f"{line.words} ({line.row.why})" for line in ranges_of(others, weekdays=_weekdays(request))]
    return _("Already in the list, and unchanged: %(days)s.") % {"days": ", ".join(names)}


def _save_or_show(request: SignedInRequest, kind: ListKind, form: forms.RowForm, name: object) -> HttpResponse:
    """Save the form, or show it. `name` is what the list shows for the edited line, or None for a new one."""
    if request.method == "POST" and form.is_valid():
        try:
            notes = _save(request, form)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return _redirect_after_saving(request, kind, form.instance, notes)
    row = form.instance if form.instance.pk else None
    context: dict[str, Any] = {"kind": kind, "form": form, "row": row}
    if row:
        context |= {"name": name, "uses": policy.used_by(row)}
    return TemplateResponse(request, "school/row.html", context, status=422 if form.errors else 200)
