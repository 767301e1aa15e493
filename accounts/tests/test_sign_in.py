"""Signing in and out: password, code, reset, second step, demo, limits and hostile addresses."""

import datetime as dt
import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from accounts.tests.signing_in import HOSTILE_URLS, app_code, code_in, try_password
from school.demo import NAME
from school.models import Person, School
from school.tests.factories import PASSWORD, a_person, a_school

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def demo(settings, school):
    """The demo school's people."""
    settings.DEMO = True
    School.objects.update(name=NAME)
    names = [("walker", "Amara"), ("host", "Jonas"), ("head", "Lucía"), ("admin", "Daniel")]
    return [a_person(school, given, "Osei", email=f"{name}@maplehill.example") for name, given in names]


def signed_in(client):
    """Return who is signed in, or None."""
    return Person.objects.filter(pk=client.session.get("_auth_user_id") or 0).first()


def test_a_missing_field_is_named(client):
    answer = client.post("/sign-in/", {})
    errors = answer.context["form"].errors
    assert errors == {"login": ["Write your e-mail address"], "password": ["Write your password"]}


def test_nobody_signs_in_as_a_person_without_an_address(client, walker, mailoutbox):
    Person.objects.filter(pk=walker.pk).update(email=None)
    for typed in ("", "None"):
        client.post("/sign-in/", {"login": typed, "password": PASSWORD})
        client.post("/account/password/reset/", {"email": typed})
        client.post("/account/login/code/", {"email": typed})
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get_by_natural_key(None)
    assert (signed_in(client), mailoutbox) == (None, [])


def test_a_password_signs_in(client, walker):
    assert try_password(client, walker).url == "/"
    assert signed_in(client) == walker


def test_the_case_of_the_address_does_not_matter(client, walker):
    client.post("/sign-in/", {"login": walker.email.upper(), "password": PASSWORD})
    assert signed_in(client) == walker


def test_a_wrong_password_keeps_the_typed_address(client, walker):
    page = try_password(client, walker, "nonsense").content.decode()
    assert "That e-mail and password don’t match." in page
    assert f'value="{walker.email}"' in page
    assert "nonsense" not in page


def test_the_sign_in_fields_support_password_managers(client, school):
    page = client.get("/sign-in/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_a_person_who_left_cannot_sign_in(client, walker):
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    try_password(client, walker)
    assert signed_in(client) is None


def test_signing_in_starts_a_new_session(client, walker):
    client.get("/sign-in/")
    session = client.session
    session["before"] = 1
    session.save()
    old = session.session_key
    try_password(client, walker)
    assert client.session.session_key != old


def test_the_requested_page_opens_after_sign_in(client, walker):
    assert try_password(client, walker, next="/walks/").url == "/walks/"


@pytest.mark.parametrize("target", HOSTILE_URLS)
def test_next_never_leads_to_another_site(client, walker, target):
    assert try_password(client, walker, next=target).url in {"/", "%2F%2Fevil.example"}


def test_another_allowed_host_is_still_another_site(client, walker, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    assert try_password(client, walker, next="https://other.example/").url == "/"


@pytest.mark.parametrize("target", HOSTILE_URLS)
def test_signing_out_never_leads_to_another_site(sign_in, walker, target):
    assert sign_in(walker).post("/sign-out/", {"next": target}).url in {"/sign-in/", "%2F%2Fevil.example"}


def test_only_the_button_signs_out(sign_in, walker):
    client = sign_in(walker)
    client.get("/sign-out/")
    assert signed_in(client) == walker
    client.post("/sign-out/")
    assert signed_in(client) is None


def test_signing_out_deletes_copies_on_the_device(sign_in, walker):
    assert "data-forget-copies" in sign_in(walker).get("/sign-out/").content.decode()


@pytest.mark.parametrize("address", ["/sign-in/", "/sign-in/?next=/walks/"])
def test_an_expired_session_keeps_the_note_on_the_phone(client, db, address):
    assert "data-forget-copies" not in client.get(address).content.decode()


@pytest.mark.parametrize(("old", "new"), [("/account/login/", "/sign-in/"), ("/account/logout/", "/sign-out/")])
def test_the_old_sign_in_urls_redirect_to_ours(client, db, old, new):
    assert client.get(old).url == new


def test_sign_up_is_by_invitation(client, db):
    assertInHTML("<h1>By invitation</h1>", client.get("/account/signup/").text)
    client.post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert not Person.objects.filter(email="new@example.org").exists()


def test_the_account_pages_do_not_change_the_address(sign_in, walker):
    client = sign_in(walker)
    client.post("/account/email/", {"email": "me@evil.example", "action_add": ""})
    assert not EmailAddress.objects.exists()


# --- Code by e-mail -----------------------------------------------------------------------
def test_a_code_by_e_mail_signs_in(client, walker, mailoutbox):
    client.post("/account/login/code/", {"email": walker.email})
    code = code_in(mailoutbox[0])
    assert mailoutbox[0].subject == "Your sign-in code for Learning Walks"
    client.post("/account/login/code/confirm/", {"code": code})
    assert signed_in(client) == walker


def test_the_address_typed_to_sign_in_is_not_asked_for_again(client, walker, mailoutbox):
    typed = {"login": walker.email, "password": "", "by": "code", "next": "/ideas/"}
    page = client.post("/sign-in/", typed, follow=True)
    assert page.redirect_chain[0][0].startswith("/account/login/code/confirm/")
    code = code_in(mailoutbox[0])
    assert client.post(page.redirect_chain[0][0], {"code": code, "next": "/ideas/"}).url == "/ideas/"


def test_without_an_address_the_page_of_the_code_opens_without_an_error(client, db, mailoutbox):
    page = client.post("/sign-in/", {"login": " ", "by": "code", "next": "/ideas/"}, follow=True)
    assert page.redirect_chain == [("/account/login/code/?next=%2Fideas%2F", 302)]
    assert "A code instead of a password" in page.text
    assert "Fill this in" not in page.text and mailoutbox == []


@pytest.mark.parametrize(("minutes", "opens"), [(9, True), (11, False)])
def test_a_mailed_code_is_too_old_after_ten_minutes(client, walker, mailoutbox, minutes, opens):
    now = timezone.now()
    client.post("/account/login/code/", {"email": walker.email})
    code = code_in(mailoutbox[0])
    with time_machine.travel(now + dt.timedelta(minutes=minutes), tick=False):
        client.post("/account/login/code/confirm/", {"code": code})
        assert (signed_in(client) == walker) is opens


def test_a_wrong_code_gets_a_plain_message(client, walker):
    client.post("/account/login/code/", {"email": walker.email})
    page = client.post("/account/login/code/confirm/", {"code": "AAAA-AAAA"}).content.decode()
    assert "That code doesn’t match." in page


def test_wrong_guesses_in_other_sessions_do_not_block_a_mailed_code(client, walker, mailoutbox):
    for other in (Client(), Client()):  # each code is good for three guesses, so six in all
        other.post("/account/login/code/", {"email": walker.email})
        for n in range(3):
            other.post("/account/login/code/confirm/", {"code": f"AAAA-{n:04}"})
    client.post("/account/login/code/", {"email": walker.email})
    code = code_in(mailoutbox[-1])
    client.post("/account/login/code/confirm/", {"code": code})
    assert signed_in(client)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, walker, mailoutbox):
    known = client.post("/account/login/code/", {"email": walker.email})
    unknown = Client().post("/account/login/code/", {"email": "nobody@evil.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mailoutbox] == [[walker.email]]


# --- Password reset --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "headers",
    [{"HTTP_HOST": "other.example"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"SERVER_PORT": "8443"}],
)
def test_a_reset_link_always_leads_to_the_configured_site(client, walker, mailoutbox, settings, headers):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    settings.SITE_URL = "https://walks.school.example"
    client.post("/account/password/reset/", {"email": walker.email}, **headers)
    links = re.findall(r"https?://\S+", mailoutbox[0].body)
    assert {link.split("/")[2] for link in links} == {"walks.school.example"}


def test_a_confirmation_link_leads_to_the_configured_site_too(rf, settings):
    settings.SITE_URL = "https://walks.school.example"
    link = get_adapter().get_email_confirmation_url(rf.get("/"), SimpleNamespace(key="k3y"))
    assert link == "https://walks.school.example/account/confirm-email/k3y/"


def test_a_new_password_can_be_chosen_once(client, walker, mailoutbox, settings):
    client.post("/account/password/reset/", {"email": walker.email})
    link = re.search(r"https?://\S+/key/\S+", mailoutbox[0].body)[0].removeprefix(settings.SITE_URL)
    form = client.get(link, follow=True).request["PATH_INFO"]
    chosen = "seven quiet pineapples"
    client.post(form, {"password1": chosen, "password2": chosen})
    assert try_password(Client(), walker, chosen).url == "/"
    assert "That link no longer works" in Client().get(link, follow=True).content.decode()


def test_a_reset_for_an_unknown_address_sends_nothing(client, walker, mailoutbox):
    assert client.post("/account/password/reset/", {"email": "nobody@evil.example"}).status_code == 302
    assert mailoutbox == []


def test_sign_in_mails_name_the_school_and_not_the_server(client, walker, mailoutbox):
    client.post("/account/password/reset/", {"email": walker.email})
    assert f"Learning Walks at {walker.school}" in mailoutbox[0].body
    assert "testserver" not in mailoutbox[0].subject + mailoutbox[0].body


def test_an_invited_administrator_who_chose_a_password_sets_up_the_second_step(client, administrator, mailoutbox):
    EmailAddress.objects.create(user=administrator, email=administrator.email, verified=False, primary=True)
    client.post("/account/password/reset/", {"email": administrator.email})
    link = re.search(r"http://\S+?(/account/\S+)", mailoutbox[0].body)[1]
    page = client.get(link, follow=True)
    chosen = "seven quiet pineapples"
    client.post(page.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    client.post("/sign-in/", {"login": administrator.email, "password": chosen})
    setup = "/account/2fa/totp/activate/"
    client.post("/account/reauthenticate/", {"password": chosen, "next": setup})
    assert "Scan this with your app" in client.get(setup, follow=True).content.decode()


def test_changing_the_password_sends_a_mail_and_signs_out(client, walker, mailoutbox):
    try_password(client, walker)
    chosen = "seven quiet pineapples"
    form = {"oldpassword": PASSWORD, "password1": chosen, "password2": chosen}
    client.post("/account/password/change/", form)
    assert [mail.subject for mail in mailoutbox] == ["Your password was changed"]
    assert signed_in(client) is None


# --- Second step ---------------------------------------------------------------------------
def test_the_qr_code_needs_no_exception_in_the_content_security_policy(client, administrator):
    try_password(client, administrator)
    setup = "/account/2fa/totp/activate/"
    assert client.get(setup).url == f"/account/reauthenticate/?next={quote(setup, safe='')}"
    page = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": setup}, follow=True).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'id="authenticator_secret">(\w+)<', page)[1]
    response = client.post(setup, {"code": app_code(secret)})
    assert response.url == "/account/2fa/recovery-codes/"
    assert client.get(response.url).content.decode().count("<li>") >= 10


def test_with_a_second_step_the_password_alone_does_not_sign_in(client, administrator):
    secret = generate_totp_secret()
    TOTP.activate(administrator, secret)
    assert try_password(client, administrator).url == "/account/2fa/authenticate/"
    assert signed_in(client) is None
    client.post("/account/2fa/authenticate/", {"code": app_code(secret)})
    assert signed_in(client) == administrator


def test_a_recovery_code_works_once(administrator):
    TOTP.activate(administrator, generate_totp_secret())
    code = RecoveryCodes.activate(administrator).get_unused_codes()[0]
    results = []
    for _attempt in range(2):
        visitor = Client()
        try_password(visitor, administrator)
        visitor.post("/account/2fa/authenticate/", {"code": code})
        results.append(signed_in(visitor))
    assert results == [administrator, None]


def test_the_account_pages_can_be_opened(client, walker):
    try_password(client, walker)
    pages = ["/account/sessions/", "/account/2fa/", "/account/password/change/", "/account/reauthenticate/"]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200, 200]


def test_a_forgotten_device_can_be_signed_out(client, walker):
    elsewhere = Client()
    try_password(elsewhere, walker)
    try_password(client, walker)
    assert "Another device" in client.get("/account/sessions/").content.decode()
    client.post("/account/sessions/")
    assert elsewhere.get("/account/sessions/").status_code == 302


# --- Limits ----------------------------------------------------------------------------------
def test_a_whole_staff_meeting_signs_in_from_one_address(db):
    school = a_school()
    people = [a_person(school, f"Given{n}", f"Family{n}") for n in range(60)]
    assert [try_password(Client(), person).status_code for person in people] == [302] * 60


def test_the_sixth_wrong_password_is_refused_even_if_it_is_right(client, walker):
    for _ in range(5):
        try_password(client, walker, "guess")
    page = try_password(client, walker).content.decode()
    assert "That was five tries. Wait five minutes" in page
    assert signed_in(client) is None


def ask_for_a_code(client, email):
    return client.post("/account/login/code/", {"email": email})


def test_a_whole_staff_meeting_asks_for_codes_from_one_address(db):
    school = a_school()
    people = [a_person(school, f"Given{n}", f"Family{n}") for n in range(80)]
    assert [ask_for_a_code(Client(), person.email).status_code for person in people] == [302] * 80


@pytest.mark.parametrize("known", [True, False])
def test_the_fourth_code_is_refused_for_known_and_unknown_addresses_alike(client, walker, known):
    email = walker.email if known else "nobody@maple.example"
    answers = [ask_for_a_code(Client(), email) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "You asked for three codes. Use the newest e-mail" in answers[-1].content.decode()


@pytest.mark.parametrize("known", [True, False])
def test_the_limit_of_a_network_address_is_the_same_for_known_and_unknown_addresses(client, walker, settings, known):
    limits = {"request_login_code": "2/m/ip,3/15m/key", "login_failed": "2/m/ip,5/5m/key"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | limits
    email = walker.email if known else "nobody@maple.example"
    for number in range(2):
        ask_for_a_code(Client(), f"other{number}@maple.example")
        Client().post("/sign-in/", {"login": f"other{number}@maple.example", "password": "guess"})
    pages = [ask_for_a_code(client, email), client.post("/sign-in/", {"login": email, "password": "guess"})]
    assert all("Many people are signing in from here." in page.content.decode() for page in pages)
    assert not any("five tries" in page.content.decode() for page in pages)


def test_a_code_for_an_unknown_address_does_the_same_work_and_sends_nothing(walker, mailoutbox):
    """Response times must not reveal who works here."""
    query_counts = {}
    for email in (walker.email, "nobody@maple.example", walker.email, "nobody@maple.example"):
        with CaptureQueriesContext(connection) as queries:
            ask_for_a_code(Client(), email)
        query_counts[email] = len(queries)
    assert query_counts[walker.email] == query_counts["nobody@maple.example"]
    assert {mail.to[0] for mail in mailoutbox} == {walker.email}


def test_too_many_reset_mails_get_a_429_page(client, walker, settings):
    for _ in range(3):
        Client().post("/account/password/reset/", {"email": walker.email})
    response = client.post("/account/password/reset/", {"email": walker.email})
    assert response.status_code == 429
    assert "<h1>One moment</h1>" in response.content.decode()


# --- The demo and Django's admin ---------------------------------------------------------------
def test_the_demo_offers_four_people_by_name(client, demo):
    page = client.get("/sign-in/").content.decode()
    assert re.findall(r"<b>\s*Sign in as (\S+) \(", page) == ["Amara", "Jonas", "Lucía", "Daniel"]


def test_one_click_signs_a_demo_person_in(client, demo):
    assert client.post("/sign-in/demo/", {"email": demo[0].email}).url == "/"
    assert signed_in(client) == demo[0]
    assert "This device" in client.get("/account/sessions/").content.decode()


@pytest.mark.parametrize(
    ("target", "leads_to"), [("/walks/1/go/2/", "/walks/1/go/2/"), ("https://evil.example/", "/"), ("", "/")]
)
def test_one_click_sign_in_continues_at_the_requested_page(client, demo, target, leads_to):
    page = client.get("/sign-in/", {"next": "/walks/1/go/2/"}).content.decode()
    assert page.count('name="next" value="/walks/1/go/2/"') == 5  # one in the form, and one for each of the four
    assert client.post("/sign-in/demo/", {"email": demo[0].email, "next": target}).url == leads_to


def test_one_click_signs_in_only_the_four_demo_people(client, demo, walker):
    assert client.post("/sign-in/demo/", {"email": walker.email}).status_code == 404


def test_outside_the_demo_nobody_signs_in_by_one_click(client, demo, settings):
    settings.DEMO = False
    assert "Look around as" not in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"email": demo[0].email}).status_code == 404


def test_a_real_school_ends_the_one_click_sign_in(client, demo):
    a_school("Riverside School")
    assert "Look around as" not in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/demo/", {"email": demo[0].email}).status_code == 404


def test_the_demo_costs_no_query_of_its_own_and_ends_when_a_real_administrator_signs_in(
    client, demo, administrator, walker, django_assert_num_queries
):
    client.post("/sign-in/demo/", {"email": demo[0].email}, follow=True)
    with django_assert_num_queries(2):  # the session and the person
        page = client.get("/norms/")
    assert page.context["demo"] is True
    client.force_login(administrator)
    client.force_login(walker)
    client.get("/norms/")
    with django_assert_num_queries(2):
        assert client.get("/norms/").context["demo"] is False


def test_one_click_sign_in_needs_a_post(client, demo):
    assert client.get("/sign-in/demo/").status_code == 405


def test_djangos_admin_uses_our_sign_in_page(client, school):
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == site.LOGIN_URL


def test_teachers_cannot_open_djangos_admin(sign_in, walker):
    assert sign_in(walker).get("/admin/login/").status_code == 403


def test_an_open_session_and_a_mailed_code_cannot_change_how_to_sign_in(sign_in, walker):
    """A person who finds both an open screen and an open mailbox must still know the password."""
    client = sign_in(walker)
    pages = ["/account/reauthenticate/code/", "/account/reauthenticate/code/confirm/"]
    assert [client.get(page).status_code for page in pages] == [403, 403]
    assert [client.post(page, {"recipient": walker.email}).status_code for page in pages] == [403, 403]
    assert "/account/reauthenticate/code/" not in client.get("/account/reauthenticate/").content.decode()
