"""The page on which deciders choose another person to cover an approved walk."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from school.errors import RuleError
from school.forms.fields import offer_rows
from school.http import SignedInRequest
from school.models import Person
from school.people.addresses import tell_in_person
from school.text.typed import whole_number

from ..errors import AlreadyDecidedError
from ..forms.approvals import CoverForm
from ..models import Walk
from ..planning import clashes, cover, cover_needed
from ..workflow import cover_changes, transitions
from .approvals import decider, request_for


@require_http_methods(["GET", "HEAD", "POST"])
def change_cover(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Choose another person to cover, or nobody if the walker has no lesson then any more."""
    person = decider(request)
    walk = request_for(request, walk_id)
    now = timezone.now()
    if not transitions.may(person, "change_cover", walk) or walk.ends_at <= now:
        messages.info(request, _("You can only change cover for approved walks that haven’t started."))
        return redirect("walks:approvals")
    if "release" in request.POST:
        return _release(request, walk, person, now)
    form = CoverForm(request.POST or None, walk=walk, by=person, now=now)
    if request.method != "POST" or not form.is_valid():
        return _cover_page(request, form)
    values = form.cleaned_data
    try:
        cover_changes.change(walk, cover=values["cover"], seen_cover=values["seen_cover"], by=person, now=now)
    except AlreadyDecidedError as error:
        messages.info(request, str(error))
        return redirect("walks:change_cover", walk.pk)
    except RuleError as error:
        form.add_error("cover", str(error))
        return _cover_page(request, form)
    words = _("%(cover)s covers now. %(name)s gets an e-mail.")
    words %= {"cover": values["cover"].full_name, "name": walk.walker.short_name}
    messages.success(request, f"{words} {tell_in_person([values['cover']])}".strip())
    return redirect("walks:approvals")


def _release(request: SignedInRequest, walk: Walk, person: Person, now: dt.datetime) -> HttpResponse:
    cover_before = walk.cover
    seen_cover = whole_number(request.POST.get("seen_cover", ""))
    try:
        cover_changes.release(walk, seen_cover=seen_cover, by=person, now=now)
    except RuleError as error:
        messages.info(request, str(error))
        return redirect("walks:change_cover", walk.pk)
    if cover_before is not None:
        words = _("%(cover)s is free again and gets an e-mail.")
        if not cover_before.email:
            words = _("%(cover)s is free again. They have no e-mail address here, so tell them in person.")
        messages.success(request, words % {"cover": cover_before.full_name})
    return redirect("walks:approvals")


def _cover_page(request: SignedInRequest, form: CoverForm) -> HttpResponse:
    walk = form.walk
    if form.is_bound:
        offer_rows(form, "cover", cover.colleagues_to_offer(form.plan(), calendar=form.calendar))
    context = {
        "walk": walk,
        "form": form,
        "lesson": clashes.lesson_during(walk.walker, walk),
        "why_cover_is_needed": cover_needed.reasons([walk], calendar=form.calendar, now=form.now).get(walk.pk, ""),
    }
    return TemplateResponse(request, "walks/cover.html", context, status=422 if form.errors else 200)
