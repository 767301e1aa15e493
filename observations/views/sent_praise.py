"""Sent praise: the pages of its receiver and its author, and what the receiver may do with it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notifications.sending import outbox
from school.http import SignedInRequest
from school.models import Person
from school.text.typed import whole_number
from walks.models import Stop

from ..forms.praise_filter import PraiseFilterForm
from ..models import Praise
from ..querysets import PraiseQuerySet
from ..words import sent_praise as rules
from ..words.praise import most_urgent_stop_to_thank

PRAISES_A_PAGE = 10
SHOWN_RELATIONS = ("author", "host", "photo", "stop__room", "stop__walk")


def _sent_praise(request: SignedInRequest) -> PraiseQuerySet:
    """Return sent praise that the person wrote or received, with everything that the pages show."""
    sent = Praise.objects.visible_to(request.user).filter(sent_at__isnull=False)
    return sent.select_related(*SHOWN_RELATIONS).prefetch_related("stop__walk__focus")


def _next_to_thank(person: Person) -> Stop | None:
    """Return the room whose host waits for praise and is due first. Ask only if the loaded number is not zero."""
    return None if person.praise_to_send == 0 else most_urgent_stop_to_thank(person)


@require_safe
def received(request: SignedInRequest) -> HttpResponse:
    """List the praise that the person received, newest first."""
    praises = _sent_praise(request).received_by(request.user)
    filters = PraiseFilterForm(request.GET, praises=praises, colleague="author")
    page = Paginator(filters.matching(), PRAISES_A_PAGE).get_page(request.GET.get("page"))
    unread = {praise.pk for praise in page.object_list if praise.is_new}
    rules.mark_read(page.object_list, by=request.user, now=timezone.now())
    context = {"page": page, "filters": filters, "unread": unread, "next_to_thank": _next_to_thank(request.user)}
    return TemplateResponse(request, "observations/praise_received.html", context)


@require_safe
def sent(request: SignedInRequest) -> HttpResponse:
    """List the praise that the person sent, and whether its e-mails arrived."""
    praises = _sent_praise(request).sent_by(request.user)
    filters = PraiseFilterForm(request.GET, praises=praises, colleague="host")
    page: Page[Any] = Paginator(filters.matching(), PRAISES_A_PAGE).get_page(request.GET.get("page"))
    deliveries = outbox.newest_deliveries([praise.about for praise in page.object_list], request.user)
    rows = [_sent_row(praise, deliveries.get(praise.about), timezone.now()) for praise in page.object_list]
    rules.mark_thanks_seen(page.object_list, by=request.user, now=timezone.now())
    context = {"page": page, "rows": rows, "filters": filters, "next_to_thank": _next_to_thank(request.user)}
    return TemplateResponse(request, "observations/praise_sent.html", context)


def _sent_row(praise: Praise, delivery: outbox.Delivery | None, now: dt.datetime) -> tuple[Any, ...]:
    """Return the praise, its e-mail, whether it can be undone, and when it was sent (None if it has not gone yet)."""
    can_undo = praise.can_undo(now)
    is_gone = delivery.is_over if delivery else True
    return praise, delivery, can_undo, None if can_undo or not is_gone else praise.sent_at


@require_safe
def detail(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Show one praise to its receiver or its author."""
    praise = get_object_or_404(_sent_praise(request), pk=praise_id)
    rules.mark_read([praise], by=request.user, now=timezone.now())
    rules.mark_thanks_seen([praise], by=request.user, now=timezone.now())
    return TemplateResponse(request, "observations/praise_detail.html", {"praise": praise})


@require_POST
def thank(request: SignedInRequest, praise_id: str) -> HttpResponse:
    praise = get_object_or_404(_sent_praise(request), pk=praise_id)
    rules.thank_back(praise, by=request.user, now=timezone.now())
    return _redirect_to_previous_page(request, praise)


@require_POST
def remove_photo(request: SignedInRequest, praise_id: str) -> HttpResponse:
    praise = get_object_or_404(_sent_praise(request), pk=praise_id)
    rules.remove_photo(praise, by=request.user)
    messages.success(request, _("The photo is removed from this praise."))
    return _redirect_to_previous_page(request, praise)


def _redirect_to_previous_page(request: SignedInRequest, praise: Praise) -> HttpResponse:
    """Redirect to the filtered list on which the button was pressed, or to the page of this praise."""
    page = whole_number(request.POST.get("page", ""))
    if page is None:
        return redirect("praise:detail", praise.pk)
    filters = {name: request.POST[name] for name in ("q", "person", "semester") if request.POST.get(name)}
    return redirect(f"{reverse('praise:list')}?{urlencode({'page': page, **filters})}#praise-{praise.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Ask whether to delete received praise (GET), and delete it (POST)."""
    praise = _received_praise(request, praise_id)
    if request.method != "POST":
        return TemplateResponse(request, "observations/praise_delete.html", {"praise": praise})
    rules.delete(praise, by=request.user, now=timezone.now())
    messages.success(request, _("You deleted the praise from %(name)s.") % {"name": praise.author.short_name})
    return redirect("praise:list")


@require_safe
def keepsake(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Show the praise on a page to print."""
    praise = _received_praise(request, praise_id)
    return TemplateResponse(request, "observations/keepsake.html", {"praise": praise})


@require_safe
def keepsake_text(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Return the praise as a plain text file."""
    praise = _received_praise(request, praise_id)
    text = render_to_string("observations/keepsake.txt", {"praise": praise})
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="praise-{praise.stop.walk.date}.txt"'
    return response


def _received_praise(request: SignedInRequest, praise_id: str) -> Praise:
    return get_object_or_404(_sent_praise(request).received_by(request.user), pk=praise_id)
