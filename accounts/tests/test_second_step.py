"""The second step: its setup code works once; turning it off and seeing recovery codes need a code."""

import re
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.tests.signing_in import app_code, try_password
from school.tests.factories import NOW, PASSWORD

SET_UP = "/account/2fa/totp/activate/"
TURN_OFF = "/account/2fa/totp/deactivate/"
CODES = "/account/2fa/recovery-codes/"
RECOVERY_CODE_PAGES = (CODES, f"{CODES}download/", f"{CODES}generate/")


@pytest.fixture(autouse=True)
def clock(fresh_limits):
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def secret(walker):
    """Give the walker a second step; return its secret."""
    new_secret = generate_totp_secret()
    TOTP.activate(walker, new_secret)
    RecoveryCodes.activate(walker)
    return new_secret


@pytest.fixture
def owner(client, walker, secret, clock):
    """Signed in with both steps six minutes ago, so that every proof is too old."""
    try_password(client, walker)
    client.post("/account/2fa/authenticate/", {"code": app_code(secret)})
    clock.shift(360)
    assert client.get("/me/").status_code == 200
    return client


def has_second_step(person):
    return Authenticator.objects.filter(user=person, type="totp").exists()


def test_the_setup_code_cannot_be_used_to_sign_in(client, walker, clock):
    try_password(client, walker)
    page = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": SET_UP}, follow=True)
    secret = re.search(r'id="authenticator_secret">(\w+)<', page.content.decode())[1]
    code = app_code(secret)
    client.post(SET_UP, {"code": code})
    assert has_second_step(walker)
    other = Client()
    try_password(other, walker)
    other.post("/account/2fa/authenticate/", {"code": code})
    assert other.get("/me/").status_code == 302
    clock.shift(30)
    other.post("/account/2fa/authenticate/", {"code": app_code(secret)})
    assert other.get("/me/").status_code == 200


def test_after_setup_the_recovery_codes_are_shown_at_once(client, walker):
    try_password(client, walker)
    page = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": SET_UP}, follow=True)
    secret = re.search(r'id="authenticator_secret">(\w+)<', page.content.decode())[1]
    page = client.post(SET_UP, {"code": app_code(secret)}, follow=True)
    assert page.content.decode().count("<li>") >= 10


def test_turning_off_the_second_step_always_needs_a_new_code(owner, walker, secret):
    owner.post("/account/2fa/reauthenticate/", {"code": app_code(secret)})
    owner.post(TURN_OFF)
    owner.post(TURN_OFF, {"code": "000000"})
    owner.post(TURN_OFF, {"code": app_code(secret)})  # this code was just used
    assert has_second_step(walker)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_a_code_turns_off_the_second_step(kind, owner, walker, secret, mailoutbox):
    assert "Code from your app, or a recovery code" in owner.get(TURN_OFF).content.decode()
    assert owner.get(TURN_OFF).context["form"].errors == {}
    kept = Authenticator.objects.get(user=walker, type="recovery_codes").wrap().get_unused_codes()
    answer = owner.post(TURN_OFF, {"code": app_code(secret) if kind == "app" else kept[0]})
    assert answer.status_code == 302
    assert not has_second_step(walker)
    assert [mail.to for mail in mailoutbox] == [[walker.email]]


@pytest.mark.parametrize("address", RECOVERY_CODE_PAGES)
def test_the_password_alone_shows_no_recovery_code(address, owner):
    owner.post("/account/reauthenticate/", {"password": PASSWORD, "next": address})
    assert owner.get(address).url == f"/account/2fa/reauthenticate/?next={quote(address, safe='')}"
    assert owner.post(address).status_code == 302


def test_without_a_code_no_new_recovery_codes_are_made(owner, walker):
    before = Authenticator.objects.get(user=walker, type="recovery_codes").data
    owner.post("/account/reauthenticate/", {"password": PASSWORD})
    owner.post(f"{CODES}generate/")
    assert Authenticator.objects.get(user=walker, type="recovery_codes").data == before


def test_a_code_shows_the_recovery_codes_for_five_minutes(owner, secret, clock):
    answer = owner.post("/account/2fa/reauthenticate/", {"code": app_code(secret), "next": CODES}, follow=True)
    assert answer.content.decode().count("<li>") >= 10
    clock.shift(299)
    assert owner.get(CODES).status_code == 200
    clock.shift(2)
    assert owner.get(CODES).status_code == 302
