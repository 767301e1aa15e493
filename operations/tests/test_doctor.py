"""`manage.py doctor` checks the mail server and the names of variables, and says plainly what is wrong."""

import email
import email.policy

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Heartbeat
from notifications.tests.smtp_sink import ScriptedServer, Sink, free_port, running
from operations import mail_server

from .services_plugin import manage

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(settings, tmp_path, broker, capsys, monkeypatch):
    """Return a function that runs the command and returns its exit code and output. All but the mail server works."""
    for name in ("worker", "beat"):
        Heartbeat.objects.create(name=name, at=timezone.now())
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    monkeypatch.setattr(mail_server, "ANSWER_SECONDS", 0.5)

    def run_doctor(port, *words, **options):
        settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://x", "127.0.0.1", port
        for name, value in options.items():
            setattr(settings, name, value)
        with pytest.raises(SystemExit) as end:
            call_command("doctor", *words)
        return end.value.code, capsys.readouterr().out

    return run_doctor


def test_a_working_mail_server_is_ok(doctor, settings):
    with running(Sink()) as port:
        code, output = doctor(port)
    assert code == 0
    assert output.startswith(f"Learning Walks {settings.VERSION}\n")
    assert f"ok    mail server: 127.0.0.1, port {port}: answers, not encrypted, asks for no password" in output


def test_a_dead_mail_server_is_reported_as_wrong(doctor):
    code, output = doctor(free_port())
    assert code == 1
    assert "nothing listens there" in output
    assert "-> Start the mail server, or correct the port in EMAIL_URL." in output


@pytest.mark.parametrize(
    ("answers", "options", "words"),
    [
        ({"220": "421 too busy"}, {}, "refuses the connection (421)"),
        ({"220": "cut"}, {}, "ends the connection without an answer"),
        ({"220": "drip"}, {}, "no answer within 0.5 seconds"),
        ({}, {"EMAIL_USE_TLS": True}, "does not offer what EMAIL_URL asks for, encryption or sign-in"),
        ({}, {"EMAIL_USE_SSL": True}, "does not accept this kind of TLS on this port"),
        (
            {"EHLO": "250-hello\r\n250 AUTH PLAIN LOGIN", "AUTH": "535 no"},
            {"EMAIL_HOST_USER": "walks", "EMAIL_HOST_PASSWORD": "a-secret"},
            "refuses our user or password (535)",
        ),
    ],
)
def test_each_fault_of_a_mail_server_is_explained(doctor, answers, options, words):
    with ScriptedServer(answers, pause=1) as port:
        code, output = doctor(port, **options)
    assert code == 1
    assert words in output
    assert "a-secret" not in output


def test_a_test_mail_reports_the_servers_answer(doctor):
    sink = Sink()
    with running(sink) as port:
        code, output = doctor(port, "--mail", "me@school.example")
        sink.answers = {"RCPT": "550 nobody here"}
        refused = doctor(port, "--mail", "me@school.example")
    (address, content) = sink.received[0]
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert (code, address, mail["To"]) == (0, "me@school.example", "me@school.example")
    assert "ok    test mail: the mail server accepted it for me@school.example" in output
    assert refused[0] == 1
    assert "WRONG test mail: not accepted (550 nobody here)" in refused[1]


def test_an_invalid_address_is_reported_in_one_sentence(doctor):
    with running(Sink()) as port:
        code, output = doctor(port, "--mail", "me")
    assert code == 1
    assert "me is not an address" in output


@pytest.mark.not_on_postgresql
def test_misspelt_variables_are_named_by_the_doctor_and_at_the_start(doctor, settings, tmp_path):
    settings.UNKNOWN_VARIABLES = ["The variable EMAIL_HOST is unknown: did you mean EMAIL_URL?"]
    with running(Sink()) as port:
        code, output = doctor(port)
    assert code == 1
    assert "WRONG settings: The variable EMAIL_HOST is unknown: did you mean EMAIL_URL?" in output
    (tmp_path / "env").write_text("TIMEZONE=Europe/Berlin\n")
    variables = {
        "DATA_DIR": str(tmp_path / "data"),
        "ENV_FILE": str(tmp_path / "env"),
        "SECRET_KEY": "Zt9x-Qm4vB7w_" * 4,
    }
    code, output = manage("check", **variables)
    assert code == 0
    assert "The variable TIMEZONE is unknown: did you mean TIME_ZONE?" in output
    code, output = manage("run", DATABASE_URL="sqlite:////proc/none/db", **variables)
    assert code == 1
    assert "The variable TIMEZONE is unknown" in output


@pytest.mark.not_on_postgresql
def test_an_unreachable_database_is_reported_in_one_sentence(tmp_path):
    url = f"postgres://walks:secret@127.0.0.1:{free_port()}/walks"
    variables = {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "Zt9x-Qm4vB7w_" * 4,
        "SITE_URL": "https://walks.school.example",
    }
    code, output = manage("migrate", DATABASE_URL=url, **variables)
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("The database cannot be used: ")
    assert "secret" not in output
