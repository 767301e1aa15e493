"""What the tests of mail share: mail templates of their own, a real SMTP server, a quiet door-bell."""

import copy
from pathlib import Path

import pytest

from notifications import delivery, heartbeat, nudging, preferences, reminders

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
        (delivery, "_checks"),
        (heartbeat, "_last"),
    ):
        monkeypatch.setattr(module, name, {})
    monkeypatch.setattr(nudging, "_quiet_until", float("inf"))


@pytest.fixture
def words():
    """What a template was given, for asserting on the rendered text."""
    return {"words": "Hi there"}
