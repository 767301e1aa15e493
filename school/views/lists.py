"""The school's lists (semesters, bells, rooms, …): one small view for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import day_settings, policy
from ..calendar import Calendar, local_date
from ..date_ranges import DatedRow, DateRange, range_with, ranges_of
from ..errors import RuleError
from ..forms import cycle, days
from ..forms import settings as forms
from ..http import SignedInRequest
from ..models import Lesson, Period, SpecialDate
from .access import administrators_only

ROWS_PER_PAGE = 100
Cells = Callable[[Any], list[object]]


@dataclass(frozen=True)
class ListKind:
    """One list: its words, its form, and what its table shows."""

    slug: str  # part of the URL
    icon: str
    title: str | Promise
    description: str | Promise  # a sentence below the title
    add_label: str | Promise  # text of the button: "Add a room"
    form: type[forms.RowForm]
    headings: tuple[str | Promise, ...]  # of the table
    cells: Cells  # returns the cells of a row
    order: tuple[str, ...]
    related: tuple[str, ...] = ()  # for select_related
    fields_template: str = "school/_row_fields.html"
    has_ranges: bool = False  # consecutive days are one line, and `cells` takes a DateRange
    after_removal: str | Promise = ""  # what the page says beside Remove, if not that nothing else uses the row

    def rows(self, request: SignedInRequest) -> QuerySet[Any]:
        """Return the rows of the person's school, in order."""
        found: QuerySet[Any] = self.form._meta.model.objects.visible_to(request.user)
        if self.related:  # without names, select_related would follow every foreign key
            found = found.select_related(*self.related)
        return found.order_by(*self.order)


def _period_name(row: Period) -> str:
    return f"{row.name}, {row.campus}" if row.campus else row.name


def _special_day(row: SpecialDate) -> str:
    name = row.day_type.name if row.day_type else ""
    return _("%(day)s, and on from there") % {"day": name} if row.starts_cycle else name


KINDS = [
    ListKind(
        slug="semesters",
        icon="calendar3",
        title=gettext_lazy("Semesters"),
        description=gettext_lazy("Every teacher goes on a walk each semester. Semesters can’t overlap."),
        add_label=gettext_lazy("Add a semester"),
        form=forms.SemesterForm,
        headings=(gettext_lazy("Semester"), gettext_lazy("First day"), gettext_lazy("Last day")),
        cells=lambda row: [row.name, row.starts_on, row.ends_on],
        order=("-starts_on",),
    ),
    ListKind(
        slug="periods",
        icon="bell",
        title=gettext_lazy("Periods and bells"),
        description=gettext_lazy(
            "A walk fits into one period. If you change a period, walks that are already planned keep their time."
        ),
        add_label=gettext_lazy("Add a period"),
        form=forms.PeriodForm,
        headings=(gettext_lazy("Period"), gettext_lazy("Number"), gettext_lazy("From"), gettext_lazy("To")),
        cells=lambda row: [_period_name(row), row.position, row.starts_at, row.ends_at],
        order=("position",),
        related=("campus",),
    ),
    ListKind(
        slug="bells",
        icon="clock",
        title=gettext_lazy("Other bell schedules"),
        description=gettext_lazy("Days with other times or fewer periods, such as a short Friday or an assembly."),
        add_label=gettext_lazy("Add a bell schedule"),
        form=cycle.BellScheduleForm,
        fields_template="school/_bell_fields.html",
        headings=(gettext_lazy("Name"), gettext_lazy("Every week on")),
        cells=lambda row: [row.name, ", ".join(str(WEEKDAYS[weekday]) for weekday in row.weekdays)],
        order=("name",),
    ),
    ListKind(
        slug="special-dates",
        icon="calendar-event",
        title=gettext_lazy("Special dates"),
        description=gettext_lazy(
            "Dates with another day of the timetable, or other bells. Walks that are already planned keep their time."
        ),
        add_label=gettext_lazy("Add a special date"),
        form=cycle.SpecialDateForm,
        headings=(gettext_lazy("Date"), gettext_lazy("Day of the timetable"), gettext_lazy("Bells")),
        cells=lambda row: [row.date, _special_day(row), row.bells],
        order=("-date",),
        related=("day_type", "bells"),
        after_removal=gettext_lazy("The day is as usual again."),
    ),
    ListKind(
        slug="days-off",
        icon="sun",
        title=gettext_lazy("Days off"),
        description=gettext_lazy("Holidays and training days: no walks, no reminders."),
        add_label=gettext_lazy("Add days off"),
        form=days.DayOffForm,
        headings=(gettext_lazy("Days"), gettext_lazy("Why")),
        cells=lambda line: [line.words, line.row.label],
        order=("date",),
        has_ranges=True,
        after_removal=gettext_lazy(
            "If you remove this, there is school on these days again, and people can plan walks."
        ),
    ),
    ListKind(
        slug="rooms",
        icon="door-closed",
        title=gettext_lazy("Rooms"),
        description=gettext_lazy("Where classes are, in the order in which you pass them."),
        add_label=gettext_lazy("Add a room"),
        form=forms.RoomForm,
        headings=(gettext_lazy("Room"), gettext_lazy("Plate"), gettext_lazy("Hallway"), gettext_lazy("Building")),
        cells=lambda row: [row.code, row.plate, row.hallway.title, row.hallway.building.name],
        order=("hallway", "position", "code_order"),
        related=("hallway__building",),
    ),
    ListKind(
        slug="hallways",
        icon="signpost-2",
        title=gettext_lazy("Hallways"),
        description=gettext_lazy("Rooms next to each other. A walk often goes along one hallway."),
        add_label=gettext_lazy("Add a hallway"),
        form=forms.HallwayForm,
        headings=(gettext_lazy("Hallway"), gettext_lazy("Building")),
        cells=lambda row: [row.title, row.building.name],
        order=("building", "position", "name"),
        related=("building",),
    ),
    ListKind(
        slug="buildings",
        icon="building",
        title=gettext_lazy("Buildings"),
        description=gettext_lazy("A building has hallways, and a hallway has rooms."),
        add_label=gettext_lazy("Add a building"),
        form=forms.BuildingForm,
        headings=(gettext_lazy("Building"),),
        cells=lambda row: [row.name],
        order=("campus", "position", "name"),
    ),
    ListKind(
        slug="closures",
        icon="door-closed",
        title=gettext_lazy("Closed rooms"),
        description=gettext_lazy(
            "Rooms that take no visitors on some days, for example during a test. The Plan page says so."
        ),
        add_label=gettext_lazy("Close a room"),
        form=days.ClosureForm,
        headings=(gettext_lazy("Room"), gettext_lazy("Days"), gettext_lazy("Period"), gettext_lazy("Why")),
        cells=lambda line: [line.row.room.code, line.words, line.row.period or _("All day"), line.row.reason],
        order=("date", "room__code_order"),
        related=("room", "period"),
        has_ranges=True,
        after_removal=gettext_lazy("If you remove this, the room takes visitors again."),
    ),
    ListKind(
        slug="grades",
        icon="mortarboard",
        title=gettext_lazy("Grades"),
        description=gettext_lazy("Each has Heads of Grade who approve its walks. Choose them under People."),
        add_label=gettext_lazy("Add a grade"),
        form=forms.GradeForm,
        headings=(gettext_lazy("Grade"),),
        cells=lambda row: [row.name],
        order=("position", "name"),
    ),
    ListKind(
        slug="teams",
        icon="people",
        title=gettext_lazy("Teams"),
        description=gettext_lazy(
            "One subject across the grades. A walk can visit a team. Choose its members under People."
        ),
        add_label=gettext_lazy("Add a team"),
        form=forms.TeamForm,
        headings=(gettext_lazy("Team"),),
        cells=lambda row: [row.name],
        order=("name",),
    ),
]
BY_SLUG = {kind.slug: kind for kind in KINDS}


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
    if list_kind.has_ranges:
        ranges = ranges_of(lines, weekdays=_weekdays(request))
        today = local_date(request.user.school, timezone.now())
        past = [line for line in ranges if line.last < today]
        lines = [line for line in ranges if line.last >= today] + past[::-1]
    page = Paginator(lines, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    table = [(line.row.pk if list_kind.has_ranges else line.pk, list_kind.cells(line)) for line in page]
    return TemplateResponse(request, "school/rows.html", {"kind": list_kind, "page": page, "table": table})


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
