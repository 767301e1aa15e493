"""/metrics: numbers that Prometheus's own parser understands, only with the token, and nothing about people."""

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from notifications.models import Heartbeat, MessageState, Reminder

from .factories import a_secret_mail

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def ask(client, settings, db):
    """Request /metrics with an Authorization header."""
    settings.METRICS_TOKEN = TOKEN
    return lambda header=f"Bearer {TOKEN}": client.get("/metrics", headers={"Authorization": header})


def numbers(answer):
    """Return every sample by name and label, parsed by Prometheus's own parser."""
    families = text_string_to_metric_families(answer.content.decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_have_the_numbers_of_readyz(ask, broker):
    now = timezone.now()
    Heartbeat.objects.create(name="worker", at=now - dt.timedelta(seconds=200))
    a_secret_mail(MessageState.QUEUED, late=700)
    found = numbers(ask())
    assert 199 <= found["learningwalks_heartbeat_age_seconds worker"] <= 205
    assert 699 <= found["learningwalks_mail_oldest_due_seconds"] <= 705
    assert found["learningwalks_mail_waiting queued"] == 1
    checks = ("database", "broker", "worker", "mail_waiting")
    assert [found[f"learningwalks_check_ok {name}"] for name in checks] == [1, 1, 0, 0]
    assert "learningwalks_heartbeat_age_seconds beat" not in found


def test_mails_of_unknown_delivery_and_due_reminders_are_counted(ask, walker):
    now = timezone.now()
    a_secret_mail(MessageState.UNKNOWN)
    late = {"person": walker, "about_id": 1, "created_at": now, "due_at": now - dt.timedelta(minutes=5)}
    Reminder.objects.create(kind="k", key="k", **late)
    found = numbers(ask())
    assert (found["learningwalks_mail_settled unknown"], found["learningwalks_reminders_due"]) == (1, 1)
    assert 299 <= found["learningwalks_reminders_oldest_due_seconds"] <= 305


@pytest.mark.parametrize("header", ["", TOKEN, "Bearer", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "Bearer \u00e9"])
def test_metrics_return_404_without_the_token(ask, header):
    assert ask(header).status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer "])
def test_metrics_are_off_unless_a_token_is_set(ask, settings, header):
    settings.METRICS_TOKEN = ""
    assert ask(header).status_code == 404


def test_a_dead_database_is_reported_as_a_number(ask, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("away")

    with monkeypatch.context() as away:
        away.setattr(connection, "cursor", refuse)
        found = numbers(ask())
    assert (found.pop("learningwalks_check_ok database"), set(found)) == (0, {"learningwalks_check_ok broker"})


def test_metrics_contain_nothing_about_people(ask, walker, django_assert_num_queries):
    a_secret_mail(MessageState.FAILED)
    ask()  # fills the cache of migrations
    with django_assert_num_queries(5):
        words = ask().content.decode()
    assert [word for word in ("secret", "maplehill", walker.given_name) if word in words] == []
