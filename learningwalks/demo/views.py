"""One-click sign-in with one of four demo accounts. Outside the demo this URL returns 404."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.utils import get_next_redirect_url
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.views.decorators.http import require_POST

from school import demo
from school.models import Person


@dataclass(frozen=True)
class DemoPerson:
    """A demo account and what it shows."""

    person: Person
    role: str | Promise


def demo_people() -> list[DemoPerson]:
    """Return the four demo accounts, or an empty list outside the demo."""
    if not demo.is_open():
        return []
    found = {person.email: person for person in Person.objects.active().filter(email__in=demo.ACCOUNTS)}
    return [DemoPerson(found[email], role) for email, role in demo.ACCOUNTS.items() if email in found]


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a demo person and continue at `next`. Return 404 outside the demo and for other accounts."""
    chosen = request.POST.get("email", "")
    person = next((offered.person for offered in demo_people() if offered.person.email == chosen), None)
    if person is None:
        raise Http404
    login(request, person, backend="accounts.backends.PersonBackend")
    UserSession.objects.create_from_request(request)
    return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
