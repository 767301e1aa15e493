"""Undo sending or thanks in person, settle a delivery in doubt, and download or delete a draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from notifications.sending import outbox
from school.http import SignedInRequest

from ..models import Praise
from ..words import praise as rules
from .praise_page import stop_to_praise


@require_POST
def unsend(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = stop_to_praise(request, walk_id, stop_id)
    praise = get_object_or_404(Praise.objects.visible_to(request.user).after_visit(stop))
    try:
        rules.unsend(praise, by=request.user, now=timezone.now())
    except rules.TooLateError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Not sent. You can change it and send it again."))
    return redirect("observations:praise", walk_id, stop_id)


@require_POST
def undo_thanks_in_person(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = stop_to_praise(request, walk_id, stop_id)
    rules.undo_thanks_in_person(stop, by=request.user, now=timezone.now())
    return redirect("observations:praise", walk_id, stop_id)


@require_POST
def settle_delivery(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Settle a mail whose delivery is in doubt: "it arrived", or "send again"."""
    stop = stop_to_praise(request, walk_id, stop_id)
    praise = get_object_or_404(Praise.objects.visible_to(request.user).after_visit(stop))
    settle_and_report(request, praise)
    return redirect("observations:praise", walk_id, stop_id)


def settle_and_report(request: SignedInRequest, praise: Praise) -> None:
    """Settle the delivery as the person chose, with a message that says what happened."""
    arrived = {"yes": True, "no": False}.get(request.POST.get("arrived", ""))
    if arrived is None:
        messages.warning(request, _("Choose whether it arrived."))
        return
    try:
        rules.settle_delivery(praise, arrived=arrived, by=request.user, now=timezone.now())
    except outbox.DeliveryNotInDoubtError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Good. It arrived.") if arrived else _("It will be sent again."))


@require_safe
def draft_text(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Return an unsent draft as a text file, for example after the host has left."""
    stop = stop_to_praise(request, walk_id, stop_id)
    drafts = Praise.objects.of(request.user).after_visit(stop).exclude(text="")
    draft = get_object_or_404(drafts, sent_at__isnull=True)
    response = HttpResponse(f"{draft.text}\n", content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="praise-{stop.walk.date}.txt"'
    return response


@require_POST
def delete_draft(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = stop_to_praise(request, walk_id, stop_id)
    rules.delete_draft(stop, by=request.user)
    messages.success(request, _("Deleted."))
    return redirect("observations:praise", walk_id, stop_id)
