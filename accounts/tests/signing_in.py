"""Sign in as a person does: with a password, a mailed code, or a code from an app."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from school.tests.factories import PASSWORD

# Values of `next` that try to lead to another site.
HOSTILE_URLS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    r"\\evil.example",
    r"/\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "//evil.example@testserver/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    " //evil.example",
    "\t//evil.example",
    "%2F%2Fevil.example",
    "http://localhost.evil.example/",
    "https://127.0.0.1:81/",
]


def try_password(client, person, password=PASSWORD, **extra):
    """Send the form of the sign-in page."""
    return client.post("/sign-in/", {"login": person.email, "password": password, **extra})


def code_in(mail):
    """Return the sign-in code in a mail."""
    return re.search(r"^ {4}(\S+)$", mail.body, re.MULTILINE)[1]


def app_code(secret):
    """Return what an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
