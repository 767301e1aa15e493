"""Attacks on the sign-in of the real web server are stopped, and a staff meeting that signs in at once is not.

`make attack` runs the long form, with real password hashing and 150 colleagues.
"""

import os
import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value

from operations.tests.services_plugin import wait_until
from operations.tests.web.web_server import Visitor, at_once, serving
from school.tests.factories import PASSWORD

pytestmark = [pytest.mark.services]
FULL = os.environ.get("ATTACK") == "full"
STAFF = 150 if FULL else 60
ALLOWED = 5
WRONG = ("That e-mail and password don’t match", "That isn’t your", "That code doesn’t match")
SECRET = generate_totp_secret()
PEOPLE = f"""
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
school, hashed = a_school(), make_password({PASSWORD!r})
names = [f"staff{{n}}" for n in range({STAFF})] + ["one", "two", "three", "four", "five", "six", "seven"]
people = [Person(school=school, email=f"{{name}}@maple.example", given_name=name, family_name="x", password=hashed)
          for name in names]
Person.objects.bulk_create(people)
TOTP.activate(Person.objects.get(email="five@maple.example"), {SECRET!r})
"""


@pytest.fixture(scope="module")
def server():
    """The server, and a school with staff."""
    settings = "learningwalks.settings" if FULL else "learningwalks.tests.quick_settings"
    with serving(PEOPLE, settings=settings) as running:
        yield running


@pytest.fixture
def web(server):
    """The server with empty rate limits."""
    server.run("from django.core.cache import cache\ncache.clear()")
    return server


def guess(visitor, name, password="guess", path="/sign-in/", **headers):
    """Try a password for an account."""
    return visitor.post(path, {"login": f"{name}@maple.example", "password": password}, **headers)


def count_compared(answers):
    """Count the attempts that were really compared: their response says that the password was wrong."""
    assert {answer.status for answer in answers} <= {200, 302, 422, 429}
    return sum(any(words in answer.text for words in WRONG) for answer in answers)


def test_an_account_allows_five_guesses_over_all_workers_forms_and_spellings(web):
    """Another port, host or forwarded address, capitals and look-alike letters give no extra guesses."""
    answers = []
    for n in range(24):
        headers = {
            "X_Forwarded_For": f"203.0.113.{n}",
            "Forwarded": f"for=203.0.113.{n}",
            "X_Real_IP": f"203.0.113.{n}",
        }
        headers["Host"] = ["127.0.0.1", "localhost"][n % 2] + (f":{4000 + n}" if n % 3 else "")
        name = ["one", "ONE", "One", "ｏne", "one "][n % 5]
        answers.append(guess(Visitor(web.port), name, **headers))
        Visitor(web.port).ask("POST", "/admin/login/?next=/admin/", "username=one@maple.example&password=x", headers)
    assert count_compared(answers) <= ALLOWED
    assert guess(Visitor(web.port), "one", PASSWORD).status == 200


def test_guesses_at_the_same_moment_are_counted_too(web):
    visitors = [Visitor(web.port) for _n in range(20)]
    for visitor in visitors:
        visitor.get("/sign-in/")
    answers = at_once([lambda visitor=visitor: guess(visitor, "two") for visitor in visitors])
    assert 1 <= count_compared(answers) <= ALLOWED


def test_codes_cannot_be_guessed_at_the_same_moment(web):
    """allauth counts in the session, which concurrent requests all read before one writes it."""
    visitor = Visitor(web.port)
    assert visitor.post("/account/login/code/", {"email": "three@maple.example"}).status == 302
    confirm = "/account/login/code/confirm/"
    answers = at_once([lambda n=n: visitor.post(confirm, {"code": f"AAAA-{n:04}"}) for n in range(20)])
    assert count_compared(answers) <= ALLOWED


def test_guesses_in_an_open_session_share_the_count(web):
    """A person who finds an open session could go on guessing at "prove it's you" and "change password"."""
    visitor = Visitor(web.port)
    assert guess(visitor, "four", PASSWORD).status == 302
    chosen = {"password1": "seven quiet pineapples", "password2": "seven quiet pineapples"}
    answers = []
    for n in range(5):
        answers.append(visitor.post("/account/password/change/", {"oldpassword": f"guess {n}", **chosen}))
        answers.append(visitor.post("/account/reauthenticate/", {"password": f"guess {n}"}))
        answers.append(guess(Visitor(web.port), "four"))
    assert 1 <= count_compared(answers) <= ALLOWED


def test_second_steps_cannot_be_guessed_at_the_same_moment(web):
    visitor = Visitor(web.port)
    assert guess(visitor, "five", PASSWORD).getheader("Location") == "/account/2fa/authenticate/"
    answers = at_once([lambda n=n: visitor.post("/account/2fa/authenticate/", {"code": f"{n:06}"}) for n in range(20)])
    assert 1 <= count_compared(answers) <= ALLOWED
    right = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
    assert visitor.post("/account/2fa/authenticate/", {"code": right}).status == 200


def test_many_other_attempts_do_not_delete_the_count(web):
    """The counts are in a table of limited size: filling it must not remove the oldest ones."""
    for _n in range(ALLOWED):
        guess(Visitor(web.port), "six")
    web.run(
        "from django.core.cache import cache\nfor n in range(600): cache.set(f'{n:0>5}', [1.0], 300)\n"
        "for n in range(600): cache.set(f'zz{n:0>5}', [1.0], 300)\n"
    )
    assert count_compared([guess(Visitor(web.port), "six")]) == 0


def test_a_staff_meeting_signs_in_from_one_address(web):
    """Everybody signs in at once with the right password, and nobody is refused."""
    started = time.monotonic()
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: guess(Visitor(web.port), f"staff{n}", PASSWORD), range(STAFF)))
    assert {(answer.status, answer.getheader("Location")) for answer in answers} == {(302, "/")}
    assert time.monotonic() - started < 180


def test_a_staff_meeting_asks_for_codes_from_one_address(web):
    with ThreadPoolExecutor(24) as pool:
        ask = lambda n: Visitor(web.port).post("/account/login/code/", {"email": f"staff{n}@maple.example"})  # noqa: E731
        answers = list(pool.map(ask, range(STAFF)))
    assert {answer.status for answer in answers} == {302}


def test_the_log_of_the_server_holds_no_password_and_no_code(web):
    guess(Visitor(web.port), "seven", "a-wrong-one-for-the-log")
    guess(Visitor(web.port), "seven", PASSWORD)
    Visitor(web.port).get("/account/password/reset/key/1-abc123-0123456789abcdef0123456789abcdef/")
    Visitor(web.port).get("/nowhere/0123456789abcdef0123456789abcdef/")
    log = web.log.read_text()
    assert "django.request: Not Found: ..." in log
    assert [word for word in ("a-wrong-one", PASSWORD, "0123456789abcdef") if word in log] == []


# --- Which site a mail links to -------------------------------------------------------------------
FORGED = [
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "evil.example@127.0.0.1"},
    {"Host": "127.0.0.1:4444"},
    {"Host": "localhost:1"},
    {"Host": "LOCALHOST"},
    {"Host": "127.0.0.1."},
    {"X_Forwarded_Host": "evil.example"},
    {"X_Forwarded_Port": "4444"},
    {"X_Forwarded_Proto": "https"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X_Host": "evil.example"},
    {"X_Original_URL": "//evil.example/"},
    {"X_Rewrite_URL": "//evil.example/"},
    {"X_Forwarded_Server": "evil.example"},
    {"Referer": "http://evil.example/"},
]


@pytest.mark.parametrize("form", ["/account/password/reset/", "/account/login/code/"])
def test_a_mail_links_only_to_the_configured_site(web, form):
    """Whatever host the request names, it is refused or the mail has the configured one."""
    statuses = set()
    for number, headers in enumerate(FORGED):
        path = (form, f"http://evil.example{form}", f"//evil.example{form}")[number % 3]
        statuses.add(Visitor(web.port).post(form, {"email": f"staff{number}@maple.example"}, **headers).status)
        statuses.add(Visitor(web.port).post(path, {"email": f"staff{number + 20}@maple.example"}).status)
    assert statuses <= {302, 400, 403, 404, 429}
    wait_until(lambda: len(web.mails()) > 10)
    mails = "\n".join(path.read_text() for path in web.mails())
    assert mails.count("Message-ID") > 10
    assert "evil" not in mails
    assert set(re.findall(r"https?://[^/\s\"<>=]+", mails.replace("=\n", ""))) <= {f"http://127.0.0.1:{web.port}"}


# --- Who is known here ------------------------------------------------------------------------------
FORMS = {
    "/sign-in/": lambda email: {"login": email, "password": "guess"},
    "/account/password/reset/": lambda email: {"email": email},
    "/account/login/code/": lambda email: {"email": email},
    "/account/signup/": lambda email: {"email": email, "password1": PASSWORD, "password2": PASSWORD},
}


def response_to_stranger(web, form, name):
    """Return what a stranger sees after trying this name in this form, and how long it seconds_by_name."""
    visitor, email = Visitor(web.port), f"{name}@maple.example"
    visitor.get("/sign-in/")
    started = time.perf_counter()
    answer = visitor.post(form, FORMS[form](email))
    seconds = time.perf_counter() - started
    place = answer.getheader("Location")
    texts = [answer.text, visitor.get(place).text if place else ""]
    plain = [re.sub(r"[A-Za-z0-9]{64}", "", text).replace(email, "") for text in texts]
    return (answer.status, place, *plain, sorted(visitor.cookies)), seconds


@pytest.mark.parametrize("form", FORMS)
def test_a_stranger_does_not_learn_who_works_here(web, form):
    """Same status, redirect and text for a colleague and for an unknown name."""
    assert response_to_stranger(web, form, "staff1")[0] == response_to_stranger(web, form, "nobody")[0]


@pytest.mark.long  # measures time, which needs an idle machine
@pytest.mark.parametrize("form", [form for form in FORMS if "signup" not in form])
def test_response_times_do_not_reveal_who_works_here(web, form):
    seconds_by_name = {"staff": [], "nobody": []}
    for number in range(50):
        if number % 10 == 0:
            web.run("from django.core.cache import cache\ncache.clear()")
        for name, seconds in seconds_by_name.items():
            seconds.append(response_to_stranger(web, form, f"{name}{number}")[1])
    known, unknown = (statistics.median(seconds) for seconds in seconds_by_name.values())
    print(f"{form}: {known * 1000:.1f} ms for a colleague, {unknown * 1000:.1f} ms for nobody")  # noqa: T201
    assert abs(known - unknown) / max(known, unknown) < 0.1
