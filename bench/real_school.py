"""Give the people addresses that are not the demo's, because pages of a demo cost more than those of a real school."""

from __future__ import annotations

import django

django.setup()

from django.db.models import Value  # noqa: E402
from django.db.models.functions import Replace  # noqa: E402

from school import demo  # noqa: E402
from school.models import Person, School  # noqa: E402

from .visitor import DOMAIN  # noqa: E402

if __name__ == "__main__":
    Person.objects.update(email=Replace("email", Value(demo.DOMAIN), Value(DOMAIN)))
    School.objects.update(name="Riverside School")
