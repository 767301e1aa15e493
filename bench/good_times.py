"""Measure, inside an installation, how long the search for good times takes for a teacher."""

from __future__ import annotations

import json
import statistics
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from school.models import Person  # noqa: E402
from walks.planning.good_times import next_good_times  # noqa: E402

TEACHERS = 40


def measure() -> dict[str, float]:
    """Return milliseconds: the median and the slowest of some teachers, from all parts of the school."""
    now = timezone.now()
    teachers = Person.objects.teachers().select_related("school", "grade").order_by("pk")
    step = max(teachers.count() // TEACHERS, 1)
    chosen = list(teachers)[::step]
    next_good_times(chosen[0], now=now)  # the first search also reads the directory
    spent = []
    for teacher in chosen:
        started = time.perf_counter()
        next_good_times(teacher, now=now)
        spent.append((time.perf_counter() - started) * 1000)
    return {"good times of a teacher, median ms": statistics.median(spent), "the slowest, ms": max(spent)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
