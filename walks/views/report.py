"""The pages of the semester report: the report and its exports, a nudge by hand, and excusals."""

from __future__ import annotations

from collections import Counter
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from school.calendar import Calendar, local_date, week_of
from school.http import SignedInRequest, View
from school.models import Person, Semester
from school.permissions import may_run_school
from school.semester_gaps import gap_on, semester_to_add, without_timetable
from school.text.dates import date_words
from school.text.typed import number_in_words, whole_number

from ..forms.report import ExcusalForm, NudgeForm, ReportFilters
from ..mail import manual_nudges
from ..permissions import may_read_report
from ..semester import excusals, exports, report_statuses
from ..semester import report as semester_report

ROWS_SHOWN = 25  # the page shows more only after a click on "all"
GRADES_SHOWN = 40
DEFAULT_SORT = "status"
ROWS_ON_PAPER = 300  # a page contains all rows for its print, up to this many; the Print button prints more


def reader_only(view: View) -> View:
    """Allow the view only for people who may read the report. Everyone else gets 404."""

    @wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read_report(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def _semester(request: SignedInRequest, calendar: Calendar | None = None) -> Semester | None:
    """Return the semester in the query string, else the running one; between semesters, the one that ended last."""
    today = local_date(request.user.school, timezone.now())
    semester_id = whole_number(request.GET.get("semester", ""))
    if semester_id is not None:
        return get_object_or_404(semester_report.stored_semesters(request.user, today=today), pk=semester_id)
    return (calendar or Calendar(request.user.school)).reported_semester(today)


def _report(request: SignedInRequest, calendar: Calendar | None = None) -> semester_report.SemesterReport | None:
    semester = _semester(request, calendar)
    if semester is None:
        return None
    today = local_date(request.user.school, timezone.now())
    return semester_report.build(
        request.user, semester, today=today, filters={"sort": DEFAULT_SORT} | request.GET.dict()
    )


@require_safe
@reader_only
def page(request: SignedInRequest) -> HttpResponse:
    """Show the totals and the table.

    The filters are in the query string, so that the export links contain them too.
    """
    calendar = Calendar(request.user.school)
    report = _report(request, calendar)
    if report is None:
        return TemplateResponse(request, "walks/report/none.html")
    shows_all = "all" in request.GET
    shown = report.rows if shows_all else report.rows[:ROWS_SHOWN]
    context = _report_context(request, report, calendar, shows_all=shows_all)
    context |= _rows_for_screen_and_print(report, shown)
    return TemplateResponse(request, "walks/report/page.html", context)


def _rows_for_screen_and_print(
    report: semester_report.SemesterReport, shown: list[semester_report.ReportRow]
) -> dict[str, Any]:
    """Return the rows on the screen, and the rows after them, which only a print shows."""
    after: list[semester_report.ReportRow] = []
    if len(report.rows) <= ROWS_ON_PAPER:
        after = report.rows[len(shown) :]
    return {"shown": shown, "after": after, "printed": len(shown) + len(after)}


def _report_context(
    request: SignedInRequest, report: semester_report.SemesterReport, calendar: Calendar, *, shows_all: bool
) -> dict[str, Any]:
    today = local_date(request.user.school, timezone.now())
    week, weeks = week_of(report.semester, today)
    query = request.GET.copy()
    tally = report.tally
    return {
        "report": report,
        "tally": tally,
        "statuses": [
            {"status": status, "look": report_statuses.STATUSES[status], "count": tally.counts[status]}
            for status in report.statuses
        ],
        "bar_parts": tally.bar_parts(report.statuses),
        "grades": _grade_lines(report)[: None if shows_all else GRADES_SHOWN],
        "number_of_grades": len(report.by_grade),
        "weeks_left": weeks - week,
        "is_first_half": week * 2 <= weeks,
        "gap": gap_on(calendar, today),
        "no_timetable": without_timetable(request.user.school, report.semester),
        "to_add": semester_to_add(request.user, calendar, today),
        "filters": ReportFilters(request.GET, reader=request.user, statuses=report.statuses),
        "semesters": list(semester_report.stored_semesters(request.user, today=today)[:6]),
        "query": query.urlencode(),
        "unfiltered": f"{reverse('walks:report')}?semester={report.semester.pk}",
        "sort": request.GET.get("sort", DEFAULT_SORT),
        "not_planned": tally.counts[report_statuses.NOT_PLANNED],
        "may_excuse": may_run_school(request.user),
    }


def _grade_lines(report: semester_report.SemesterReport) -> list[dict[str, Any]]:
    """Return the completion of each grade. Its bar shows only the part that is complete."""
    grade_ids = {row.grade: row.grade_id for row in report.everybody}
    return [
        {"name": name, "id": grade_ids[name], "tally": tally, "bar_parts": [("done", float(tally.percent))]}
        for name, tally in report.by_grade
    ]


@require_safe
@reader_only
def csv_file(request: SignedInRequest) -> StreamingHttpResponse:
    """Download the filtered report as CSV."""
    report = _report_or_404(request)
    response = StreamingHttpResponse(exports.csv_lines(report), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(report)}.csv"'
    return response


@require_safe
@reader_only
def xlsx_file(request: SignedInRequest) -> HttpResponse:
    """Download the filtered report as an Excel file."""
    report = _report_or_404(request)
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(
        exports.workbook(report, today=local_date(request.user.school, timezone.now())), content_type=content_type
    )
    response["Content-Disposition"] = f'attachment; filename="{_file_name(report)}.xlsx"'
    return response


def _report_or_404(request: SignedInRequest) -> semester_report.SemesterReport:
    report = _report(request)
    if report is None:
        raise Http404
    return report


def _file_name(report: semester_report.SemesterReport) -> str:
    slug = "".join(c if c.isalnum() and c.isascii() else "-" for c in report.semester.name.lower())
    return f"learning-walks-{slug}"


@require_safe
@reader_only
def old_nudge(request: SignedInRequest) -> HttpResponse:
    """Redirect from the old address of the nudge, which it had until version 0.3."""
    return redirect("walks:report_nudge")


@reader_only
def nudge(request: SignedInRequest) -> HttpResponse:
    """Preview a nudge and its recipients, or send it."""
    now = timezone.now()
    calendar = Calendar(request.user.school)
    semester = _semester(request, calendar)
    if semester is None:
        raise Http404
    is_preview = request.POST.get("op") == "preview"
    form = NudgeForm(request.POST or None)
    form.fields["person"].required = not is_preview
    chosen = request.POST.getlist("person") or request.GET.getlist("person")
    manual_nudge = manual_nudges.prepare(request.user, semester, now=now, chosen=chosen)
    if form.is_valid() and not is_preview:
        people = [person for person in manual_nudge.people if str(person.pk) in chosen]
        sent = manual_nudges.send(manual_nudge, people, words=form.cleaned_data["words"], by=request.user, now=now)
        messages.success(request, _sent_words(manual_nudge, sent))
        return redirect("walks:report")
    names = Counter(person.full_name for person in manual_nudge.people)
    context = {
        "manual_nudge": manual_nudge,
        "semester": semester,
        "form": form,
        "people": [
            (person, str(person.pk) in chosen or not (chosen or form.is_bound)) for person in manual_nudge.people
        ],
        "shared_names": {name for name, count in names.items() if count > 1},
        "words": form.cleaned_data.get("words", "") if form.is_bound else "",
        "gap": None if manual_nudge.people else gap_on(calendar, local_date(request.user.school, now)),
    }
    return TemplateResponse(request, "walks/report/nudge.html", context, status=422 if form.errors else 200)


def _sent_words(manual_nudge: manual_nudges.ManualNudge, sent: int) -> str:
    """Say how many people get the nudge and, if it waits for the end of the quiet hours, when."""
    if not sent:
        return _("Nothing was sent: everyone you ticked has had a nudge this week, or will get one soon.")
    number = number_in_words(sent)
    if not manual_nudge.waits:
        return ngettext("Sent to %(n)s colleague.", "Sent to %(n)s colleagues.", sent) % {"n": number.lower()}
    due_at = timezone.localtime(manual_nudge.due_at, manual_nudge.semester.school.zone)
    words = ngettext(
        "%(n)s colleague gets it on %(day)s at %(time)s.", "%(n)s colleagues get it on %(day)s at %(time)s.", sent
    )
    return words % {"n": number, "day": date_words(due_at), "time": date_format(due_at, "H:i")}


@reader_only
def excuse(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Excuse a teacher from this semester's walk, with a reason."""
    person, semester = _excusable(request, person_id)
    form = ExcusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        excusals.excuse(person, semester=semester, reason=reason, by=request.user, now=timezone.now())
        messages.success(request, _("%(who)s is excused this semester.") % {"who": person.full_name})
        return redirect(f"{reverse('walks:report')}?semester={semester.pk}")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "teacher": person, "semester": semester}
    return TemplateResponse(request, "walks/report/excuse.html", context, status=status)


@require_POST
@reader_only
def unexcuse(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Remove an excusal."""
    person, semester = _excusable(request, person_id)
    excusals.take_back(person, semester=semester, by=request.user)
    messages.success(request, _("%(who)s is no longer excused.") % {"who": person.full_name})
    return redirect(f"{reverse('walks:report')}?semester={semester.pk}")


def _excusable(request: SignedInRequest, person_id: int) -> tuple[Person, Semester]:
    """Return the teacher and the semester of the address. People who are not administrators get 403."""
    if not may_run_school(request.user):
        raise PermissionDenied
    semester = _semester(request)
    if semester is None:
        raise Http404
    teacher = get_object_or_404(Person.objects.visible_to(request.user).teachers(), pk=person_id)
    return teacher, semester
