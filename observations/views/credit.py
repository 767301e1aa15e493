"""Tell a host that an idea from their room was tried; undo that, or settle its delivery."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from school.http import SignedInRequest
from school.save_errors import NotSavedError, report_if_not_saved
from walks.models import Stop

from ..forms.credit import CreditForm
from ..models import Praise
from ..words import credit as rules
from ..words import praise as praise_rules
from .praise_afterwards import settle_and_report
from .praise_page import stop_to_praise


@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Write to a thanked host, once the takeaway of the walk was tried."""
    stop = stop_to_praise(request, walk_id, stop_id)
    takeaway = rules.tried_takeaway(stop.walk)
    if takeaway is None:
        return redirect("observations:ideas")
    letter = Praise.objects.of(request.user).after_trying_idea(stop).first()
    if letter and letter.sent_at:
        return redirect("praise:sent")
    if request.method != "POST":
        if not rules.stops_to_tell().filter(pk=stop.pk).exists():
            return redirect("observations:ideas")
        words = letter.text if letter else rules.suggested_words(takeaway)
        return _page(request, stop, CreditForm(host=stop.host, initial={"text": words}))
    form = CreditForm(request.POST, host=stop.host)
    if not form.is_valid():
        return _page(request, stop, form, status=422)
    try:
        with report_if_not_saved():
            rules.send(stop, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
    except (
        NotSavedError,
        rules.EmptyLetterError,
        praise_rules.HostLeftError,
        praise_rules.NoAddressError,
    ) as error:
        form.add_error("text", str(error))
        return _page(request, stop, form, status=422)
    return redirect("praise:sent")


def _page(request: SignedInRequest, stop: Stop, form: CreditForm, *, status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "observations/credit.html", {"stop": stop, "form": form}, status=status)


@require_POST
def unsend(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = stop_to_praise(request, walk_id, stop_id)
    letter = Praise.objects.of(request.user).after_trying_idea(stop).first()
    if letter is None:
        return redirect("observations:tell", walk_id, stop_id)
    try:
        praise_rules.unsend(letter, by=request.user, now=timezone.now())
    except praise_rules.TooLateError as error:
        messages.warning(request, str(error))
        return redirect("praise:sent")
    messages.success(request, _("Not sent. You can change it and send it again."))
    return redirect("observations:tell", walk_id, stop_id)


@require_POST
def settle_delivery(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Settle a mail whose delivery is in doubt: "it arrived", or "send again"."""
    stop = stop_to_praise(request, walk_id, stop_id)
    letter = Praise.objects.of(request.user).after_trying_idea(stop).first()
    if letter is not None:
        settle_and_report(request, letter)
    return redirect("praise:sent")
