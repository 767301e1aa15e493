"""No page redirects to another site, whatever `next` says."""

import re
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client

from accounts.tests.signing_in import HOSTILE_URLS
from school.tests.factories import PASSWORD

pytestmark = [pytest.mark.not_on_postgresql, pytest.mark.usefixtures("fresh_limits")]
OWN_HOST = "testserver"
PAYLOADS = [
    *HOSTILE_URLS,
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


def leads_away(response):
    """Return whether a browser would leave the site.

    Browsers drop tabs and line ends, and read backslashes as slashes.
    """
    place = re.sub(r"[\t\r\n\x00]", "", response.get("Location", "")).strip().replace("\\", "/")
    found = urlsplit(urljoin(f"http://{OWN_HOST}/sign-in/", place))
    return found.hostname != OWN_HOST or found.scheme not in ("http", "https")


def forms(person):
    """Return every form that signs in or out, proves identity, or sets something up: URL, data, persona."""
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
def test_next_never_leaves_the_site(walker, payload):
    away = []
    redirects, turn = dict.fromkeys(NAMES, payload), PAYLOADS.index(payload)
    for number, (page, data, person) in enumerate(forms(walker)):
        if data.get("password") != PASSWORD and page != "/sign-out/" and (turn + number) % 5:
            continue  # forms that redirect on success get every payload, each other form gets every fifth payload
        client = Client(raise_request_exception=False)
        if person:
            client.force_login(person, backend=site.AUTHENTICATION_BACKENDS[0])
        referer = {"HTTP_REFERER": payload.replace("\n", "").replace("\r", "")}
        address = f"{page}?next={quote(payload)}&return_to={quote(payload)}"
        for response in (client.get(address, **referer), client.post(address, data | redirects, **referer)):
            if response.status_code >= 500 or leads_away(response):
                away.append((page, response.status_code, response.get("Location")))
        cache.clear()
    assert away == []


def test_the_old_urls_only_redirect_within_the_site(client, walker):
    for payload in PAYLOADS:
        first = client.get(f"/account/login/?next={quote(payload)}")
        assert not leads_away(first)
        response = client.post(first.url, {"login": walker.email, "password": PASSWORD, "next": payload})
        assert not leads_away(response)
        client.logout()
        cache.clear()


def test_our_own_pages_never_read_next():
    """Only allauth's forms read `next`; our own pages decide themselves where to go."""
    words = re.compile(
        r"HTTP_REFERER|headers\[?.?.?[Rr]eferer|(?:GET|POST)(?:\.get\(|\[)\"(?:next|return_to|url|redirect)"
    )
    apps = ("learningwalks", "operations", "accounts", "observations", "walks", "notifications", "school")
    sources = [path for app in apps for path in Path(site.BASE_DIR, app).rglob("*.py") if "tests" not in path.parts]
    assert [path.name for path in sources if words.search(path.read_text())] == []
