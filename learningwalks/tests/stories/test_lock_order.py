"""A rule about a person and a rule about their walk run at the same time: one waits for the other, without a deadlock.

Each pair runs twice, in threads: the second rule starts while the first holds its rows, and the first commits when the
second waits for it or has finished.
"""

import threading
import time
import uuid
from contextlib import suppress
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from accounts import membership
from notifications.people_who_leave import stop_mails
from observations.models import Praise
from observations.words import praise
from school import people
from school.calendar import Calendar
from school.day_settings import ONE_WEEK, CycleSettings, set_cycle
from school.errors import RuleError
from school.models import DayType, HoursAtSchool, Lesson, Period, School
from school.people import PersonDetails
from school.tests.factories import NOW, a_lesson, a_person, row_of
from school.timetable import lessons
from walks.mail import emails
from walks.models import Walk, WalkEvent
from walks.planning.clashes import availability_for
from walks.planning.plan import plan_of
from walks.tests.factories import a_second_teacher, a_walk
from walks.workflow import approval, cover_changes, decision_changes, drafts, locks

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def new_details(person):
    """Return another role, grade and address."""
    address = f"{uuid.uuid4()}@new.example"
    return PersonDetails(person.given_name, person.family_name, address, subject="Art", is_administrator=True)


ABOUT_A_PERSON = {
    "leave": lambda person, by: people.leave(person, by=by, now=NOW),
    "erase": lambda person, by: people.erase(person, by=by, now=NOW),
    "come back": lambda person, by: people.come_back(person, by=by),
    "change": lambda person, by: people.change(person, new_details(person), by=by, now=NOW),
    "invite again": lambda person, by: membership.invite_again(person, by=by, now=NOW),
}
FOR_PEOPLE_WHO_LEFT = ("erase", "come back")  # rules for people who have left


def one_period_earlier(walk):
    """Return the walk's plan, one period earlier."""
    plan = plan_of(walk)
    period = row_of(walk.walker.school, Period, position=2)
    availability = availability_for(plan, first=walk.date, last=walk.date, calendar=Calendar(walk.walker.school))
    return plan.at(walk.date, period, availability=availability)


def send(walk, plan):
    drafts.send(plan, calendar=Calendar(walk.walker.school), by=walk.walker, now=NOW, shown_clashes=[])


def adjust(walk, head, cover):
    drafts.adjust_and_approve(one_period_earlier(walk), calendar=Calendar(head.school), by=head, now=NOW, cover=cover)


def change_approved(walk, head, cover):
    decision_changes.change_approved(
        one_period_earlier(walk), calendar=Calendar(head.school), by=head, now=NOW, cover=cover
    )


def accept(walk):
    drafts.accept_suggestion(walk, by=walk.walker, now=NOW)


# The walk's state before the rule, and the rule.
ABOUT_A_WALK = {
    "request": ("draft", lambda walk, head, cover: send(walk, plan_of(walk))),
    "change": ("approved", lambda walk, head, cover: send(walk, one_period_earlier(walk))),
    "approve": ("requested", lambda walk, head, cover: approval.approve(walk, by=head, now=NOW, cover=cover)),
    "adjust": ("requested", adjust),
    "ask": ("requested", lambda walk, head, cover: approval.ask_change(walk, words="Later?", by=head, now=NOW)),
    "accept": ("changes_asked", lambda walk, head, cover: accept(walk)),
    "cancel": ("approved", lambda walk, head, cover: approval.cancel(walk, by=walk.walker, now=NOW)),
    "undo": ("approved", lambda walk, head, cover: decision_changes.undo_approval(walk, by=head, now=NOW)),
    "change approved": ("approved", change_approved),
    "cancel approved": (
        "approved",
        lambda walk, head, cover: decision_changes.cancel_approved(walk, words="Ill", by=head, now=NOW),
    ),
    "start": ("approved", lambda walk, head, cover: approval.start(walk, by=walk.walker, now=NOW)),
    "finish": ("live", lambda walk, head, cover: approval.finish(walk, by=walk.walker, now=NOW)),
}


def run_concurrently(first, second, then=lambda: None):
    """Run the second rule while the first one's transaction is open. Return the errors of the database.

    `then` is done in the first one's transaction, once the second rule waits or has finished.
    """
    inside, ready, failed = threading.Event(), threading.Event(), []

    def act(rule, begin, end, *refused):
        try:
            begin()
            with suppress(*refused), transaction.atomic():
                rule()
                end()
        except (DatabaseError, RuleError) as error:
            failed.append(str(error).splitlines()[0])
        finally:
            inside.set()
            connection.close()

    threads = [
        threading.Thread(target=act, args=(first, lambda: None, lambda: (inside.set(), ready.wait(10), then()))),
        threading.Thread(target=act, args=(second, inside.wait, lambda: None, RuleError)),
    ]
    for thread in threads:
        thread.start()
    inside.wait(10)
    until = time.monotonic() + 10
    while threads[1].is_alive() and not is_anybody_waiting() and time.monotonic() < until:
        time.sleep(0.005)
    ready.set()
    for thread in threads:
        thread.join(20)
    return failed


def is_anybody_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0


def a_walk_with(school, hosts, role, state, *, has_left):
    """Create a walk in which a new person has this role. Return the person, the walk, its Head and who covers."""
    person = a_person(school, "Paula", "Pair", email=f"{uuid.uuid4()}@pair.example", grade="Grade 7")
    others = {name: a_person(school, name, "Other", email=f"{uuid.uuid4()}@pair.example") for name in ROLES}
    cast = others | {role: person}
    head = cast["head"]
    person.grade.heads.set([head])
    began = {"started_at": NOW} if state == "live" else {}
    suggestion = {"suggested_period": row_of(school, Period, position=2)} if state == "changes_asked" else {}
    cover = cast["cover"] if state == "approved" else None
    for period in (2, 3):
        a_lesson(cast["host"], "208", period=period, days=[3])
    walk = a_walk(
        cast["walker"],
        [*hosts, cast["host"]],
        state="approved" if began else state,
        decided_by=head,
        cover=cover,
        **began,
        **suggestion,
    )
    WalkEvent.objects.create(walk=walk, actor=cast["walker"], action="request", at=NOW)
    for send in (emails.send_request, emails.send_host_mails, emails.send_cover_mail):  # the mails wait unsent
        send(walk, now=NOW)
    if has_left:
        type(person).objects.filter(pk=person.pk).update(is_active=False, left_at=NOW)
        person.refresh_from_db()
    return person, walk, head, cast["cover"]


ROLES = ("walker", "cover", "host", "head")
# People other than the walker are affected by the rules that send them a mail.
PAIRS = [("walker", rule) for rule in ABOUT_A_WALK]
PAIRS += [(role, rule) for role in ROLES[1:] for rule in ("approve", "cancel")]
PAIRS += [("cover", "change approved"), ("head", "undo")]
NOT_FOR_PEOPLE_WHO_LEFT = [("head", "approve"), ("head", "undo"), ("cover", "approve"), ("cover", "change approved")]


@pytest.mark.parametrize("about_a_person", ABOUT_A_PERSON)
def test_a_person_and_their_walk_are_locked_in_one_order(school, administrator, about_a_person):
    rule, has_left, failed = ABOUT_A_PERSON[about_a_person], about_a_person in FOR_PEOPLE_WHO_LEFT, []
    hosts = [a_person(school, "Host", code) for code in ("204", "206")]
    for teacher in hosts:
        for period in (2, 3):
            a_lesson(teacher, teacher.family_name, period=period)
    for role, about_a_walk in PAIRS:
        if has_left and (role, about_a_walk) in NOT_FOR_PEOPLE_WHO_LEFT:
            continue  # a person who has left neither decides nor covers
        state, walk_rule = ABOUT_A_WALK[about_a_walk]
        for person_first in (True, False):
            person, walk, head, cover = a_walk_with(school, hosts, role, state, has_left=has_left)
            rules = [partial(rule, person, administrator), partial(walk_rule, walk, head, cover)]
            errors = run_concurrently(*(rules if person_first else reversed(rules)))
            failed += [f"{role}: {about_a_walk}, {person_first=}: {words}" for words in errors]
            Walk.objects.all().delete()
            Lesson.objects.filter(room__code="208").delete()
    assert not failed, "\n".join(failed)


@pytest.fixture
def covering_colleague(school):
    """A colleague who could cover the walker's lesson."""
    return a_person(school, "Klaus", "Bauer")


@pytest.mark.parametrize("cover_first", [True, False])
@pytest.mark.parametrize("own", ["draft", "changes_asked"])
def test_nobody_covers_and_walks_at_once_if_both_are_saved_at_the_same_time(
    walker, hosts, head, covering_colleague, own, cover_first
):
    a_lesson(walker, "210", days=[3])
    covered, period = a_walk(walker, hosts, state="requested"), row_of(walker.school, Period, position=3)
    walk = a_walk(covering_colleague, hosts, state=own, period=3 if own == "draft" else 2, suggested_period=period)
    rules = [
        partial(approval.approve, covered, by=head, now=NOW, cover=covering_colleague),
        partial(send, walk, plan_of(walk)) if own == "draft" else partial(accept, walk),
    ]
    assert run_concurrently(*(rules if cover_first else reversed(rules))) == []
    covered.refresh_from_db()
    walk.refresh_from_db()
    assert (covered.cover == covering_colleague, walk.state in ("requested", "approved")) == (
        cover_first,
        not cover_first,
    )


# --- A new timetable removes the lesson that needed cover ---------------------------------------------
def approve_with(walk, cover, by):
    approval.approve(walk, by=by, now=NOW, cover=cover)


def change_to(walk, cover, by):
    cover_changes.change(walk, cover=cover, seen_cover=None, by=by, now=NOW)


def remove_lesson(lesson, by):
    lessons.remove(Lesson.objects.filter(pk=lesson.pk))


def remove_thursdays(lesson, by):
    wanted = CycleSettings(ONE_WEEK, [0, 1, 2, 4], days=0, days_off_count=False)
    set_cycle(by.school, wanted, names={}, delete_lessons=True, by=by)


@pytest.mark.parametrize("order", ["timetable first", "walk first"])
@pytest.mark.parametrize(
    ("removal", "state", "rule"),
    [
        (remove_lesson, "requested", approve_with),
        (remove_lesson, "approved", change_to),
        (remove_thursdays, "requested", approve_with),
    ],
)
def test_a_lesson_removed_while_its_cover_is_chosen(
    removal, state, rule, order, walker, hosts, head, colleague, administrator
):
    lesson = a_lesson(walker, "210", days=[3])
    walk = a_walk(walker, hosts, state=state)
    actions = [partial(removal, lesson, administrator), partial(rule, walk, colleague, head)]
    assert run_concurrently(*(actions if order == "timetable first" else reversed(actions))) == []
    assert not Lesson.objects.filter(pk=lesson.pk).exists()
    assert Walk.objects.get().covered_lesson is None


def test_a_new_timetable_and_a_change_of_an_approved_walk_wait_for_each_other(walker, hosts, head, colleague):
    lesson = a_lesson(walker, "210", days=[3])
    walk = a_walk(walker, hosts, cover=colleague, covered_lesson=lesson)
    WalkEvent.objects.create(walk=walk, actor=head, action="approve", at=NOW)
    found = Lesson.objects.filter(pk=lesson.pk)
    change = partial(decision_changes.change_approved, calendar=Calendar(head.school), by=head, now=NOW)
    lock = partial(list, found.select_for_update())
    assert run_concurrently(lock, partial(change, plan_of(walk)), then=partial(lessons.remove, found)) == []
    assert Walk.objects.get().covered_lesson is None


def away_on_monday(person, by):
    monday = row_of(person.school, DayType, weekday=0)
    details = PersonDetails(person.given_name, person.family_name, person.email, hours={monday: None})
    people.change(person, details, by=by, now=NOW)


@pytest.mark.parametrize(("rule", "has_left"), [(away_on_monday, False), (ABOUT_A_PERSON["erase"], True)])
def test_hours_of_a_person_wait_for_a_school_that_opens(rule, has_left, school, administrator):
    person = a_person(school, "Paula", "Pair", is_active=not has_left, left_at=NOW if has_left else None)
    HoursAtSchool.objects.create(person=person, day_type=row_of(school, DayType, weekday=1))
    School.objects.filter(pk=school.pk).update(opened_at=None)
    lock_school = partial(list, School.objects.filter(pk=school.pk).select_for_update(no_key=True))
    open_school = partial(people.lock, Q(school=school))
    assert run_concurrently(lock_school, partial(rule, person, administrator), then=open_school) == []


def test_a_host_who_leaves_locks_walks_in_the_order_of_their_numbers(walker, hosts, administrator):
    earlier, later = (a_walk(walker, hosts[:1], period=period) for period in (2, 3))
    for walk in (earlier, later):
        a_second_teacher(walk.stops.get(), hosts[1])
    lock = partial(locks.lock_walk, earlier)
    leave = partial(people.leave, hosts[0], by=administrator, now=NOW)
    assert run_concurrently(lock, leave, then=partial(locks.lock_walk, later)) == []


def test_undo_of_praise_and_a_host_who_leaves_wait_for_each_other(walker, hosts):
    walk = a_walk(walker, hosts, state="walked")
    sent = praise.send(walk.stops.first(), text="Every table talked.", photo=None, by=walker, now=NOW)
    begin_to_leave = partial(locks.lock_walk, walk)
    finish_leaving = partial(stop_mails, sent.host, by=None, now=NOW)
    undo = partial(praise.unsend, Praise.objects.get(), by=walker, now=NOW)
    assert run_concurrently(begin_to_leave, undo, then=finish_leaving) == []
