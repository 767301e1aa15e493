"""A form with an outdated token: the page shows the text to its author, who can send it again with one button."""

import re

import pytest
from django.test import Client

from school.tests.factories import PASSWORD
from walks.tests.factories import a_walk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

OURS = "http://testserver"
ELSEWHERE = "https://elsewhere.example"
WORDS = "Every table <held> up"
SHOWN = "Every table &lt;held&gt; up"


@pytest.fixture
def path(walker, hosts):
    """The URL that cancels the walk."""
    return f"/walks/{a_walk(walker, hosts, state='requested').pk}/cancel/"


@pytest.fixture
def browser(sign_in, walker):
    """The walker's browser, with Django's CSRF check."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(walker).cookies
    return strict


def send_outdated_form(client, path, *, origin=OURS, **fields):
    """Send a form that was opened before the sign-in."""
    outdated = {"csrfmiddlewaretoken": "x" * 64, "reason": WORDS}
    return client.post(path, outdated | fields, headers={"Origin": origin} if origin else {})


def test_an_old_form_is_sent_again_with_one_button(browser, path):
    answer = send_outdated_form(browser, path, kind="mine")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert SHOWN in page
    assert "no-store" in answer["Cache-Control"]
    form = page[page.index('<form method="post" class="typed">') :]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    assert fields["kind"] == "mine"
    assert browser.post(path, fields | {"reason": WORDS}).status_code == 302


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", ""])
def test_the_text_of_a_form_from_another_site_is_not_shown(browser, path, origin):
    answer = send_outdated_form(browser, path, origin=origin)
    assert answer.status_code == 403
    assert SHOWN not in answer.content.decode()


def test_text_of_a_signed_out_person_stays_on_the_page(path):
    answer = send_outdated_form(Client(enforce_csrf_checks=True), path)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert SHOWN in page
    assert "Sign in again, then send this" in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "fields", [{"copy": "mibk3f2kqz81"}, {"reason": ""}], ids=["the device has a copy", "nothing was typed"]
)
def test_a_form_whose_text_cannot_be_lost_leads_to_the_sign_in_page(path, fields):
    answer = send_outdated_form(Client(enforce_csrf_checks=True), path, **fields)
    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={path}")


@pytest.mark.parametrize("path", ["/sign-in/", "/account/password/change/"])
def test_no_password_is_shown(browser, path):
    answer = send_outdated_form(browser, path, password=f"{PASSWORD} x y")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert PASSWORD not in page
    assert "This page was open for a while" in page
