"""The people pages for administrators: find, invite, correct, deactivate, bring back, erase. Everyone else gets 404."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import membership
from notifications.sending import outbox, transports
from school import people
from school.calendar import local_date
from school.errors import RuleError
from school.forms.many_people import ManyPeopleForm, details_of
from school.forms.people import EraseForm, PeopleFilters, PersonForm
from school.http import SignedInRequest
from school.models import Person
from school.text.typed import number_in_words
from school.views.access import administrators_only

PEOPLE_PER_PAGE = 25
LONG_AGO = dt.timedelta(days=60)  # the list shows only sign-ins that are longer ago


@require_safe
@administrators_only
def people_list(request: SignedInRequest) -> HttpResponse:
    """List the people of the school who match the filters in the query string, by name."""
    filters = PeopleFilters(request.GET, reader=request.user)
    found = filters.matching_people().select_related("grade").prefetch_related("headed_grades")
    context = {
        "filters": filters,
        "page": Paginator(found, PEOPLE_PER_PAGE).get_page(request.GET.get("page")),
        "long_ago": timezone.now() - LONG_AGO,
        "not_invited": membership.not_invited(request.user.school).count() if request.user.school.is_open else 0,
        "failed": len(membership.failed_invitations(request.user.school)),
    }
    return TemplateResponse(request, "accounts/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def new_person(request: SignedInRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            person = membership.invite(form.details(), by=request.user, now=timezone.now())
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            words = _("%(name)s is invited.")
            if person.email is None:
                words = _("%(name)s is added. Without an e-mail address they can’t sign in.")
            elif not person.invited_at:
                words = _("%(name)s is added. The invitation leaves when you open Learning Walks.")
            messages.success(request, words % {"name": person.full_name})
            return redirect("accounts:people")
    context = {"form": form, "many": ManyPeopleForm(by=request.user)}
    return TemplateResponse(request, "accounts/person_new.html", context, status=422 if form.errors else 200)


@require_POST
@administrators_only
def many_people(request: SignedInRequest) -> HttpResponse:
    """Add several people. The first submit shows how the list was read, the second one (`write=1`) adds them."""
    form = ManyPeopleForm(request.POST, by=request.user)
    if form.is_valid() and request.POST.get("write") == "1":
        grade = form.cleaned_data["many_grade"]
        new_people = [details_of(line, grade) for line in form.people]
        try:
            invited = membership.invite_many(new_people, by=request.user, now=timezone.now())
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            words = ngettext("%(n)s person is invited.", "%(n)s people are invited.", len(invited))
            if not request.user.school.is_open or form.without_address:
                words = ngettext("%(n)s person is added.", "%(n)s people are added.", len(invited))
            messages.success(request, words % {"n": number_in_words(len(invited))})
            return redirect("accounts:people")
    return TemplateResponse(request, "accounts/people_many.html", {"many": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def edit_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Change names, address, grade and roles. The page also has buttons to invite again, deactivate and bring back."""
    person = _person(request, person_id)
    form = PersonForm(request.POST or None, by=request.user, person=person, today=_today(request))
    if request.method == "POST" and form.is_valid():
        try:
            this_session = request.session.session_key or ""
            people.change(person, form.details(), by=request.user, now=timezone.now(), kept_session=this_session)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _success_message(person, form.cleaned_data["email"], by=request.user))
            return redirect("accounts:people")
    return _person_page(request, person, form, EraseForm(person=person))


def _success_message(before: Person, email: str, *, by: Person) -> str:
    """Return the success message. After a change of address it says how the person signs in now."""
    if email == (before.email or "") or before == by or not before.is_active:
        return _("Saved.")
    if before.email is None:
        return _("Saved. You can invite %(name)s now.") % {"name": before.full_name}
    if not email:
        return _("Saved. %(name)s can’t sign in any more. We wrote to the old address.") % {"name": before.full_name}
    words = _("Saved. We wrote to %(name)s at both addresses. They sign in with a code sent to the new one.")
    return words % {"name": before.full_name}


def _person_page(request: SignedInRequest, person: Person, form: PersonForm, erase_form: EraseForm) -> HttpResponse:
    context = {
        "form": form,
        "erase_form": erase_form,
        "person": person,
        "is_self": person.pk == request.user.pk,
        "is_last_administrator": people.is_last_administrator(person),
        "invitations": outbox.deliveries_of(f"invitation:{person.pk}"),
        "days_until_deleted": person.school.draft_days,  # praise to people who left goes after the same days as drafts
    }
    status = 422 if form.errors or erase_form.errors else 200
    return TemplateResponse(request, "accounts/person.html", context, status=status)


@require_safe
@administrators_only
def failed_invitations(request: SignedInRequest) -> HttpResponse:
    """List the invitations that did not arrive, each with its reason and a button to invite again."""
    context = {"failed": membership.failed_invitations(request.user.school)}
    return TemplateResponse(request, "accounts/failed_invitations.html", context)


@require_POST
@administrators_only
def invite_rest(request: SignedInRequest) -> HttpResponse:
    """Invite everybody who is not invited yet."""
    try:
        count = membership.invite_rest(by=request.user, now=timezone.now())
    except RuleError as error:
        messages.error(request, str(error))
    else:
        words = ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", count)
        if transports.mail_goes_nowhere(request.user):
            words = ngettext(
                "%(n)s invitation is kept as a file on the server.",
                "%(n)s invitations are kept as files on the server.",
                count,
            )
        messages.success(request, words % {"n": number_in_words(count)})
    return redirect("accounts:people")


@require_POST
@administrators_only
def invite_again(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Invite one person again, from their page or from the list of invitations that did not arrive."""
    person = _person(request, person_id)
    words = _("An invitation to %(name)s is on its way.")
    if transports.mail_goes_nowhere(request.user):
        words = _("The invitation to %(name)s is kept as a file on the server.")
    return _run_rule(
        request,
        lambda: membership.invite_again(person, by=request.user, now=timezone.now()),
        words % {"name": person.full_name},
        back="accounts:failed_invitations" if "from_list" in request.POST else "accounts:people",
    )


@require_POST
@administrators_only
def mark_as_left(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = _person(request, person_id)
    return _run_rule(
        request,
        lambda: people.leave(person, by=request.user, now=timezone.now()),
        _("%(name)s has left, and can’t sign in any more.") % {"name": person.full_name},
    )


@require_POST
@administrators_only
def come_back(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = _person(request, person_id)
    words = _("%(name)s is back and can sign in.") if person.email else _("%(name)s is back.")
    return _run_rule(request, lambda: people.come_back(person, by=request.user), words % {"name": person.full_name})


@require_POST
@administrators_only
def erase(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Erase the private data of a person who left, after the administrator has typed their name."""
    person = _person(request, person_id)
    form = EraseForm(request.POST, person=person)
    if not form.is_valid():
        return _person_page(request, person, PersonForm(by=request.user, person=person, today=_today(request)), form)
    # Reading the messages of Django deletes them. They may hold the person's name, and this session is saved later.
    list(messages.get_messages(request))
    return _run_rule(
        request,
        lambda: people.erase(person, by=request.user, now=timezone.now()),
        _("Erased. Their walks stay in the reports, without a name."),
    )


def _today(request: SignedInRequest) -> dt.date:
    return local_date(request.user.school, timezone.now())


def _person(request: SignedInRequest, person_id: int) -> Person:
    """Return a person of this school who is not erased, or raise Http404."""
    people_here = Person.objects.visible_to(request.user).filter(erased_at__isnull=True)
    found: Person = get_object_or_404(people_here, pk=person_id)
    return found


def _run_rule(
    request: SignedInRequest, rule: Callable[[], object], done: str, *, back: str = "accounts:people"
) -> HttpResponse:
    """Run one rule, show its message or its error, and go back to a list."""
    try:
        rule()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(back)
