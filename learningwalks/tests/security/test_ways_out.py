"""No page sends anybody to another site, whatever it is asked to open next."""

import re
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.tests.test_sign_in import HOSTILE
from school.tests.factories import PASSWORD

pytestmark = pytest.mark.once
HOME = "testserver"
PAYLOADS = [
    *HOSTILE,
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "////evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    "/%09/evil.example",
    "//evil.example/%2e%2e",
    "//evil%E3%80%82example",
    "/\u3002/evil.example",
    "//\u2025evil.example",
    "https:evil.example",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example/",
    "//evil.example:80@testserver",
    "http://[::1]/",
    "//testserver\\.evil.example",
    "https://testserver\\@evil.example",
    "/..//evil.example",
    "/sign-out/\r\nLocation: https://evil.example",
    "?next=//evil.example",
    "https://",
]
NAMES = ("next", "return_to", "redirect_to", "success_url", "url", "continue")


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    call_command("createcachetable")
    cache.clear()


def leads_away(response):
    """Whether a browser would leave the site: it drops tabs and line ends, and takes backslashes for slashes."""
    place = re.sub(r"[\t\r\n\x00]", "", response.get("Location", "")).strip().replace("\\", "/")
    found = urlsplit(urljoin(f"http://{HOME}/sign-in/", place))
    return found.hostname != HOME or found.scheme not in ("http", "https")


def forms(person):
    """Every form that signs in or out, proves who one is, or sets something up: address, what is typed, as whom."""
    login, new = {"login": person.email, "password": PASSWORD}, {"password1": "x", "password2": "x"}
    yield from [("/sign-in/", login, None), ("/sign-in/", {"login": person.email, "password": "wrong"}, None)]
    yield from [("/account/password/reset/", {"email": person.email}, None), ("/account/signup/", {}, None)]
    yield from [("/account/login/code/", {"email": person.email}, None), ("/account/login/code/confirm/", {}, None)]
    for page, data in (
        ("/sign-out/", {}),
        ("/sign-in/", login),
        ("/account/reauthenticate/", {"password": PASSWORD}),
        ("/account/password/change/", {"oldpassword": PASSWORD, **new}),
        ("/account/2fa/totp/activate/", {"code": "1"}),
        ("/account/sessions/", {}),
        ("/setup/", {}),
        ("/me/", {"theme": "dark"}),
    ):
        yield page, data, person


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_comes_next_is_always_here(walker, payload):
    away = []
    asked, turn = dict.fromkeys(NAMES, payload), PAYLOADS.index(payload)
    for number, (page, data, person) in enumerate(forms(walker)):
        if data.get("password") != PASSWORD and page != "/sign-out/" and (turn + number) % 5:
            continue  # those that lead on when all is well get every payload, the others get some each
        client = Client(raise_request_exception=False)
        if person:
            client.force_login(person, backend=site.AUTHENTICATION_BACKENDS[0])
        referer = {"HTTP_REFERER": payload.replace("\n", "").replace("\r", "")}
        address = f"{page}?next={quote(payload)}&return_to={quote(payload)}"
        for response in (client.get(address, **referer), client.post(address, data | asked, **referer)):
            if response.status_code >= 500 or leads_away(response):
                away.append((page, response.status_code, response.get("Location")))
        cache.clear()
    assert away == []


def test_the_old_addresses_pass_on_only_what_stays_here(client, walker):
    for payload in PAYLOADS:
        first = client.get(f"/account/login/?next={quote(payload)}")
        assert not leads_away(first)
        response = client.post(first.url, {"login": walker.email, "password": PASSWORD, "next": payload})
        assert not leads_away(response)
        client.logout()
        cache.clear()


def test_our_own_pages_never_ask_a_request_where_to_go():
    """Only the library's forms know a `next`; ours always know the way themselves."""
    words = re.compile(
        r"HTTP_REFERER|headers\[?.?.?[Rr]eferer|(?:GET|POST)(?:\.get\(|\[)\"(?:next|return_to|url|redirect)"
    )
    apps = ("learningwalks", "operations", "accounts", "observations", "walks", "notifications", "school")
    sources = [path for app in apps for path in Path(site.BASE_DIR, app).rglob("*.py") if "tests" not in path.parts]
    assert [path.name for path in sources if words.search(path.read_text())] == []
