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


HERE = Person.objects.filter(school=OuterRef("pk"), is_active=True)
HAS_DEMO_ADDRESS = Q(email__endswith=f"@{DOMAIN}")
IS_DEMO = (Q(name=NAME) | Exists(HERE.filter(HAS_DEMO_ADDRESS))) & ~Exists(
    HERE.exclude(HAS_DEMO_ADDRESS).filter(is_administrator=True, last_login__isnull=False)
)
REAL_SCHOOL = Exists(School.objects.exclude(IS_DEMO))  # accounts.backends asks it in the query of the signed-in person


def schools() -> QuerySet[School]:
    """Return the demo's school, even if it was renamed, but only while no other administrator has signed in."""
    return School.objects.filter(IS_DEMO)


def has_real_school() -> bool:
    """Whether there is a school besides the demo's."""
    return School.objects.exclude(IS_DEMO).exists()


def is_open(reader: object = None) -> bool:
    """Whether the demo's people can sign in. Not cached, because a real school may be added at any moment.

    The row of the signed-in person, `reader`, holds the answer already.
    """
    if not settings.DEMO:
        return False
    known = reader.is_beside_real_school if isinstance(reader, Person) else None
    return not (has_real_school() if known is None else known)


def may_sign_in(person: Person) -> bool:
    """Whether the person may sign in. The demo's people may do so only in a demo, because their password is public."""
    return not (person.email or "").endswith(f"@{DOMAIN}") or is_open(person)
