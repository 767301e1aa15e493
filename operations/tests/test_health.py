"""/healthz, /readyz and `manage.py doctor`: correct, quick, and without data about people."""

import datetime as dt
import time

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from notifications.models import Heartbeat, MessageState
from operations import health
from operations.tests.factories import a_secret_mail


@pytest.fixture
def all_alive(db, broker):
    """Fresh heartbeats of worker and beat, and an answering broker."""
    for name in ("worker", "beat"):
        Heartbeat.objects.create(name=name, at=timezone.now())


@pytest.fixture
def no_database(db):
    """Every query fails until the test ends."""

    def refuse(*args, **kwargs):
        raise OperationalError("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        yield


def readyz(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_healthz_says_the_version_without_a_query(client, django_assert_num_queries, db, settings):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, f"ok {settings.VERSION}\n".encode())


def test_readyz_is_ok_when_everything_is_alive(client, all_alive):
    status, report = readyz(client)
    assert (status, report["status"]) == (200, "ok")
    assert report["mail"] == {"oldest_due_seconds": 0, "failed": 0, "unknown": 0}


def test_a_dead_broker_makes_readyz_degraded(client, all_alive, broker):
    broker.stop()
    status, report = readyz(client)
    assert (status, report["status"], report["checks"]["broker"]["seen"]) == (200, "degraded", "down")


def test_a_frozen_broker_makes_readyz_degraded_and_the_answer_comes_in_time(client, all_alive, broker):
    broker.freeze()
    started = time.monotonic()
    status, report = readyz(client)
    assert time.monotonic() - started < 4  # one for each of two time-outs, and two for a busy machine
    assert (status, report["status"], report["checks"]["broker"]["seen"]) == (200, "degraded", "frozen")


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_process_without_a_recent_heartbeat_makes_readyz_degraded(client, all_alive, name):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - dt.timedelta(minutes=5))
    status, report = readyz(client)
    assert status == 200
    assert report["status"] == "degraded"
    assert not report["checks"][name]["ok"]
    assert 299 <= report["heartbeat_age_seconds"][name] <= 305


def test_a_heartbeat_from_the_future_does_not_count(client, all_alive):
    """It was recorded while the clock was ahead."""
    Heartbeat.objects.filter(name="beat").update(at=timezone.now() + dt.timedelta(hours=1))
    status, report = readyz(client)
    assert (status, report["status"], report["checks"]["beat"]["seen"]) == (200, "degraded", "never seen")


def test_readyz_is_down_without_the_database(client, no_database, broker):
    status, report = readyz(client)
    assert (status, report["status"]) == (503, "down")


@pytest.fixture
def two_migrations_to_apply(db, monkeypatch):
    """The code is newer than the tables by two migrations."""
    monkeypatch.setattr(health, "_nothing_pending", set())  # forget that an earlier test found none
    newest = MigrationRecorder.Migration.objects.filter(app__in=["walks", "school"]).order_by("-pk")[:2]
    MigrationRecorder.Migration.objects.filter(pk__in=[migration.pk for migration in newest]).delete()


def test_readyz_is_down_with_migrations_to_apply(client, two_migrations_to_apply, all_alive):
    status, report = readyz(client)
    assert (status, report["checks"]["migrations"]) == (503, {"ok": False, "seen": "2 to apply"})


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.UNKNOWN])
def test_undelivered_mails_are_counted_without_names(client, all_alive, state):
    a_secret_mail(state)
    answer = client.get("/readyz")
    assert answer.json()["mail"][state] == 1
    assert b"ecret" not in answer.content


def test_mail_that_waits_too_long_makes_readyz_degraded(client, all_alive):
    a_secret_mail(MessageState.QUEUED, late=700)
    status, report = readyz(client)
    assert status == 200
    assert report["status"] == "degraded"
    assert not report["checks"]["mail waiting"]["ok"]


def test_healthz_and_readyz_accept_no_post(client, db):
    assert [client.post(path).status_code for path in ("/healthz", "/readyz")] == [405, 405]


def doctor(capsys):
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    return end.value.code, capsys.readouterr().out


@pytest.fixture
def collected(settings, tmp_path):
    """Static files are collected, and no mail waits."""
    settings.STATIC_ROOT = tmp_path
    settings.PRODUCTION = False
    (tmp_path / "staticfiles.json").write_text("{}")


def test_the_doctor_approves_a_healthy_installation(all_alive, collected, capsys):
    code, report = doctor(capsys)
    assert (code, report.splitlines()[-1]) == (0, "Everything is well.")


def test_the_doctor_says_what_to_do_about_a_dead_broker(all_alive, collected, broker, capsys):
    broker.stop()
    code, report = doctor(capsys)
    assert code == 1
    assert "WRONG broker: down" in report
    assert "-> Mails still go out, up to a minute later." in report


def test_the_doctor_notices_that_mails_are_only_files(all_alive, collected, settings, capsys):
    settings.PRODUCTION = True
    code, report = doctor(capsys)
    assert code == 1
    assert "Set EMAIL_URL" in report


def test_the_doctor_explains_a_missing_database(no_database, broker, capsys):
    code, report = doctor(capsys)
    assert code == 1
    assert "Start the database, or correct DATABASE_URL." in report
