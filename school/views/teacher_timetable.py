"""The timetable of one teacher: add, change, move and remove lessons, and hand all of them over to a colleague."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ..calendar import Calendar, local_date
from ..errors import RuleError
from ..forms.lessons import HandOverForm, LessonForm
from ..http import SignedInRequest
from ..models import Lesson, Person
from ..save_errors import report_if_not_saved
from ..timetable import lesson_changes
from .access import administrators_only


@require_safe
@administrators_only
def teacher_timetable(request: SignedInRequest, teacher_id: int) -> HttpResponse:
    """List the lessons that the teacher has now or later."""
    teacher = _teacher(request, teacher_id)
    context = {"teacher": teacher, "lessons": lesson_changes.lessons_from(teacher, _first_date(request))}
    return TemplateResponse(request, "school/teacher_timetable.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def add_lesson(request: SignedInRequest, teacher_id: int) -> HttpResponse:
    teacher = _teacher(request, teacher_id)
    form = LessonForm(request.POST or None, by=request.user, initial={"from_date": _first_date(request)})
    if request.method == "POST" and form.is_valid():
        try:
            with report_if_not_saved():
                lesson_changes.add_lesson(
                    teacher, form.details, from_date=form.cleaned_data["from_date"], by=request.user
                )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The lesson is added."))
            return redirect("school:teacher_timetable", teacher.pk)
    context = {"teacher": teacher, "form": form, "lesson": None}
    return TemplateResponse(request, "school/lesson.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change_lesson(request: SignedInRequest, lesson_id: int) -> HttpResponse:
    """Change or remove a lesson from a day on. Nothing tells whether a walk visits it (/privacy/ promises that)."""
    lessons = Lesson.objects.visible_to(request.user).select_related("semester", "teacher__school", "room")
    lesson = get_object_or_404(lessons, pk=lesson_id)
    today = _first_date(request)
    shown_date = min(max(today, lesson_changes.first_day(lesson)), lesson_changes.last_day(lesson))
    form = LessonForm(request.POST or None, by=request.user, initial=LessonForm.values_of(lesson, shown_date))
    if request.method == "POST" and form.is_valid():
        try:
            with report_if_not_saved():
                words = _save(request, lesson, form)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, words)
            return redirect("school:teacher_timetable", lesson.teacher_id)
    context = {"teacher": lesson.teacher, "form": form, "lesson": lesson}
    return TemplateResponse(request, "school/lesson.html", context, status=422 if form.errors else 200)


def _save(request: SignedInRequest, lesson: Lesson, form: LessonForm) -> str:
    from_date = form.cleaned_data["from_date"]
    if "remove" in request.POST:
        lesson_changes.remove_lesson(lesson, from_date=from_date, by=request.user)
        return _("The lesson is removed.")
    lesson_changes.change_lesson(lesson, form.details, from_date=from_date, by=request.user)
    return _("The lesson is changed.")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def hand_over(request: SignedInRequest, teacher_id: int) -> HttpResponse:
    """Give all lessons of a teacher to a colleague."""
    teacher = _teacher(request, teacher_id)
    today = _first_date(request)
    form = HandOverForm(request.POST or None, by=request.user, teacher=teacher, initial={"from_date": today})
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            with report_if_not_saved():
                number = lesson_changes.hand_over(
                    teacher, to=to, from_date=form.cleaned_data["from_date"], by=request.user
                )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            words = ngettext("%(name)s takes over %(n)s lesson.", "%(name)s takes over %(n)s lessons.", number)
            messages.success(request, words % {"name": to.full_name, "n": number})
            return redirect("school:teacher_timetable", to.pk)
    context = {"teacher": teacher, "form": form, "lessons": lesson_changes.lessons_from(teacher, today)}
    return TemplateResponse(request, "school/hand_over.html", context, status=422 if form.errors else 200)


def _teacher(request: SignedInRequest, teacher_id: int) -> Person:
    people = Person.objects.visible_to(request.user).select_related("school")
    teacher: Person = get_object_or_404(people, pk=teacher_id)
    return teacher


def _first_date(request: SignedInRequest) -> dt.date:
    """Return today; between two semesters, the first day of the next one."""
    return Calendar(request.user.school).first_day_to_plan(local_date(request.user.school, timezone.now()))
