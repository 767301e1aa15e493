"""A wrong environment: one sentence, an exit code other than 0, no traceback."""

import environ
import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from learningwalks import environment
from operations.hosts import default_allowed
from operations.tests.services_plugin import manage

pytestmark = pytest.mark.not_on_postgresql
KEY = "Zt9x-Qm4vB7w_Lk2pR8yN5cJ1hG6fD3sA0uXeTiOoPqWnMzKrVb"
REAL = {"SITE_URL": "https://walks.maplehill.example", "SECRET_KEY": KEY}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is too short or a sample"),
        ({"DEBUG": "1"}, "DEBUG must be off"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the exact hosts"),
        ({"PORT": "eighty"}, "PORT must be a whole number from 1 to 65535, not 'eighty'."),
        ({"PORT": "99999"}, "PORT must be a whole number from 1 to 65535, not '99999'."),
        ({"PORT": "0"}, "PORT must be a whole number from 1 to 65535, not '0'."),
        ({"WEB_CONCURRENCY": "x"}, "WEB_CONCURRENCY must be a whole number from 1 to 1000, not 'x'."),
        ({"WEB_THREADS": "²"}, "WEB_THREADS must be a whole number from 1 to 1000, not '²'."),
        ({"DATABASE_URL": "mysql://db/walks"}, "DATABASE_URL must start with postgres:// or sqlite:///"),
        ({"DATA_DIR": "/dev/null/var"}, "DATA_DIR /dev/null/var cannot be used"),
        ({"EMAIL_URL": "gopher://mail"}, "EMAIL_URL must start with smtp://"),
        ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL must start with smtp://"),
        ({"SITE_URL": "walks.school.example"}, "SITE_URL must be an address such as https://"),
        ({"SITE_URL": "HTTPS://walks.school.example"}, "SITE_URL must be an address such as https://"),
        ({"SITE_URL": "https://walks.school.example/app"}, "SITE_URL must be an address such as https://"),
        ({"SITE_URL": "http://walks.lan", "DEBUG": "1", "DEMO": "1"}, "DEBUG must be off"),
        ({"TIME_ZONE": "Mars/Phobos"}, "TIME_ZONE must be a zone such as Europe/London"),
        ({"EMAIL_URL": "smtp://mail", "MAIL_FROM": "Learning Walks"}, "MAIL_FROM must be an address such as"),
        ({"EMAIL_URL": "smtp://mail", "MAIL_FROM": "walks@"}, "MAIL_FROM must be an address such as"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of text, json, not 'xml'."),
    ],
)
def test_a_wrong_setting_is_reported_in_one_sentence(tmp_path, wrong, words):
    code, output = manage("check", **{"DATA_DIR": str(tmp_path), **REAL, **wrong})
    assert code == 1
    assert output.startswith("Learning Walks cannot start: " + words[:9])
    assert words in output
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize(
    "right",
    [
        {"EMAIL_URL": "smtp://mail"},
        {"EMAIL_URL": "smtp://mail", "MAIL_FROM": "Learning Walks <walks@schüle.example>"},
        {"MAIL_FROM": "Learning Walks"},  # fine as long as mails are files
    ],
)
def test_a_valid_sender_is_accepted(tmp_path, right):
    assert manage("check", DATA_DIR=str(tmp_path), **right)[0] == 0


HIDE_SERVER_PACKAGES = """
import importlib.machinery as m
real = m.PathFinder.find_spec
missing = lambda name, *more: None if name.partition(".")[0] in ("storages", "sentry_sdk") else real(name, *more)
m.PathFinder.find_spec = missing
"""


@pytest.mark.parametrize("wanted", [{"S3_BUCKET": "photos"}])
def test_a_setting_that_needs_server_packages_says_how_to_install_them(tmp_path, wanted):
    (tmp_path / "sitecustomize.py").write_text(HIDE_SERVER_PACKAGES)
    variables = {"DATA_DIR": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    assert manage("check", **variables)[0] == 0
    code, output = manage("check", **variables, **wanted)
    advice = "run python3 scripts/bootstrap.py --server, or leave it empty."
    sentence = f"{next(iter(wanted))} needs packages that are not installed: {advice}"
    assert (code, output) == (1, f"Learning Walks cannot start: {sentence}\n")


def test_a_database_server_means_production_too(tmp_path):
    code, output = manage("check", DATA_DIR=str(tmp_path), DATABASE_URL="postgres://walks@db/walks")
    assert code == 1
    assert "SECRET_KEY is not set" in output


@pytest.mark.parametrize(
    ("words", "threshold"), [("", 5), ("?prepare_threshold=2", 2), ("?prepare_threshold=None", None)]
)
def test_postgresql_prepares_statements_unless_switched_off(monkeypatch, tmp_path, words, threshold):
    monkeypatch.setenv("DATABASE_URL", f"postgres://walks:secret@db/walks{words}")
    options = environment.database(environ.Env(), file=tmp_path / "none")["OPTIONS"]
    assert options["server_side_binding"]
    assert options["prepare_threshold"] == threshold


def test_debug_is_refused_where_others_can_reach_the_site(tmp_path):
    assert manage("check", DATA_DIR=str(tmp_path), DEBUG="1", HOST="0.0.0.0")[0] == 1
    assert manage("check", DATA_DIR=str(tmp_path), DEBUG="1")[0] == 0


def test_the_documented_production_environment_passes_the_deployment_check(tmp_path):
    code, output = manage("check", "--deploy", "--fail-level", "WARNING", DATA_DIR=str(tmp_path), **REAL)
    assert output == "System check identified no issues (0 silenced).\n"
    assert code == 0


def test_a_real_site_has_cookies_and_transport_for_https_only(tmp_path):
    program = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, "
        "s.SECURE_HSTS_SECONDS >= 365 * 86400)"
    )
    code, output = manage("shell", "-v0", "-c", program, DATA_DIR=str(tmp_path), **REAL)
    assert (code, output) == (0, "__Host-sessionid __Host-csrf True True True True True\n")


def test_long_passwords_are_accepted_but_not_short_or_common_ones():
    common = sorted(word for word in CommonPasswordValidator().passwords if len(word) >= 12)[:20]
    for word in ["eleven-char", *common]:
        with pytest.raises(ValidationError):
            validate_password(word)
    for word in ["twelve quiet", "1357924680135", "x y " * 32, "Pässwörter sind länger"]:
        validate_password(word)


def test_an_https_address_turns_the_default_demo_off(tmp_path):
    code, output = manage(
        "shell",
        "-v0",
        "-c",
        "from django.conf import settings; print(settings.DEMO)",
        DATA_DIR=str(tmp_path),
        DEMO_BY_DEFAULT="1",
        **REAL,
    )
    assert (code, output) == (0, "False\n")


def test_the_site_accepts_its_own_host_names():
    assert default_allowed("https://walks.maplehill.example", "127.0.0.1") == [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "walks.maplehill.example",
    ]


def test_a_site_open_to_its_network_answers_to_this_machines_names():
    assert len(default_allowed("http://localhost:8000", "0.0.0.0")) > 3


def test_an_empty_variable_counts_as_not_set(tmp_path):
    empty = dict.fromkeys(["ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "PORT", "HOST", "TIME_ZONE", "LOG_LEVEL"], "")
    empty |= dict.fromkeys(["ADMINISTRATOR_MFA", "LOG_FORMAT", "S3_BUCKET", "METRICS_TOKEN", "SENTRY_DSN", "DEMO"], "")
    program = "from django.conf import settings as s; print(s.ALLOWED_HOSTS, s.SITE_URL, s.ADMINISTRATOR_MFA)"
    code, output = manage("shell", "-v0", "-c", program, DATA_DIR=str(tmp_path), **empty)
    assert (code, output) == (0, "['localhost', '127.0.0.1', '[::1]'] http://127.0.0.1:8000 True\n")
