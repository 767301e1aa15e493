"""What ends a sign-in that waits for its second step or for a mailed code. Two browsers, real pages."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from accounts.tests.signing_in import code_in
from school import people
from school.models import Person
from school.tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("fresh_limits")

NEW_PASSWORD = "seven quiet pineapples"


@pytest.fixture
def codes(walker):
    """Give the walker a second step; return their recovery codes."""
    TOTP.activate(walker, generate_totp_secret())
    return RecoveryCodes.activate(walker).get_unused_codes()


@pytest.fixture
def half_signed_in(walker, codes):
    """A browser that has sent the right password and waits for the second step."""
    browser = Client()
    answer = browser.post("/sign-in/", {"login": walker.email, "password": PASSWORD})
    assert answer.url == "/account/2fa/authenticate/"
    return browser


def completes_sign_in(browser, code):
    """Return whether the second step completes the sign-in."""
    browser.post("/account/2fa/authenticate/", {"code": code})
    return browser.get("/me/").status_code == 200


@pytest.fixture
def owner(walker, codes):
    """A browser in which the walker is signed in and has just proven who they are."""
    browser = Client()
    browser.post("/sign-in/", {"login": walker.email, "password": PASSWORD})
    assert completes_sign_in(browser, codes[0])
    return browser


def change_password(owner, codes):
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert owner.post("/account/password/change/", form).status_code == 302


def sign_out_elsewhere(owner, codes):
    assert owner.post("/account/sessions/").status_code == 302


def test_a_slow_second_step_still_completes_the_sign_in(half_signed_in, owner, codes):
    assert completes_sign_in(half_signed_in, codes[1])


@pytest.mark.parametrize("act", [change_password, sign_out_elsewhere])
def test_an_action_of_the_owner_ends_a_half_done_sign_in(act, half_signed_in, owner, codes):
    act(owner, codes)
    assert not completes_sign_in(half_signed_in, codes[1])


@pytest.mark.parametrize("act", [change_password, sign_out_elsewhere])
def test_an_action_of_the_owner_ends_a_sign_in_that_waits_for_a_code(act, walker, owner, codes, mailoutbox):
    waiting = Client()
    waiting.post("/account/login/code/", {"email": walker.email})
    code = code_in(mailoutbox[-1])
    act(owner, codes)
    waiting.post("/account/login/code/confirm/", {"code": code})
    assert not completes_sign_in(waiting, codes[1])


def test_signing_out_elsewhere_leaves_the_sign_ins_of_others(owner, administrator, codes):
    TOTP.activate(administrator, generate_totp_secret())
    codes_of_administrator = RecoveryCodes.activate(administrator).get_unused_codes()
    waiting = Client()
    waiting.post("/sign-in/", {"login": administrator.email, "password": PASSWORD})
    sign_out_elsewhere(owner, codes)
    assert completes_sign_in(waiting, codes_of_administrator[0])


def new_password_on_the_server(walker, administrator):
    walker.set_password(NEW_PASSWORD)
    walker.save()


def new_address(walker, administrator):
    details = people.PersonDetails(walker.given_name, walker.family_name, "new@school.example")
    people.change(walker, details, by=administrator, now=timezone.now())


def new_address_stored_directly(walker, administrator):
    Person.objects.filter(pk=walker.pk).update(email="new@school.example")


def role_taken_away(walker, administrator):
    Person.objects.filter(pk=walker.pk).update(is_administrator=False)


def left_and_back(walker, administrator):
    people.leave(walker, by=administrator, now=timezone.now())
    people.come_back(walker, by=administrator)


def left_and_erased(walker, administrator):
    people.leave(walker, by=administrator, now=timezone.now())
    people.erase(walker, by=administrator, now=timezone.now())


@pytest.mark.parametrize(
    "change",
    [
        new_password_on_the_server,
        new_address,
        new_address_stored_directly,
        role_taken_away,
        left_and_back,
        left_and_erased,
    ],
)
def test_a_change_of_the_account_ends_a_half_done_sign_in(change, walker, administrator, codes):
    Person.objects.filter(pk=walker.pk).update(is_administrator=True)
    waiting = Client()
    waiting.post("/sign-in/", {"login": walker.email, "password": PASSWORD})
    change(Person.objects.get(pk=walker.pk), administrator)
    assert not completes_sign_in(waiting, codes[1])


def test_a_person_who_must_start_over_sees_why(half_signed_in, walker, administrator, codes):
    new_password_on_the_server(walker, administrator)
    page = half_signed_in.post("/account/2fa/authenticate/", {"code": codes[1]}, follow=True).content.decode()
    assert "Your account changed in the meantime. Sign in again." in page


def test_sign_out_everywhere_is_offered_with_one_listed_device(client, walker):
    client.post("/sign-in/", {"login": walker.email, "password": PASSWORD})
    page = client.get("/account/sessions/").content.decode()
    assert "Another device" not in page
    assert "Sign out everywhere else" in page
