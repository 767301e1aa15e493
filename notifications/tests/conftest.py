"""What the tests of mail share: mail templates of their own, a real SMTP server, a broker that is not asked."""

import copy
from pathlib import Path

import pytest

from notifications import heartbeat, preferences, reminders
from notifications.sending import delivery, wake
from notifications.tests.smtp_sink import Sink, running

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _test_mails(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], HERE / "templates"]
    settings.TEMPLATES = templates


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch):
    """Each test registers its own kinds, handlers and checks."""
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
def words():
    """What a template was given, for asserting on the rendered text."""
    return {"words": "Hi there"}


@pytest.fixture
def mail_server(settings):
    """Mails go to a real SMTP server; returns the sink that says how it behaves and what it got."""
    sink = Sink()
    with running(sink) as port:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 2
        yield sink
