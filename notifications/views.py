"""Pages about e-mail: preferences, one-click unsubscribing, and the demo mailbox."""

from __future__ import annotations

from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from school import demo
from school.http import SignedInRequest
from school.models import Person

from . import demo_mailbox, preferences
from .forms import EmailChoicesForm

MAILS_A_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def email_choices(request: SignedInRequest) -> HttpResponse:
    """Show and save which e-mails the person wants."""
    form = EmailChoicesForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. We’ll send what you chose."))
        return redirect("notifications:preferences")
    return TemplateResponse(
        request, "notifications/preferences.html", {"form": form}, status=422 if form.errors else 200
    )


@csrf_exempt
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Switch one kind of mail off. A mail program posts here for its reader, without our CSRF cookie (RFC 8058)."""
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        return _switch_off(request, token)
    return _unsubscribe_in_browser(request, token)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def _unsubscribe_in_browser(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first (GET), and switch off when the button is pressed (POST)."""
    if request.method == "POST":
        return _switch_off(request, token)
    _person, kind = _person_and_kind(token)
    return _unsubscribe_page(request, kind, is_done=False)


def _switch_off(request: HttpRequest, token: str) -> HttpResponse:
    person, kind = _person_and_kind(token)
    preferences.mute(person, kind.name)
    return _unsubscribe_page(request, kind, is_done=True)


def _person_and_kind(token: str) -> tuple[Person, preferences.MailKind]:
    found = preferences.read_unsubscribe_token(token)
    if found is None:
        raise Http404
    return found


def _unsubscribe_page(request: HttpRequest, kind: preferences.MailKind, *, is_done: bool) -> HttpResponse:
    return TemplateResponse(request, "notifications/unsubscribe.html", {"kind": kind, "is_done": is_done})


def _demo_folder() -> Path:
    if not demo.is_open():
        raise Http404
    return Path(settings.MAIL_DIR)


@require_safe
@login_not_required
def mailbox_page(request: HttpRequest) -> HttpResponse:
    """List the mails of the demo, newest first; with `?to=`, those of one recipient."""
    mails = demo_mailbox.newest_mails(_demo_folder())
    to = request.GET.get("to", "")
    shown = [mail for mail in mails if not to or mail.to.lower() == to.lower()]
    page = Paginator(shown, MAILS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": demo_mailbox.with_receivers(page),
        "recipients": sorted({mail.to for mail in mails}),
        "to": to,
    }
    return TemplateResponse(request, "notifications/mailbox.html", context)


@require_safe
@login_not_required
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def demo_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail of the demo: as designed in a frame, and as text."""
    return TemplateResponse(request, "notifications/mail.html", {"mail": _mail_or_404(name)})


@require_safe
@login_not_required
@xframe_options_sameorigin
def demo_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML of a demo mail in a sandbox without scripts, inside the page of the mail.

    Its links open in the whole window. The page may read it, to make the frame as high as the mail.
    """
    html = _mail_or_404(name).html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(html)
    sandbox = "sandbox allow-same-origin allow-top-navigation-by-user-activation"
    response["Content-Security-Policy"] = (
        f"{sandbox}; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


def _mail_or_404(name: str) -> demo_mailbox.Mail:
    mail = demo_mailbox.read_mail(_demo_folder(), name)
    if mail is None:
        raise Http404
    return mail
