"""The reference views: the same middleware, and almost nothing else."""

from __future__ import annotations

import csv

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from school.models import Person

ROWS = 25
RAW = """
SELECT p.family_name, p.given_name, g.name, count(w.id) FILTER (WHERE w.state = 'complete'), min(w.date)
FROM school_person p
LEFT JOIN school_grade g ON g.id = p.grade_id
LEFT JOIN walks_walk w ON w.walker_id = p.id AND w.semester_id = %s
WHERE p.school_id = %s AND p.is_active AND p.is_teacher
GROUP BY p.id, g.id ORDER BY g.position, p.family_name, p.given_name
"""


def nothing(request: HttpRequest) -> HttpResponse:
    """L0: only the session and the signed-in person."""
    return HttpResponse(f"<!doctype html><title>{request.user.pk}</title>")


def _people() -> list[Person]:
    return list(Person.objects.order_by("pk")[:ROWS])


def plain_list(request: HttpRequest) -> HttpResponse:
    """LB: L0, and 25 rows along an index in a simple template."""
    return TemplateResponse(request, "bench/rows.html", {"person": request.user, "rows": _people()})


def list_in_shell(request: HttpRequest) -> HttpResponse:
    """LB inside the product's shell: the cost of head, navigation and footer."""
    return TemplateResponse(request, "bench/in_shell.html", {"rows": _people()})


def raw_csv(request: HttpRequest) -> HttpResponse:
    """The report's figures from one SQL statement, written by `csv`."""
    person = request.user
    assert isinstance(person, Person)
    semester = request.GET["semester"]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    with connection.cursor() as cursor:
        cursor.execute(RAW, [semester, person.school_id])
        csv.writer(response).writerows(cursor)
    return response
