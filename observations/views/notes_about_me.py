"""Notes that colleagues wrote about the person's lessons, on walks whose rule opens them to the host."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from school.http import SignedInRequest

from ..models import Note

NOTES_A_PAGE = 20


@require_safe
def notes_about_me(request: SignedInRequest) -> HttpResponse:
    """List the notes, newest walk first."""
    found = Note.objects.open_to_host(request.user).select_related("stop__walk__walker", "stop__room")
    page = Paginator(found, NOTES_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "observations/notes_about_me.html", {"page": page})
