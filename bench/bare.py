"""The bare reference: what Django's startproject makes, with one list of 25 rows and none of our middleware.

It is a site of its own beside the product's, with the same database, so that pages are compared with a list that
does not become cheaper or dearer when the product does.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from school.models import Person

ROWS = 25


def plain_list(request: HttpRequest) -> HttpResponse:
    """Return 25 colleagues, read along an index, in a template that extends another."""
    people = Person.objects.filter(school=request.user.school_id, is_active=True).select_related("grade")
    rows = people.order_by("family_name", "given_name", "pk")[:ROWS]
    return TemplateResponse(request, "bench/rows.html", {"person": request.user, "rows": rows})
