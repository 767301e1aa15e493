"""allauth's adapters: sign-up by invitation only, our wording of its errors, and mail links with SITE_URL."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from school import demo
from school.models import Person

from . import sessions
from .rate_limits import is_network_limit_reached, normalized_address, run_after_response

CODE_MAIL = "account/email/login_code"
UNKNOWN_ADDRESS_MAIL = "account/email/unknown_account"
security = logging.getLogger("learningwalks.security")


def mail_link(path: str) -> str:
    """Return a link for a mail. It starts with SITE_URL, because a sender can forge the Host header of a request."""
    return f"{settings.SITE_URL}{path}"


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody can sign up, because administrators invite people."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off. Ask your school’s administrator to switch it on again."),
        "demo_over": _("This is a real school now. The demo’s accounts are closed."),
        "email_password_mismatch": _("That e-mail and password don’t match. Try again, or have a code sent to you."),
        "enter_current_password": _("That isn’t your current password. Try again."),
        "incorrect_code": _("That code doesn’t match. Use the newest e-mail, and check each character."),
        "incorrect_password": _("That isn’t your password. Try again."),
        "too_many_login_attempts": _("That was five tries. Wait five minutes, or have a code e-mailed to you."),
        "too_many_tries_of_a_code": _("That was five tries. Ask for a new code."),
        "too_many_codes": _("You asked for three codes. Use the newest e-mail, or wait a quarter of an hour."),
        "too_many_from_here": _("Many people are signing in from here. Wait a minute, then try again."),
        "rate_limited": _("That was a lot at once. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Return whether a URL in `next` stays on this host. Other hosts in ALLOWED_HOSTS count as other sites."""
        secure = self.request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()}, require_https=secure)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt. Log it and raise ValidationError when there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            self._log_event(logging.WARNING, "too many tries", credentials.get("email", ""))
            if is_network_limit_reached(request, "login_failed"):
                raise self.validation_error("too_many_from_here") from error
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the person with these credentials. Raise ValidationError for demo accounts once the demo is over."""
        found = super().authenticate(request, **credentials)
        if isinstance(found, Person) and not demo.may_sign_in(found):
            raise self.validation_error("demo_over")
        return found

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log a wrong password or an unknown address."""
        self._log_event(logging.WARNING, "wrong password", credentials.get("email", ""))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return False for people who have neither a password nor a second step.

        They signed in with a mailed code and have nothing else to type.
        """
        required = super().is_reauthentication_required(app=app, **kwargs)
        return bool(required and self.get_reauthentication_methods(self.request.user))

    def get_login_stages(self) -> list[str]:
        """Add our two stages, one before and one after the second step (see login_stages.py)."""
        stages: list[str] = super().get_login_stages()
        second_step = stages.index("allauth.mfa.stages.AuthenticateStage")
        stages.insert(second_step, "accounts.login_stages.RememberAccountStage")
        return [*stages, "accounts.login_stages.SameAccountStage"]

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log the sign-in once all its stages are done."""
        super().login(request, user)
        self._log_event(logging.INFO, "signed in", user.email)

    def _log_event(self, level: int, what: str, email: str) -> None:
        """Log a sign-in event with the person's id and IP address, but never with the e-mail address that was typed."""
        person = Person.objects.filter(email__iexact=normalized_address(email)).values_list("pk", flat=True).first()
        security.log(level, "%s: person %s from %s", what, person or "unknown", self.get_client_ip(self.request))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords per account only.

        allauth adds the Host header to the key, and its many spellings would give extra tries.
        """
        return normalized_address(credentials.get("email", ""))

    def set_password(self, user: Person, password: str) -> None:
        """Save only the password.

        The other fields of `user` may be older than the row, for example if the person has left since (docs/adr/0013).
        """
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return mail_link(path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return mail_link(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the mail after the response.

        Only existing accounts get a mail. If it were sent before the response, the response time would reveal which
        accounts exist.
        """
        run_after_response(partial(self._render_and_send, template_prefix, email, context))

    def _render_and_send(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Add the school and our links to the mail, and send it.

        The mail to an unknown address is rendered too, but not sent. Otherwise this thread would be free earlier, which
        the next request of the same visitor could measure.
        """
        person = Person.objects.select_related("school").filter(email__iexact=email).first()
        extra: dict[str, Any] = {"school": person and person.school, "site_url": settings.SITE_URL}
        extra["sign_in_url"] = mail_link(reverse("sign-in"))
        if template_prefix == UNKNOWN_ADDRESS_MAIL:
            self.render_mail(CODE_MAIL, email, {"code": "", **extra, **context})
            return
        super().send_mail(template_prefix, email, extra | context)


class DeviceListAdapter(DefaultUserSessionsAdapter):
    """The list of devices with its button "Sign out everywhere else"."""

    def end_sessions(self, ended: Any) -> None:
        """Also end the person's half-done sign-ins, which the list does not show."""
        super().end_sessions(ended)
        sessions.end_half_done(context.request.user)


class SecondStepAdapter(DefaultMFAAdapter):
    """The second step of sign-in, with our error messages."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code doesn’t match. Wait for the next one in your app and try again."),
    }
