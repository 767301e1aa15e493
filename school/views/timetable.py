"""The timetable of a semester: look at it, paste it, copy it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..calendar import Calendar, local_date
from ..errors import RuleError
from ..forms.timetable import CopyForm, TimetableForm
from ..http import SignedInRequest
from ..models import DayType, Lesson, Person, Room, Semester
from ..timetable import lessons
from .access import administrators_only

TEACHERS_PER_PAGE = 15


class TeacherRow(NamedTuple):
    """One line of the table: a teacher, the room of most lessons, and the lessons of each day."""

    person: Person
    usual_room: Room | None
    days: list[tuple[DayType, list[Lesson]]]


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def timetable(request: SignedInRequest) -> HttpResponse:
    """Show the lessons of a semester by teacher. Pasted lessons are previewed, then written."""
    if request.method == "POST":
        return _preview_or_write(request, TimetableForm(request.POST, by=request.user))
    semesters = _semesters(request)
    shown = _chosen(request, semesters)
    if shown is None:
        return TemplateResponse(request, "school/timetable_none.html")
    context = {
        "semesters": semesters,
        "shown": shown,
        "sources": [] if shown.lesson_count else [s for s in semesters if s.lesson_count],  # type: ignore[attr-defined]
        "form": TimetableForm(by=request.user, initial={"semester": shown}),
        **_table(request, shown),
    }
    return TemplateResponse(request, "school/timetable.html", context)


@require_safe
@administrators_only
def paste_timetable(request: SignedInRequest) -> HttpResponse:
    """Show the form to paste the lessons of a semester. It posts to `timetable`."""
    shown = _chosen(request, _semesters(request))
    if shown is None:
        return redirect("school:timetable")
    form = TimetableForm(by=request.user, initial={"semester": shown})
    return TemplateResponse(request, "school/timetable_paste.html", {"form": form, "shown": shown})


@require_POST
@administrators_only
def copy_timetable(request: SignedInRequest) -> HttpResponse:
    """Fill an empty semester with the lessons of another one."""
    form = CopyForm(request.POST, by=request.user)
    if not form.is_valid():
        messages.error(request, _("Choose the semester to copy from."))
        return redirect("school:timetable")
    source = form.cleaned_data["source"]
    target = form.cleaned_data["target"]
    try:
        copied = lessons.copy(source, target, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        words = ngettext("%(n)s lesson is copied.", "%(n)s lessons are copied.", copied)
        messages.success(request, words % {"n": copied})
    return redirect(_address(target))


def _preview_or_write(request: SignedInRequest, form: TimetableForm) -> HttpResponse:
    """Show what the paste would do. If it was confirmed, write it.

    `seen_counts` holds the counts that the preview showed; apply() refuses the paste if they differ now.
    """
    preview = None
    if form.is_valid():
        paste = form.paste()
        if "seen_counts" in request.POST:
            try:
                done = lessons.apply(paste, by=request.user, seen_counts=request.POST["seen_counts"])
            except RuleError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _success_message(done))
                return redirect(_address(paste.semester))
        preview = lessons.make_preview(paste, by=request.user)
    blocked = (
        preview is None
        or not preview.valid_count
        or (preview.problems and not form.cleaned_data.get("skip_problem_lines"))
    )
    context = {"form": form, "preview": preview, "blocked": blocked, "shown": form.cleaned_data.get("semester")}
    status = 422 if form.errors or blocked else 200
    return TemplateResponse(request, "school/timetable_preview.html", context, status=status)


def _success_message(preview: lessons.TimetablePreview) -> str:
    if preview.nothing_to_do:
        return _("The timetable is the same as before.")
    numbers = {"a": len(preview.added), "c": len(preview.changed), "r": len(preview.removed)}
    return _("The timetable is saved. Lessons: %(a)s added, %(c)s changed, %(r)s removed.") % numbers


def _semesters(request: SignedInRequest) -> list[Semester]:
    """Return the semesters, latest first. A query with `Count` ignores the model's `ordering`."""
    semesters = Semester.objects.visible_to(request.user).annotate(lesson_count=Count("lessons"))
    return list(semesters.order_by("-starts_on"))


def _chosen(request: SignedInRequest, semesters: list[Semester]) -> Semester | None:
    """Return the semester in the address, else the current or next one, else the last one."""
    by_number = {str(semester.pk): semester for semester in semesters}
    requested = request.GET.get("semester", "")
    if requested in by_number:
        return by_number[requested]
    today = local_date(request.user.school, timezone.now())
    current_or_later = [semester for semester in semesters if semester.ends_on >= today]
    if current_or_later:
        return current_or_later[-1]  # the earliest of them
    return semesters[0] if semesters else None


def _table(request: SignedInRequest, semester: Semester) -> dict[str, Any]:
    """Return the table for the template: one row for each teacher, one column for each day."""
    ordered_lessons = (
        Lesson.objects.visible_to(request.user)
        .filter(semester=semester)
        .select_related("period", "room")
        .order_by("period__position")
    )
    teachers = Person.objects.visible_to(request.user).filter(lessons__semester=semester).distinct()
    with_lessons = teachers.prefetch_related(Prefetch("lessons", ordered_lessons, to_attr="taught"))
    page = Paginator(with_lessons, TEACHERS_PER_PAGE).get_page(request.GET.get("page"))
    days = Calendar(request.user.school).day_types
    return {"page": page, "days": days, "table": _rows(page, days)}


def _rows(page: Page[Person], days: list[DayType]) -> list[TeacherRow]:
    rows = []
    for person in page:
        taught: list[Lesson] = person.taught  # type: ignore[attr-defined]
        by_day = [(day, [lesson for lesson in taught if lesson.day_type_id == day.pk]) for day in days]
        rows.append(TeacherRow(person, _usual_room(taught), by_day))
    return rows


def _usual_room(taught: list[Lesson]) -> Room | None:
    """Return the room of more than half of the lessons, so that the table names it once."""
    rooms = Counter(lesson.room for lesson in taught)
    room, count = max(rooms.items(), key=lambda pair: pair[1])
    return room if count * 2 > len(taught) else None


def _address(semester: Semester) -> str:
    return f"{reverse('school:timetable')}?semester={semester.pk}"
