"""Markup that people typed stays text on every page and in every mail."""

import re

import pytest
from django.db.models import CharField, TextField
from django.test import override_settings

from notifications import reminders
from notifications.models import Message, Reminder
from observations.models import Praise
from observations.words import praise, sent_praise
from school.models import (
    Building,
    Campus,
    DayOff,
    DayType,
    Grade,
    Hallway,
    Lesson,
    Period,
    Person,
    Room,
    School,
    Semester,
    Team,
)
from walks.models import Practice, Stop, Walk
from walks.workflow import approval

from .canaries import words_found_by
from .payloads import MARKUP, XSS
from .world import DAY, NOW, a_world, fast_requests, markup_appended_to_canaries, rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.not_on_postgresql]  # templates and mails do not depend on the database

EXECUTED_MARKUP = r"<img src=x|<b>\d\d\d|>49<|onerror=a>"  # 49 is the result of {{7*7}} in the payload


@pytest.fixture(scope="module")
def world_with_markup(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world in which every text contains markup."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), rolled_back(), override_settings(MEDIA_ROOT=media):
        with markup_appended_to_canaries(XSS):
            new_world = a_world()
        _add_markup_to_names(new_world)
        _send_mails(new_world)
        due = Reminder.objects.filter(state="pending", due_at__lte=NOW + 6 * DAY).order_by("due_at")
        for _n in range(60):
            reminders.sweep(due.values_list("due_at", flat=True).first() or NOW)
        yield new_world


def _send_mails(world):
    """Write mails that contain the current names, rooms and periods."""
    walks = {name: Walk.objects.get(pk=walk.pk) for name, walk in world.walks.items()}
    head, administrator = (Person.objects.get(pk=world.people[who].pk) for who in ("head", "administrator"))
    approval.approve(walks["requested"], by=head, now=NOW, words=XSS)
    approval.approve(walks["heads"], by=administrator, now=NOW)
    approval.reply(walks["asked"], words=XSS, by=walks["asked"].walker, now=NOW)
    approval.cancel(walks["approved"], by=walks["approved"].walker, now=NOW)
    received = Praise.objects.get(pk=world.praises["complete"].pk)
    sent_praise.thank_back(received, by=received.host, now=NOW)
    praise.unsend(Praise.objects.get(pk=world.praises["walked"].pk), by=received.author, now=NOW)
    praise.send(Stop.objects.get(pk=world.stops["walked"][1].pk), text=XSS, photo=None, by=received.author, now=NOW)


def _add_markup_to_names(world):
    places = (School, Campus, Building, Hallway)
    for model in (*places, Grade, Team, Semester, Period, DayType, DayOff, Lesson, Practice, Person):
        fields = [f for f in model._meta.concrete_fields if isinstance(f, CharField | TextField) and not f.choices]
        fields = [f for f in fields if f.name not in ("email", "password", "time_zone")]
        for row in model._default_manager.all():
            for field in fields:
                space = (field.max_length or 200) - len(MARKUP) - 3
                text = f"{getattr(row, field.name)[:space]}'\">{MARKUP}"
                setattr(row, field.name, text if space >= 0 else f"<b>{row.pk:03}")
            row.save()
    for number, room in enumerate(Room.objects.all()):
        Room.objects.filter(pk=room.pk).update(code=f"<b>{number:03}")


@pytest.mark.parametrize("persona", ["walker", "host", "head", "administrator", "superuser"])
def test_no_typed_text_becomes_markup_on_a_page(world_with_markup, persona):
    pages = []
    with fast_requests():
        words_found_by(world_with_markup, persona, walks=("asked", "complete", "heads"), pages=pages)
    assert [path for path, page in pages if re.search(EXECUTED_MARKUP, page)] == []
    assert sum("&lt;img src=x" in page for _path, page in pages) > 5


def test_no_typed_text_becomes_markup_in_a_mail(world_with_markup):
    bodies = list(Message.objects.values_list("body_html", "body_text", "kind"))
    assert [kind for html, _text, kind in bodies if re.search(EXECUTED_MARKUP, html)] == []
    kinds = {kind for html, _text, kind in bodies if "&lt;img src=x" in html}
    assert {"walks.request", "walks.host", "walks.own", "walks.off", "praise", "praise_thanked"} <= kinds
