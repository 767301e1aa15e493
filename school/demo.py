"""Whether this is the demo. Its one-click sign-in and mailbox are open only while there is no real school.

The demo's school may be renamed, so it is recognized by its people: no real address ends in .example (RFC 2606).
It becomes a real school as soon as an administrator of its own has signed in.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .models import Person, School

NAME = "Maple Hill School"
DOMAIN = "maplehill.example"
PASSWORD = "learning-walks"  # noqa: S105 (printed on the demo's sign-in page)
ACCOUNTS = {  # offered on the sign-in page, in this order
    f"walker@{DOMAIN}": _("teacher"),
    f"host@{DOMAIN}": _("visited teacher"),
    f"head@{DOMAIN}": _("Head of Grade"),
    f"admin@{DOMAIN}": _("administrator"),
}


def schools() -> QuerySet[School]:
    """The demo's school, even if it was renamed, while only the demo's people run it."""
    here = Person.objects.filter(school=OuterRef("pk"), is_active=True)
    of_the_demo = Q(email__endswith=f"@{DOMAIN}")
    its_own = here.exclude(of_the_demo).filter(is_administrator=True, last_login__isnull=False)
    return School.objects.filter(Q(name=NAME) | Exists(here.filter(of_the_demo))).exclude(Exists(its_own))


def has_real_school() -> bool:
    """Whether there is a school besides the demo's."""
    return School.objects.exclude(pk__in=schools().values("pk")).exists()


def is_open() -> bool:
    """Whether the demo's people can sign in. Not cached, because a real school may be added at any moment."""
    return settings.DEMO and not has_real_school()


def may_sign_in(person: Person) -> bool:
    """The demo's people may sign in only in a demo, because their password is public."""
    return not person.email.endswith(f"@{DOMAIN}") or is_open()
