"""A plan is saved, sent, changed, adjusted or deleted."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection

from notifications.models import Message
from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.models import Period
from school.tests.concurrency import move_database_to_disk
from school.tests.factories import NOW, THURSDAY, a_lesson
from walks.errors import AlreadyDecidedError, NotReadyError
from walks.mail import emails
from walks.models import State, Walk, WalkEvent
from walks.planning.plan import is_planned_as, plan_of
from walks.tests.factories import a_plan, a_practice, a_walk
from walks.workflow import approval, drafts

FRIDAY = THURSDAY + dt.timedelta(days=1)


def save(plan, **fields):
    return drafts.save(plan, by=plan.walker, now=NOW, **fields)


def send(plan, **fields):
    return drafts.send(plan, calendar=Calendar(plan.walker.school), by=plan.walker, now=NOW, **fields)


def on_friday(walk):
    return replace(plan_of(walk), date=FRIDAY)


def test_a_sent_plan_is_a_request(walker, hosts, head):
    walk = send(a_plan(walker, own_focus="  Humour  ", announced=False))
    assert (walk.state, walk.requested_at, walk.minutes) == (State.REQUESTED, NOW, 17)
    assert [(s.room.code, s.host, s.minutes) for s in walk.stops.all()] == [
        ("204", hosts[0], 5),
        ("206", hosts[1], 5),
        ("208", hosts[2], 5),
    ]
    assert walk.focus_names == ["Student talk", "Humour"]
    assert not walk.announced


def test_each_teacher_of_a_room_becomes_a_host(walker, hosts, head, colleague):
    plan = a_plan(walker)
    first, *others = plan.stops
    together = replace(plan, stops=(replace(first, hosts=(*first.hosts, colleague)), *others))
    walk = send(together)
    assert [(s.position, s.room.code, s.host) for s in walk.stops.all()] == [
        (1, "204", hosts[0]),
        (1, "204", colleague),
        (2, "206", hosts[1]),
        (3, "208", hosts[2]),
    ]
    stored = plan_of(walk)
    assert (stored.stops, stored.minutes) == (together.stops, plan.minutes)
    assert is_planned_as(walk, plan)
    request = Message.objects.get(recipient=head).body_text
    assert "Three rooms, 17 minutes" in request and request.count("204") == 1


def test_an_incomplete_plan_is_not_sent(walker, hosts, head):
    with pytest.raises(NotReadyError, match="Choose one or two"):
        send(a_plan(walker, focus=0))
    assert not Walk.objects.exists()


def test_nobody_plans_for_another_person(walker, hosts, colleague):
    with pytest.raises(NotAllowedError):
        drafts.save(a_plan(walker), by=colleague, now=NOW)
    with pytest.raises(NotAllowedError):
        drafts.send(a_plan(walker), calendar=Calendar(walker.school), by=colleague, now=NOW)


def test_a_draft_may_be_unfinished(walker, hosts):
    walk = drafts.save(a_plan(walker, ["204", "210"], focus=0), by=walker, now=NOW)
    assert (walk.state, walk.requested_at) == (State.DRAFT, None)
    assert [s.room.code for s in walk.stops.all()] == ["204"]


def test_a_draft_needs_a_day_within_a_semester(walker, hosts):
    with pytest.raises(NotReadyError):
        drafts.save(replace(a_plan(walker), date=dt.date(2026, 8, 3)), by=walker, now=NOW)


def test_two_presses_of_send_make_one_walk(walker, hosts, head):
    token = uuid.uuid4()
    first = send(a_plan(walker), token=token)
    assert send(a_plan(walker), token=token) == first
    assert [e.action for e in first.events.all()] == ["request"]


def test_a_saved_draft_is_found_again_by_its_token(walker, hosts, head):
    token = uuid.uuid4()
    draft = drafts.save(a_plan(walker), by=walker, now=NOW, token=token)
    assert drafts.save(a_plan(walker, ["204", "206"]), by=walker, now=NOW, token=token) == draft
    assert send(a_plan(walker), token=token) == draft
    assert drafts.save(a_plan(walker), by=walker, now=NOW, token=token).state == State.REQUESTED
    assert Walk.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("press", [save, send])
def test_two_concurrent_presses_of_a_button_store_one_walk(press, walker, hosts, head, tmp_path, monkeypatch):
    plan = a_plan(walker)
    token = uuid.uuid4()
    move_database_to_disk(tmp_path, monkeypatch)
    start = Barrier(4)

    def press_button(_number):
        try:
            start.wait()
            return press(plan, token=token).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(press_button, range(4)))) == 1


def test_the_token_of_another_persons_walk_makes_a_new_walk(walker, colleague, hosts, head):
    other = a_walk(colleague, hosts)
    assert send(a_plan(walker), token=other.uid).walker == walker
    assert Walk.objects.count() == 2


def test_a_walk_with_a_new_time_needs_approval_again(walker, hosts, head):
    walk = a_walk(walker, hosts)
    send(on_friday(walk))
    walk.refresh_from_db()
    assert (walk.state, walk.date, walk.decided_by) == (State.REQUESTED, FRIDAY, None)
    assert walk.calendar_sequence > 0


@pytest.mark.parametrize("codes", [["204", "206"], ["206", "204", "208"]])
def test_a_walk_with_other_rooms_needs_approval_again(codes, walker, hosts, head):
    walk = a_walk(walker, hosts)
    send(a_plan(walker, codes, walk=walk))
    assert Walk.objects.get().state == State.REQUESTED


def test_a_walk_with_a_new_focus_stays_approved(walker, hosts, head):
    walk = a_walk(walker, hosts)
    send(replace(plan_of(walk), practices=(a_practice(walker.school, "Wait time"),)))
    walk.refresh_from_db()
    assert (walk.state, walk.focus_names, walk.calendar_sequence) == (State.APPROVED, ["Wait time"], 0)


def test_a_missed_walk_can_be_planned_again(walker, hosts, head):
    walk = a_walk(walker, hosts, date=THURSDAY - dt.timedelta(days=2))
    send(on_friday(walk))
    assert Walk.objects.get().state == State.REQUESTED


def test_a_requested_walk_cannot_be_saved_as_a_draft(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(NotReadyError, match="first press “Take it back”"):
        drafts.save(on_friday(walk), by=walker, now=NOW)


@pytest.mark.parametrize("state", ["walked", "complete", "cancelled"])
def test_a_walk_that_is_over_keeps_its_plan(state, walker, hosts, head):
    walk = a_walk(walker, hosts, state=state)
    with pytest.raises(NotReadyError):
        send(on_friday(walk))
    assert Walk.objects.get().date == THURSDAY


def test_a_walk_started_on_the_phone_meanwhile_keeps_its_plan(walker, hosts, head):
    plan = on_friday(a_walk(walker, hosts))
    Walk.objects.update(started_at=NOW)
    with pytest.raises(NotReadyError):
        send(plan)


def test_a_draft_deleted_meanwhile_is_not_sent(walker, hosts, head):
    plan = on_friday(a_walk(walker, hosts, state="draft"))
    Walk.objects.all().delete()
    with pytest.raises(NotReadyError):
        send(plan)


def test_the_head_adjusts_and_approves(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    drafts.adjust_and_approve(on_friday(walk), calendar=Calendar(walker.school), by=head, now=NOW)
    walk.refresh_from_db()
    assert (walk.state, walk.date, walk.decided_by) == (State.APPROVED, FRIDAY, head)
    assert walk.events.get().action == "adjust"


def test_an_adjustment_without_changes_is_recorded_as_an_approval(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    drafts.adjust_and_approve(plan_of(walk), calendar=Calendar(walker.school), by=head, now=NOW)
    assert walk.events.get().action == "approve"


def test_only_deciders_can_adjust(walker, hosts, head, other_head):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(NotAllowedError):
        drafts.adjust_and_approve(on_friday(walk), calendar=Calendar(walker.school), by=other_head, now=NOW)


def test_a_walk_that_was_approved_meanwhile_cannot_be_adjusted(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(Walk.objects.get(), by=head, now=NOW)
    with pytest.raises(AlreadyDecidedError, match="You approved"):
        drafts.adjust_and_approve(on_friday(walk), calendar=Calendar(walker.school), by=head, now=NOW)


def test_accepting_the_suggestion_moves_the_walk(walker, hosts, head, colleague):
    second = Period.objects.get(school=walker.school, position=2)
    walk = a_walk(walker, hosts, state="changes_asked", suggested_period=second)
    a_lesson(colleague, "204", period=2)
    for host, code in zip(hosts[1:], ["206", "208"], strict=True):
        a_lesson(host, code, period=2)
    drafts.accept_suggestion(walk, by=walker, now=NOW)
    walk.refresh_from_db()
    assert (walk.state, walk.date, walk.period) == (State.APPROVED, THURSDAY, second)
    assert walk.stops.first().host == colleague


def test_a_suggestion_without_classes_cannot_be_accepted(walker, hosts, head):
    second = Period.objects.get(school=walker.school, position=2)
    walk = a_walk(walker, hosts, state="changes_asked", suggested_period=second)
    with pytest.raises(NotReadyError, match="Nobody teaches"):
        drafts.accept_suggestion(walk, by=walker, now=NOW)


def test_without_a_suggestion_there_is_nothing_to_accept(walker, hosts, head):
    walk = a_walk(walker, hosts, state="changes_asked")
    with pytest.raises(RuleError, match="no suggested time"):
        drafts.accept_suggestion(walk, by=walker, now=NOW)


def test_only_the_walker_accepts_and_deletes(walker, hosts, head):
    walk = a_walk(walker, hosts, state="changes_asked")
    with pytest.raises(NotAllowedError):
        drafts.accept_suggestion(walk, by=head, now=NOW)
    with pytest.raises(NotAllowedError):
        drafts.delete_draft(walk, by=head, now=NOW)


def test_a_deleted_draft_is_gone(walker, hosts):
    drafts.delete_draft(a_walk(walker, hosts, state="draft"), by=walker, now=NOW)
    assert not Walk.objects.exists()


def test_a_draft_that_was_sent_once_keeps_its_history(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.take_back(walk, by=walker, now=NOW)
    drafts.delete_draft(walk, by=walker, now=NOW)
    assert Walk.objects.get().state == State.CANCELLED


def test_deleting_a_draft_twice_is_not_an_error(walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    again = Walk.objects.get()
    drafts.delete_draft(walk, by=walker, now=NOW)
    drafts.delete_draft(again, by=walker, now=NOW)
    assert not Walk.objects.exists()


@pytest.mark.parametrize(("before", "after", "mails"), [(False, True, 3), (True, False, 0)])
def test_hosts_get_a_mail_when_a_walk_becomes_announced(before, after, mails, walker, hosts, head):
    walk = a_walk(walker, hosts, announced=before)
    WalkEvent.objects.create(walk=walk, actor=head, action="approve", at=NOW)
    send(replace(plan_of(walk), announced=after))
    assert Message.objects.filter(kind=emails.HOST, recipient__in=hosts).count() == mails
    assert Walk.objects.get().state == State.APPROVED


def test_a_walk_that_was_changed_meanwhile_cannot_be_adjusted(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    plan = replace(plan_of(walk), stops=plan_of(walk).stops[:2])
    send(on_friday(walk))
    with pytest.raises(AlreadyDecidedError, match="Amara Osei changed this walk"):
        drafts.adjust_and_approve(
            plan, calendar=Calendar(walker.school), by=head, now=NOW, version=walk.calendar_sequence
        )
    assert (Walk.objects.get().state, Walk.objects.get().date) == (State.REQUESTED, FRIDAY)
