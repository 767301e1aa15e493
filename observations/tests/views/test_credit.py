"""Credit back: the walker tells a host that an idea from their room was tried."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.models import Message
from observations.models import Praise, Takeaway
from observations.tests.factories import a_praise, a_takeaway
from school import people

pytestmark = pytest.mark.not_on_postgresql
IDEAS = "/walks/ideas/"
WORDS = "We tried your boards, and every student answered."


@pytest.fixture
def thanked(stop):
    """The stop of Jonas, who was thanked an hour ago."""
    return a_praise(stop, sent_at=timezone.now() - dt.timedelta(hours=1)).stop


@pytest.fixture
def idea(thanked):
    return a_takeaway(thanked.walk, outcome="tried")


@pytest.fixture
def address(thanked, idea):
    return reverse("observations:tell", args=[thanked.walk_id, thanked.pk])


@pytest.fixture
def letter(as_walker, address):
    """The letter to Jonas, sent a moment ago."""
    as_walker.post(address, {"text": WORDS})
    return Praise.objects.get(after_trying=True)


def over(letter):
    """Let the time to undo pass."""
    Praise.objects.filter(pk=letter.pk).update(sent_at=timezone.now() - dt.timedelta(minutes=1))


@pytest.mark.parametrize(
    ("outcome", "offered"), [("tried", True), ("adapted", True), ("not_for_me", False), ("", False)]
)
def test_only_who_tried_the_idea_is_offered_to_tell(as_walker, address, idea, outcome, offered):
    Takeaway.objects.update(outcome=outcome)
    assert (address in as_walker.get(IDEAS).content.decode()) == offered
    assert (as_walker.get(address).status_code == 200) == offered


def test_hosts_who_were_not_thanked_or_have_left_are_not_offered(as_walker, walk, thanked, idea, address):
    others = [reverse("observations:tell", args=[walk.pk, stop.pk]) for stop in walk.stops.exclude(pk=thanked.pk)]
    html = as_walker.get(IDEAS).content.decode()
    assert not any(other in html for other in others)
    assert [as_walker.get(other).status_code for other in others] == [302, 302]
    people.leave(thanked.host, by=None, now=timezone.now())
    assert address not in as_walker.get(IDEAS).content.decode()
    assert "has left the school" in as_walker.post(address, {"text": WORDS}).content.decode()


def test_the_letter_begins_with_the_idea_and_nothing_is_stored_before_send(as_walker, address, idea):
    assert "in your room: Answer-and-how boards" in as_walker.get(address).content.decode()
    assert not Praise.objects.filter(after_trying=True).exists()
    answer = as_walker.post(address, {"text": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"] == ["Write a sentence to Jonas"]
    assert not Message.objects.filter(kind="praise").exists()


def test_the_letter_waits_30_seconds_and_goes_out_once(as_walker, sign_in, address, letter, thanked):
    as_walker.post(address, {"text": "Another text"})
    mail = Message.objects.get(kind="praise")
    assert WORDS in mail.body_text
    assert "tried an idea from Room" in mail.subject
    assert mail.recipient == thanked.host
    detail = reverse("praise:detail", args=[letter.pk])
    as_host = sign_in(thanked.host)
    assert as_host.get(detail).status_code == 404
    over(letter)
    html = as_host.get(detail).content.decode()
    assert "after trying an idea from Room" in html
    assert "Say thanks" in html
    assert "after trying an idea" in as_host.get(reverse("praise:keepsake", args=[letter.pk])).content.decode()


def test_undo_stops_the_letter_and_leaves_the_thanks_for_the_visit(as_walker, letter, thanked):
    undo = reverse("observations:untell", args=[thanked.walk_id, thanked.pk])
    assert undo in as_walker.get("/praise/sent/").content.decode()
    assert WORDS in as_walker.post(undo, follow=True).content.decode()
    letter.refresh_from_db()
    thanked.refresh_from_db()
    assert letter.sent_at is None
    assert thanked.thanked_at is not None
    assert Message.objects.get(kind="praise").state == "cancelled"


def test_the_pages_of_the_praise_for_the_visit_leave_the_letter_alone(as_walker, letter, thanked):
    as_walker.post(reverse("observations:unsend", args=[thanked.walk_id, thanked.pk]))
    letter.refresh_from_db()
    assert letter.sent_at is not None
    html = as_walker.get(reverse("observations:praise", args=[thanked.walk_id, thanked.pk])).content.decode()
    assert WORDS not in html
    assert "every table held up" in html


def test_colleagues_and_the_school_never_find_the_letter(sign_in, letter, head, administrator):
    over(letter)
    for person in (head, administrator):
        assert sign_in(person).get(reverse("praise:detail", args=[letter.pk])).status_code in (302, 404)
