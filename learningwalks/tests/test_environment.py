"""Reading variables: a slip is one sentence that names the variable, and empty is as good as not set."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from learningwalks import environment, logs

ENV = environ.Env()
FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@pytest.fixture
def given(monkeypatch):
    """Set variables of the environment, and no others of ours."""
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
            lambda env: environment.choice(env, "LOG_LEVEL", LEVELS, default="INFO"), {"LOG_LEVEL": "loud"},
            "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not 'loud'.",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_one_sentence(given, read, wrong, words):
    given(**wrong)
    with pytest.raises(ImproperlyConfigured) as refused:
        read(ENV)
    assert str(refused.value).startswith(words)


def test_empty_is_as_good_as_not_set(given):
    given(S3_BUCKET="", S3_ENDPOINT_URL="", METRICS_TOKEN="", SENTRY_DSN="", ADMINISTRATOR_MFA="", LOG_FORMAT="")
    assert environment.photo_store(ENV) == FOLDER
    assert (environment.token(ENV, "METRICS_TOKEN"), environment.error_reports(ENV)) == ("", "")
    assert environment.flag(ENV, "ADMINISTRATOR_MFA", default=True) is True
    assert environment.choice(ENV, "LOG_FORMAT", logs.FORMATS, default="text") == "text"


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("True", True), ("on", True), ("0", False), ("no", False)])
def test_a_switch_may_be_a_word(given, word, meant):
    given(DEMO=word)
    assert environment.flag(ENV, "DEMO", default=not meant) is meant


def test_a_store_needs_only_the_name_of_its_bucket(given):
    given(S3_BUCKET="learning-walks-photos", S3_ENDPOINT_URL="http://127.0.0.1:9000")
    options = {"bucket_name": "learning-walks-photos", "endpoint_url": "http://127.0.0.1:9000", "region_name": None}
    assert environment.photo_store(ENV)["OPTIONS"] == options
