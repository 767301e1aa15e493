"""Whether this is the demo: pages that everybody may open are open only while no real school lives here.

The demo's school may be renamed by whoever tries it, so its people tell: no real address ends in .example (RFC 2606).
It has become a real one as soon as an administrator of its own has signed in.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .models import Person, School

NAME = "Maple Hill School"
DOMAIN = "maplehill.example"
PASSWORD = "learning-walks"  # noqa: S105 (printed on the demo's sign-in page)
ACCOUNTS = {  # that the sign-in page offers, in the order of a walk
    f"walker@{DOMAIN}": _("teacher"),
    f"host@{DOMAIN}": _("visited teacher"),
    f"head@{DOMAIN}": _("Head of Grade"),
    f"admin@{DOMAIN}": _("administrator"),
}


def schools() -> QuerySet[School]:
    """The demo's school, whatever it is called by now, while nobody but the demo's people runs it."""
    here = Person.objects.filter(school=OuterRef("pk"), is_active=True)
    of_the_demo = Q(email__endswith=f"@{DOMAIN}")
    its_own = here.exclude(of_the_demo).filter(is_administrator=True, last_login__isnull=False)
    return School.objects.filter(Q(name=NAME) | Exists(here.filter(of_the_demo))).exclude(Exists(its_own))


def has_real_school() -> bool:
    """Whether there is any school besides the demo's."""
    return School.objects.exclude(pk__in=schools().values("pk")).exists()


def is_open() -> bool:
    """Whether the demo's people can sign in: asked every time, because a real school may be added at any moment."""
    return settings.DEMO and not has_real_school()


def may_sign_in(person: Person) -> bool:
    """The demo's people only while they can sign in: everybody knows their password."""
    return not person.email.endswith(f"@{DOMAIN}") or is_open()
