"""The pages of door signs: making one, and where its QR code leads."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.calendar import Calendar
from school.http import SignedInRequest
from school.models import Person

from ..doors import signs
from ..forms.door_signs import SignForm
from ..models import DoorSign


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: SignedInRequest) -> HttpResponse:
    """Choose a room and a paper; then the page shows the sign, to be printed."""
    me = request.user
    now = timezone.now()
    rooms = signs.own_rooms(me, calendar=Calendar(me.school), now=now)
    if request.method == "POST":
        form = SignForm(request.POST, rooms=rooms)
        if form.is_valid():
            signs.make_sign(form.rooms[form.cleaned_data["room"]], by=me, now=now)
            return redirect(_address_of(**form.cleaned_data))
    else:
        form = SignForm(request.GET if "room" in request.GET else None, rooms=rooms)
    sign = None
    if form.is_valid():
        sign = DoorSign.objects.visible_to(me).filter(room=form.cleaned_data["room"]).select_related("room").first()
    context = {
        "form": form,
        "has_rooms": bool(rooms),
        "sign": sign,
        "paper": form.cleaned_data["paper"] if sign else "",
        "qr_code": signs.qr_code(sign) if sign else "",
    }
    return TemplateResponse(request, "walks/doors/sign.html", context, status=422 if form.errors else 200)


@require_POST
def new_code(request: SignedInRequest) -> HttpResponse:
    """Choose a new code for the sign of one of the person's own rooms."""
    me = request.user
    now = timezone.now()
    form = SignForm(request.POST, rooms=signs.own_rooms(me, calendar=Calendar(me.school), now=now))
    form.fields["paper"].required = False
    room = form.cleaned_data["room"] if form.is_valid() else None
    sign = get_object_or_404(DoorSign.objects.visible_to(me).select_related("room"), room=room)
    signs.change_code(sign, by=me, now=now)
    messages.success(request, _("The sign has a new code. Print it again: the old one leads nowhere now."))
    return redirect(_address_of(sign.room_id, form.cleaned_data["paper"] or "a4"))


def _address_of(room: int, paper: str) -> str:
    return f"{reverse('walks:door_sign')}?{urlencode({'room': room, 'paper': paper})}"


@login_not_required
@require_safe
def scanned(request: HttpRequest, sign_token: str) -> HttpResponse:
    """Say who teaches in the room of the sign now. Nobody who is signed out learns anything, not even if it exists."""
    me = request.user
    if not isinstance(me, Person):
        # The token is not looked up, so that the page is the same for every token.
        return TemplateResponse(request, "walks/doors/sign_signed_out.html", {"school": signs.only_school()})
    found = DoorSign.objects.visible_to(me).select_related("room")
    sign = get_object_or_404(found, token=sign_token)
    now = timezone.now()
    taught = signs.taught_now(sign.room, calendar=Calendar(me.school), now=now)
    return TemplateResponse(request, "walks/doors/sign_scanned.html", {"room": sign.room, "taught": taught})
