"""The reference views, which run the same middleware as our pages and do almost nothing themselves."""

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
    """Return a page of one line. In bench/scenarios.py this is L0: the cost of the session and the person."""
    return HttpResponse(f"<!doctype html><title>{request.user.pk}</title>")


def _people() -> list[Person]:
    return list(Person.objects.select_related("grade").order_by("pk")[:ROWS])


def plain_list(request: HttpRequest) -> HttpResponse:
    """Return 25 rows, read along an index, in a simple template. In bench/scenarios.py this is LB."""
    return TemplateResponse(request, "bench/rows.html", {"person": request.user, "rows": _people()})


def list_in_shell(request: HttpRequest) -> HttpResponse:
    """Return the rows of LB in our base.html, which adds the cost of head, navigation and footer."""
    return TemplateResponse(request, "bench/in_shell.html", {"rows": _people()})


def raw_csv(request: HttpRequest) -> HttpResponse:
    """Return the report's figures from one SQL statement as CSV."""
    person = request.user
    assert isinstance(person, Person)
    semester = request.GET["semester"]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    with connection.cursor() as cursor:
        cursor.execute(RAW, [semester, person.school_id])
        csv.writer(response).writerows(cursor)
    return response
