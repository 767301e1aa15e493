"""Fixtures for tests of mail: mail templates, a real SMTP server, and no calls of the broker."""

import copy
from pathlib import Path

import pytest

from notifications import heartbeat, preferences, reminders
from notifications.sending import delivery, wake
from notifications.tests.smtp_sink import Sink, running

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _test_mails(settings):
    """Let templates find the mail of `a_message`."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], HERE / "templates"]
    settings.TEMPLATES = templates


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch):
    """Let each test register its own kinds, handlers and checks, and never wake a worker."""
    for module, name in (
        (preferences, "_kinds"),
        (reminders, "_handlers"),
        (reminders, "_preparations"),
        (delivery, "_checks"),
        (heartbeat, "_last"),
    ):
        monkeypatch.setattr(module, name, {})
    monkeypatch.setattr(wake, "_quiet_until", float("inf"))


@pytest.fixture
def mail_server(settings):
    """Send mails to a real SMTP server. Return its sink, which sets how it behaves and holds what it received."""
    sink = Sink()
    with running(sink) as port:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 2
        yield sink
