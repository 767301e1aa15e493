"""Pages with content from several apps: norms, who sees what, help, offline, and the account."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import IO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from learningwalks.privacy import my_data as download
from learningwalks.privacy import retention
from learningwalks.privacy.who_sees_what import ROWS
from observations.content import FOLLOW_UP, PHOTO_RULES, SHARE_RULES, SOLO_DEBRIEF, STUDENT_PROMPTS
from observations.models import Note
from school import people
from school.calendar import local_date
from school.errors import RuleError
from school.http import SignedInRequest
from school.models import Person, School, Visits
from school.policy_words import decisions
from walks.availability.fortnight import FORTNIGHT
from walks.content import norms_of
from walks.models import Stop
from walks.permissions import may_be_asked
from walks.who_sees_what import READERS

BACKUP_DAYS = 35  # the same number as in docs/operations.md
IN_MEMORY = 10 * 1024 * 1024  # a larger ZIP is built in a temporary file


@require_safe
def norms(request: SignedInRequest) -> HttpResponse:
    """The school's norms and policy in plain words, for everyone signed in."""
    school = request.user.school
    context = {
        "school": school,
        "norms": norms_of(school),
        "photo_rules": PHOTO_RULES,
        "decisions": decisions(school),
    }
    return TemplateResponse(request, "pages/norms.html", context)


def _school_of(request: HttpRequest) -> School | None:
    """Return the signed-in person's school, or None."""
    return request.user.school if isinstance(request.user, Person) else None


@login_not_required
@require_safe
def who_sees_what(request: HttpRequest) -> HttpResponse:
    """Who sees what, how long it is kept, and what the product cannot prevent."""
    school = _school_of(request)
    context = {
        "school": school,
        "rows": [row.for_school(school) for row in ROWS],
        "readers": READERS.values(),
        "kept": [(title, [(rule.what, rule.kept(school)) for rule in rules]) for title, rules in retention.GROUPS],
        "backup_days": BACKUP_DAYS,
    }
    return TemplateResponse(request, "pages/privacy.html", context)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Help, task by task. Only Heads of Grade and administrators see the chapters about approving and the report."""
    context = {
        "helps_deciders": isinstance(request.user, Person) and may_be_asked(request.user),
        "school": _school_of(request),
        "share_rules": SHARE_RULES,
        "student_prompts": STUDENT_PROMPTS,
        "debrief": SOLO_DEBRIEF,
        "follow_up": FOLLOW_UP,
    }
    return TemplateResponse(request, "pages/help.html", context)


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that a phone shows when it is offline. It contains no personal data."""
    return TemplateResponse(request, "offline.html")


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: SignedInRequest) -> HttpResponse:
    """The account: name, theme, e-mails, password, devices, my data, sign-out."""
    if request.method == "POST":
        try:
            if "family_name_first" in request.POST:
                people.say_family_name_first(request.user, request.POST["family_name_first"] == "yes")
            elif "visits" in request.POST:
                people.opt_out_of_visits(request.user, request.POST["visits"] == "no")
            else:
                people.choose_theme(request.user, request.POST.get("theme", ""))
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved."))
        return redirect("me")
    offers_opting_out = request.user.is_teacher and request.user.school.who_may_be_visited == Visits.UNLESS_OPTED_OUT
    context = {
        "themes": Person.THEMES,
        "offers_opting_out": offers_opting_out,
        "visits_lately": _visits_lately(request.user),
        "has_notes_about_lessons": Note.objects.open_to_host(request.user).exists(),
    }
    return TemplateResponse(request, "pages/me.html", context)


def _visits_lately(person: Person) -> int | None:
    """Count the visits to the person's lessons in the last two weeks, for a school that limits them; otherwise None.

    Only visits count that the person may know of.
    """
    if not person.is_teacher or person.school.fortnight_visit_limit is None:
        return None
    now = timezone.now()
    today = local_date(person.school, now)
    known = Stop.objects.hosted_by(person, now)
    count: int = known.filter(walk__date__range=(today - dt.timedelta(days=FORTNIGHT - 1), today)).count()
    return count


@require_safe
def my_data(request: SignedInRequest) -> FileResponse:
    """Return everything stored about the signed-in person as a ZIP."""
    now = timezone.now()
    target = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 (closed by the response)
    download.write_zip(request.user, target, now=now)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"learning-walks-my-data-{now:%Y-%m-%d}.zip")
