"""Whether this is the demo: pages that everybody may open are open only while no real school lives here.

The demo's school may be renamed by whoever tries it, so its people tell: no real address ends in .example (RFC 2606).
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import Person, School

NAME = "Maple Hill School"
DOMAIN = "maplehill.example"


def schools() -> QuerySet[School]:
    """The demo's school, whatever it is called by now."""
    people = Person.objects.filter(school=OuterRef("pk"), email__endswith=f"@{DOMAIN}")
    return School.objects.filter(Q(name=NAME) | Q(Exists(people)))


def has_real_school() -> bool:
    """Whether there is any school besides the demo's."""
    return School.objects.exclude(pk__in=schools().values("pk")).exists()


def is_open() -> bool:
    """Whether the demo's doors are open: asked anew every time, because a real school may be added at any moment."""
    return settings.DEMO and not has_real_school()


def may_sign_in(person: Person) -> bool:
    """The demo's people only in the demo: everybody knows their password."""
    return settings.DEMO or not person.email.endswith(f"@{DOMAIN}")
