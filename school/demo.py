"""Tell whether this is the demo. One-click sign-in and the demo's mailbox work only while there is no real school.

The demo's school may be renamed, so its people identify it: no real address ends in .example (RFC 2606). It becomes a
real school when an administrator with another address signs in.
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
    """Return the demo's school, even if it was renamed, but only while no other administrator has signed in."""
    here = Person.objects.filter(school=OuterRef("pk"), is_active=True)
    has_demo_address = Q(email__endswith=f"@{DOMAIN}")
    real_administrators = here.exclude(has_demo_address).filter(is_administrator=True, last_login__isnull=False)
    is_demo = Q(name=NAME) | Exists(here.filter(has_demo_address))
    return School.objects.filter(is_demo).exclude(Exists(real_administrators))


def has_real_school() -> bool:
    """Whether there is a school besides the demo's."""
    return School.objects.exclude(pk__in=schools().values("pk")).exists()


def is_open() -> bool:
    """Whether the demo's people can sign in. Not cached, because a real school may be added at any moment."""
    return settings.DEMO and not has_real_school()


def may_sign_in(person: Person) -> bool:
    """Whether the person may sign in. The demo's people may do so only in a demo, because their password is public."""
    return not person.email.endswith(f"@{DOMAIN}") or is_open()
