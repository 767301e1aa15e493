"""The calendar file of one walk, for its walker."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from school.http import SignedInRequest

from ..mail import invitations
from ..models import State, Walk

IN_CALENDARS = (State.APPROVED, State.WALKED, State.COMPLETE)


@require_safe
def ics(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Download an approved walk as a calendar file with its rooms and time."""
    own = Walk.objects.of(request.user)
    walk = get_object_or_404(own.select_related("walker__school"), pk=walk_id)
    if walk.state not in IN_CALENDARS:
        raise Http404
    body = invitations.calendar_text(walk, method=invitations.PUBLISH, now=timezone.now())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = 'attachment; filename="learning-walk.ics"'
    return response
