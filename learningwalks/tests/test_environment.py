"""Reading variables: a mistake is one sentence that names the variable, and empty counts as not set."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from redis import Redis

from learningwalks import environment
from operations import logs

ENV = environ.Env()
FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@pytest.fixture
def set_variables(monkeypatch):
    """Set these environment variables, and unset all others of ours."""
    for name in ("S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return lambda **variables: [monkeypatch.setenv(name, value) for name, value in variables.items()]


@pytest.mark.parametrize(
    ("read", "wrong", "words"),
    [
        (environment.photo_store, {"S3_BUCKET": "s3://photos"}, "S3_BUCKET must be the bare name of a bucket"),
        (environment.photo_store, {"S3_BUCKET": "photos", "S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL must be"),
        (environment.photo_store, {"S3_BUCKET": "photos", "S3_ENDPOINT_URL": "https://u:p@s3"}, "S3_ENDPOINT_URL must"),
        (environment.photo_store, {"S3_ENDPOINT_URL": "https://s3.example"}, "S3_BUCKET is not set, but S3_ENDPOINT"),
        (environment.photo_store, {"S3_BUCKET": "photos", "AWS_ACCESS_KEY_ID": "a"}, "AWS_ACCESS_KEY_ID and AWS_SEC"),
        (lambda env: environment.token(env, "METRICS_TOKEN"), {"METRICS_TOKEN": "short"}, "METRICS_TOKEN must have 20"),
        (environment.error_reports, {"SENTRY_DSN": "sentry.example"}, "SENTRY_DSN must be an address such as https://"),
        (lambda env: environment.flag(env, "DEMO", default=True), {"DEMO": "ja"}, "DEMO must be 1 or 0, not 'ja'."),
        (
            lambda env: environment.choice(env, "LOG_LEVEL", LEVELS, default="INFO"),
            {"LOG_LEVEL": "loud"},
            "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not 'loud'.",
        ),
    ],
)
def test_a_wrong_variable_is_reported_in_one_sentence(set_variables, read, wrong, words):
    set_variables(**wrong)
    with pytest.raises(ImproperlyConfigured) as refused:
        read(ENV)
    assert str(refused.value).startswith(words)


def test_empty_values_count_as_not_set(set_variables):
    set_variables(
        S3_BUCKET="", S3_ENDPOINT_URL="", METRICS_TOKEN="", SENTRY_DSN="", ADMINISTRATOR_MFA="", LOG_FORMAT=""
    )
    assert environment.photo_store(ENV) == FOLDER
    assert (environment.token(ENV, "METRICS_TOKEN"), environment.error_reports(ENV)) == ("", "")
    assert environment.flag(ENV, "ADMINISTRATOR_MFA", default=True) is True
    assert environment.choice(ENV, "LOG_FORMAT", logs.FORMATS, default="text") == "text"


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("True", True), ("on", True), ("0", False), ("no", False)])
def test_a_switch_may_be_a_word(set_variables, word, meant):
    set_variables(DEMO=word)
    assert environment.flag(ENV, "DEMO", default=not meant) is meant


def test_a_photo_store_needs_only_the_name_of_its_bucket(set_variables):
    set_variables(S3_BUCKET="learning-walks-photos", S3_ENDPOINT_URL="http://127.0.0.1:9000")
    options = {"bucket_name": "learning-walks-photos", "endpoint_url": "http://127.0.0.1:9000", "region_name": None}
    assert environment.photo_store(ENV)["OPTIONS"] == options


PASSWORDS = ["p@ss#word", "a/b?c", "a:b:c", "100%sure", "p+ss word", "[x]", "$HOME", "p%40ss"]


@pytest.mark.parametrize("typed", PASSWORDS)
def test_a_password_may_hold_any_character(monkeypatch, tmp_path, typed):
    meant = typed.replace("%40", "@")
    mail = environment.mail_settings(f"smtp+tls://lw@school.example:{typed}@mail.school.example:587")
    assert mail["EMAIL_HOST"] == "mail.school.example"
    assert mail["EMAIL_PORT"] == 587
    assert mail["EMAIL_USE_TLS"]
    assert (mail["EMAIL_HOST_USER"], mail["EMAIL_HOST_PASSWORD"]) == ("lw@school.example", meant)
    monkeypatch.setenv("DATABASE_URL", f"postgres://walks:{typed}@db.school.example:5433/walks")
    found = environment.database(ENV, file=tmp_path / "none")
    assert (found["USER"], found["PASSWORD"]) == ("walks", meant)
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.school.example", 5433, "walks")
    monkeypatch.setenv("REDIS_URL", f"redis://:{typed}@queue.school.example:6380/1")
    with Redis.from_url(environment.broker_address(ENV)) as client:
        options = client.connection_pool.connection_kwargs
    assert (options["password"], options["host"], options["port"]) == (meant, "queue.school.example", 6380)
    kombu = Connection(environment.broker_address(ENV))
    assert (kombu.password, kombu.hostname, kombu.port) == (meant, "queue.school.example", 6380)


def test_addresses_without_a_password_stay_as_they_are(monkeypatch, tmp_path):
    file = tmp_path / "a@b" / "db.sqlite3"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert environment.database(ENV, file=tmp_path / "none")["NAME"] == str(file)
    monkeypatch.setenv("DATABASE_URL", "postgres://walks@%2Fvar%2Frun/walks")
    assert environment.database(ENV, file=tmp_path / "none")["HOST"] == "/var/run"
    for url in ("redis://queue:6379/0", "unix:///run/valkey.sock", ""):
        monkeypatch.setenv("REDIS_URL", url)
        assert environment.broker_address(ENV) == url


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://mail", 25), ("smtp+tls://u:p@mail", 587), ("smtp+ssl://u:p@mail/", 465), ("smtp://[::1]:2525", 2525)],
)
def test_a_mail_server_has_the_usual_port_unless_it_is_named(url, port):
    assert environment.mail_settings(url)["EMAIL_PORT"] == port


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://mail:58x7", "EMAIL_URL: the port, after the last colon, must be a number"),
        ("smtp://mail:99999", "EMAIL_URL: the port, after the last colon, must be a number"),
        ("smtp+tls://user:secret", "EMAIL_URL: the port, after the last colon, must be a number"),
        ("smtp+tls://user:secret@", "EMAIL_URL must end with the mail server and its port"),
        ("smtp+tls://user@mail:587", "EMAIL_URL must name user and password"),
        ("smtp+tls://user:@mail:587", "EMAIL_URL must name user and password"),
        ("smtps://user:secret@mail:587", "EMAIL_URL must start with smtp://"),
    ],
)
def test_a_mistake_in_email_url_is_reported_in_one_sentence_without_the_password(url, words):
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.mail_settings(url)
    assert str(refused.value).startswith(words)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "read", "url"),
    [
        ("DATABASE_URL", lambda: environment.database(ENV, file=None), "postgres://walks:secret@db:54x2/walks"),
        ("REDIS_URL", lambda: environment.broker_address(ENV), "queue:6379"),
    ],
)
def test_a_mistake_in_a_servers_url_is_reported_in_one_sentence(monkeypatch, name, read, url):
    monkeypatch.setenv(name, url)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value).startswith(name)
    assert "secret" not in str(refused.value)


FILE = """
# EMAIL_HSOT=commented out
EMAIL_HOST=mail.school.example
export TIMEZONE=Europe/Berlin
SITE_URL=https://walks.school.example
COMPOSE_PROJECT_NAME=walks
SENTRY_ENVIRONMENT=school
"""


def test_misspelt_variables_are_named_but_not_those_of_other_programs(tmp_path):
    file = tmp_path / ".env"
    file.write_text(FILE)
    around = ["PATH", "HOME", "HOSTNAME", "PGHOST", "AWS_SESSION_TOKEN", "REDIS_PORT", "SECRETKEY"]
    assert environment.unknown_variables(file, around) == [
        "The variable EMAIL_HOST is unknown: did you mean EMAIL_URL?",
        "The variable SECRETKEY is unknown: did you mean SECRET_KEY?",
        "The variable TIMEZONE is unknown: did you mean TIME_ZONE?",
    ]
    assert environment.unknown_variables(tmp_path / "none", []) == []
