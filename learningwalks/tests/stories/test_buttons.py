"""Forms with several buttons: they send only with the right button, not with any other value."""

import datetime as dt

import pytest

from notifications.models import Message
from observations.models import Praise
from observations.tests.factories import a_praise
from school.models import Lesson, Period, Person
from school.tests.factories import NOW, THURSDAY, row_of
from walks.models import Walk
from walks.tests.factories import a_walk

pytestmark = pytest.mark.usefixtures("frozen_clock")

WORDS = "Every table held up the answer and how."
OTHER_VALUES = [{}, {"x": "1"}, "", "sned", "SEND", "2"]


def other_values(button):
    """Return no button, an unknown one, and values that none of our buttons has."""
    return [value if isinstance(value, dict) else {button: value} for value in OTHER_VALUES]


def praise(walker, hosts):
    stop = a_walk(walker, hosts, state="walked").stops.first()
    return f"/walks/{stop.walk_id}/praise/{stop.pk}/", "action", {"text": WORDS}


def unknown_delivery(walker, hosts):
    stop = a_walk(walker, hosts, state="walked").stops.first()
    sent_praise = a_praise(stop, sent_at=NOW - dt.timedelta(hours=1))
    Message.objects.create(
        key="praise:1",
        kind="praise",
        to_addr=hosts[0].email,
        subject="Amara visited Room 204",
        body_text=WORDS,
        state="failed",
        about=sent_praise.about,
        author=walker,
        message_id="<1@x.example>",
        created_at=NOW,
        due_at=NOW,
        next_try=NOW,
    )
    return f"/walks/{stop.walk_id}/praise/{stop.pk}/delivery/", "arrived", {}


def new_plan(walker, hosts):
    rooms = [host.lessons.first().room_id for host in hosts]
    period = row_of(walker.school, Period, position=3)
    plan = {"date": THURSDAY, "period": period.pk, "stop": rooms, "order": rooms, "own_focus": WORDS}
    return "/walks/new/", "op", plan


def draft_of_a_plan(walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    return f"/walks/{walk.pk}/edit/", "op", new_plan(walker, hosts)[2]


def pasted_people(walker, hosts):
    return "/people/many/", "write", {"lines": "New, Person, new@x.example\nOther, Person, other@x.example"}


def pasted_lessons(walker, hosts):
    semester = hosts[0].lessons.first().semester_id
    lesson = f"{walker.email}; Monday; 2; 204; 7A"
    return "/settings/timetable/", "write", {"semester": semester, "how": "add", "text": lesson}


def stored_state():
    """Return what a button that sends or writes would change."""
    return {
        "mails": list(Message.objects.values_list("state", flat=True)),
        "sent": Praise.objects.exclude(sent_at=None).count(),
        "requested": Walk.objects.filter(state="requested").count(),
        "people": Person.objects.count(),
        "lessons": Lesson.objects.count(),
    }


FORMS = [praise, unknown_delivery, new_plan, draft_of_a_plan, pasted_people, pasted_lessons]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_sends_or_writes_only_with_its_own_button(sign_in, walker, hosts, head, administrator, form):
    path, button, data = form(walker, hosts)
    before = stored_state()
    page = sign_in(administrator if form in (pasted_people, pasted_lessons) else walker)
    answers = [page.post(path, data | value).status_code for value in other_values(button)]
    assert set(answers) <= {200, 302, 422}
    assert stored_state() == before


@pytest.mark.parametrize("value", other_values("action"))
def test_praise_with_an_unknown_button_is_saved_as_a_draft(sign_in, walker, hosts, value):
    path, _button, data = praise(walker, hosts)
    sign_in(walker).post(path, data | value)
    assert Praise.objects.values_list("text", "sent_at").get() == (WORDS, None)
