"""Praise pages: praise received, praise sent, and what the receiver may do with a letter (praise as they read it)."""

from __future__ import annotations

from collections.abc import Callable
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
from school.text.typed import whole_number

from ..forms.letters import PraiseFilterForm
from ..models import Praise
from ..querysets import PraiseQuerySet
from ..words import praise as rules

LETTERS_A_PAGE = 10
RELATED = ("author", "host", "photo", "stop__room", "stop__walk")


def _letters(request: SignedInRequest) -> PraiseQuerySet:
    """Return sent praise that the person wrote or received, with everything that a letter shows."""
    sent = Praise.objects.visible_to(request.user).filter(sent_at__isnull=False)
    return sent.select_related(*RELATED).prefetch_related("stop__walk__focus")


@require_safe
def received(request: SignedInRequest) -> HttpResponse:
    """List the letters that the person received, newest first."""
    letters = _letters(request).received_by(request.user)
    filters = PraiseFilterForm(request.GET, letters=letters, colleague="author")
    page = Paginator(filters.chosen(), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    new = {letter.pk for letter in page.object_list if letter.is_new}
    rules.mark_read(page.object_list, by=request.user, now=timezone.now())
    return TemplateResponse(
        request, "observations/praise_received.html", {"page": page, "filters": filters, "new": new}
    )


@require_safe
def sent(request: SignedInRequest) -> HttpResponse:
    """List the praise that the person sent, and whether its e-mails arrived."""
    letters = _letters(request).sent_by(request.user)
    filters = PraiseFilterForm(request.GET, letters=letters, colleague="host")
    page: Page[Any] = Paginator(filters.chosen(), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    states = outbox.delivery_states([letter.about for letter in page.object_list], request.user)
    rows = [(letter, states.get(letter.about)) for letter in page.object_list]
    new = {letter.pk for letter in page.object_list if letter.has_new_thanks}
    rules.mark_thanks_seen(page.object_list, by=request.user, now=timezone.now())
    context = {"page": page, "rows": rows, "filters": filters, "new": new}
    return TemplateResponse(request, "observations/praise_sent.html", context)


@require_safe
def letter(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Show one letter to its receiver or its author."""
    found = get_object_or_404(_letters(request), pk=praise_id)
    rules.mark_read([found], by=request.user, now=timezone.now())
    rules.mark_thanks_seen([found], by=request.user, now=timezone.now())
    return TemplateResponse(request, "observations/letter.html", {"letter": found})


def _run_rule(request: SignedInRequest, praise_id: str, rule: Callable[[Praise], None]) -> HttpResponse:
    found = get_object_or_404(_letters(request), pk=praise_id)
    rule(found)
    page = whole_number(request.POST.get("page", ""))
    if page is not None:
        shown = {name: request.POST[name] for name in ("q", "person", "semester") if request.POST.get(name)}
        return redirect(f"{reverse('praise:list')}?{urlencode({'page': page, **shown})}#letter-{found.pk}")
    return redirect("praise:letter", found.pk)


@require_POST
def thank(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Thank the author."""
    return _run_rule(request, praise_id, lambda praise: rules.thank_back(praise, by=request.user, now=timezone.now()))


@require_POST
def remove_photo(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Remove the photo of one's own room from the letter."""
    answer = _run_rule(request, praise_id, lambda praise: rules.remove_photo(praise, by=request.user))
    messages.success(request, _("The photo is removed from this praise."))
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Ask whether to delete a letter (GET), and delete it (POST)."""
    found = get_object_or_404(_letters(request).received_by(request.user), pk=praise_id)
    if request.method != "POST":
        return TemplateResponse(request, "observations/letter_delete.html", {"letter": found})
    rules.delete(found, by=request.user, now=timezone.now())
    messages.success(request, _("You deleted the praise from %(name)s.") % {"name": found.author.given_name})
    return redirect("praise:list")


@require_safe
def keepsake(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Show the letter on a page to print."""
    found = get_object_or_404(_letters(request).received_by(request.user), pk=praise_id)
    return TemplateResponse(request, "observations/keepsake.html", {"letter": found})


@require_safe
def keepsake_text(request: SignedInRequest, praise_id: str) -> HttpResponse:
    """Return the letter as a plain text file."""
    found = get_object_or_404(_letters(request).received_by(request.user), pk=praise_id)
    text = render_to_string("observations/keepsake.txt", {"letter": found})
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="praise-{found.stop.walk.date}.txt"'
    return answer
