"""Approving and all other transitions of a walk, for every state, action and person."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from notifications.models import Message
from notifications.sending import delivery
from school.errors import NotAllowedError, RuleError
from school.models import Period
from school.tests.concurrency import move_database_to_disk
from school.tests.factories import NOW, a_lesson, a_person
from walks import permissions
from walks.errors import AlreadyDecidedError
from walks.mail.emails import TIME_TO_UNDO
from walks.models import State, Walk, WalkEvent
from walks.permissions import may_decide
from walks.tests.factories import a_walk
from walks.workflow import approval, completion, transitions


def test_a_head_approves_a_request(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW)
    assert (walk.state, walk.decided_by, walk.decided_at) == (State.APPROVED, head, NOW)


def test_nobody_decides_on_their_own_walk(head, hosts, administrator):
    walk = a_walk(head, hosts, state="requested")
    with pytest.raises(NotAllowedError):
        approval.approve(walk, by=head, now=NOW)
    approval.approve(walk, by=administrator, now=NOW)
    assert walk.state == State.APPROVED


@pytest.mark.parametrize("person", ["walker", "colleague", "other_head", "administrator", "stranger"])
def test_only_the_head_of_grade_can_decide(person, walker, hosts, head, request):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(NotAllowedError):
        approval.approve(walk, by=request.getfixturevalue(person), now=NOW)
    assert Walk.objects.get().state == State.REQUESTED


@pytest.mark.parametrize(
    ("first", "words"),
    [("other", "Ruth Adeyemi approved this walk at 09:00"), ("head", "You approved this walk at 09:00")],
)
def test_the_second_decider_reads_who_was_first_and_when(first, words, walker, hosts, head, school):
    other = a_person(school, "Ruth", "Adeyemi")
    walker.grade.heads.add(other)
    walk = a_walk(walker, hosts, state="requested")
    stale = Walk.objects.get()
    approval.approve(walk, by=other if first == "other" else head, now=NOW)
    with pytest.raises(AlreadyDecidedError, match=words):
        approval.ask_change(stale, words="Period 4?", by=head, now=NOW)


@pytest.mark.parametrize("action", sorted(transitions.TABLE))
@pytest.mark.parametrize("state", State.values)
def test_an_action_is_possible_only_in_the_states_of_the_table(action, state, walker, hosts, head):
    walk = a_walk(walker, hosts, state=state)
    step = transitions.TABLE[action]
    by = head if step.allowed is may_decide else walker
    if step.allowed is None:
        assert not transitions.may(by, action, walk)  # the system alone
        return
    if step.only_if == transitions.LIVE and state == State.APPROVED:
        Walk.objects.update(started_at=NOW)
    walk.refresh_from_db()
    expected = state in step.origin and step.only_if != transitions.AS_SUGGESTED  # its own test is below
    assert transitions.may(by, action, walk) == expected


@pytest.mark.parametrize("started_at", [None, NOW])
@pytest.mark.parametrize("condition", [transitions.ALWAYS, transitions.NOT_STARTED, transitions.LIVE])
def test_a_condition_has_the_same_result_for_a_row_and_for_a_walk(condition, started_at, walker, hosts, head):
    walk = a_walk(walker, hosts, started_at=started_at)
    assert Walk.objects.filter(condition.rows).exists() == condition.is_met_by(walk)


def test_praise_is_due_24_hours_after_finishing(walker, hosts, head):
    walk = a_walk(walker, hosts, started_at=NOW)
    approval.finish(walk, by=walker, now=NOW)
    assert walk.praise_due_at == NOW + dt.timedelta(hours=24)


def test_a_question_without_a_suggested_time_cannot_be_accepted(walker, hosts, head):
    walk = a_walk(walker, hosts, state="changes_asked")
    assert not transitions.may(walker, "accept", walk)
    with pytest.raises(AlreadyDecidedError):
        approval.accept(walk, by=walker, now=NOW)
    assert Walk.objects.get().state == State.CHANGES_ASKED


def test_only_the_suggested_time_can_be_accepted(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    other = Period.objects.get(school=walker.school, position=2)
    approval.ask_change(walk, words="Period 2?", by=head, now=NOW, suggested_period=other)
    with pytest.raises(AlreadyDecidedError):
        approval.accept(walk, by=walker, now=NOW)
    Walk.objects.update(period=other)
    approval.accept(walk, by=walker, now=NOW)
    assert walk.state == State.APPROVED


def test_asking_for_a_change_needs_a_message(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    with pytest.raises(RuleError, match="Write a sentence"):
        approval.ask_change(walk, words="  ", by=head, now=NOW)


def test_a_cover_is_stored_only_if_there_is_a_lesson_to_cover(walker, hosts, head, colleague):
    walk = a_walk(walker, hosts, state="requested")
    approval.approve(walk, by=head, now=NOW, cover=colleague)
    assert (walk.cover, walk.covered_lesson) == (None, None)


def test_approving_all_names_the_walks_that_another_person_decided(walker, colleague, hosts, head):
    other = a_person(walker.school, "Ruth", "Adeyemi")
    walker.grade.heads.add(other)
    first, second = (a_walk(person, hosts, state="requested") for person in (walker, colleague))
    approval.approve(Walk.objects.get(pk=first.pk), by=other, now=NOW)
    done, refusals = approval.approve_all([first, second], by=head, now=NOW)
    assert (done, refusals) == ([second], ["Amara Osei: Ruth Adeyemi approved this walk at 09:00."])


def test_the_error_names_nobody_if_the_history_is_empty(walker, hosts, head):
    walk = a_walk(walker, hosts, state="approved")
    with pytest.raises(AlreadyDecidedError, match="changed in the meantime"):
        approval.approve(walk, by=head, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_exactly_one_of_many_concurrent_decisions_succeeds(walker, hosts, head, tmp_path, monkeypatch):
    pk = a_walk(walker, hosts, state="requested").pk
    move_database_to_disk(tmp_path, monkeypatch)
    start = Barrier(16)
    outcomes = []

    def decide(ask):
        try:
            walk = Walk.objects.select_related("walker__school").get(pk=pk)
            start.wait()
            if ask:
                approval.ask_change(walk, words="Period 2?", by=head, now=NOW)
            else:
                approval.approve(walk, by=head, now=NOW)
            outcomes.append("done")
        except AlreadyDecidedError:
            outcomes.append("too late")
        finally:
            connection.close()

    def count():
        try:
            return WalkEvent.objects.count(), Message.objects.filter(recipient=walker).count()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as sixteen_threads:
        list(sixteen_threads.map(decide, [False, True] * 8))
        assert sixteen_threads.submit(count).result() == (1, 1)
    assert sorted(outcomes) == ["done"] + ["too late"] * 15


def test_administrators_decide_for_a_teacher_without_a_grade(school, hosts, head, colleague, administrator):
    newcomer = a_person(school, "Noor", "Vale", grade=None)
    walk = a_walk(newcomer, hosts, state="draft")
    approval.request(walk, by=newcomer, now=NOW)
    assert permissions.who_decides(walk) == [administrator]
    assert list(Message.objects.values_list("recipient", flat=True)) == [administrator.pk]
    with pytest.raises(NotAllowedError):
        approval.approve(walk, by=colleague, now=NOW)


def test_cancelling_a_walk_that_was_approved_meanwhile_mails_everybody(walker, hosts, head):
    stale = a_walk(walker, hosts, state="requested")
    approval.approve(Walk.objects.get(), by=head, now=NOW)
    delivery.sweep(NOW + TIME_TO_UNDO)
    approval.cancel(stale, by=walker, now=NOW)
    found = Message.objects.filter(key__regex="^(off|cancelled):")
    assert set(found.values_list("recipient", flat=True)) == {walker.pk, head.pk, *(host.pk for host in hosts)}
    assert stale.calendar_sequence == 1


def test_mails_about_a_walker_who_left_wait_for_the_morning(walker, hosts, head):
    walk = a_walk(walker, hosts, state="approved")
    at_night = NOW.replace(hour=2)
    approval.cancel(walk, by=None, now=at_night)
    due = set(Message.objects.filter(kind="walks.off").values_list("due_at", flat=True))
    assert due == {NOW.replace(hour=7, minute=0)}


def test_a_deleted_draft_cannot_be_cancelled(walker, hosts):
    walk = a_walk(walker, hosts, state="draft")
    Walk.objects.all().delete()
    with pytest.raises(AlreadyDecidedError):
        approval.cancel(walk, by=walker, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_thank_yous_to_the_last_hosts_complete_the_walk(walker, hosts, tmp_path, monkeypatch):
    walk = a_walk(walker, hosts[:2], state="walked", takeaway_at=NOW)
    stops = list(walk.stops.select_related("walk__walker__school"))
    move_database_to_disk(tmp_path, monkeypatch)
    start = Barrier(2)

    def thank(stop):
        try:
            start.wait()
            completion.mark_thanked(stop, by=walker, now=NOW)
            return Walk.objects.get().state
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two_threads:
        assert State.COMPLETE in two_threads.map(thank, stops)


def test_a_walk_that_was_sent_again_is_not_approved_from_an_old_page(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    seen = walk.calendar_sequence
    approval.take_back(walk, by=walker, now=NOW)
    approval.request(walk, by=walker, now=NOW)
    with pytest.raises(AlreadyDecidedError, match="Amara Osei sent this walk"):
        approval.approve(walk, by=head, now=NOW, version=seen)
    approval.approve(walk, by=head, now=NOW, version=walk.calendar_sequence)
    assert walk.state == State.APPROVED


def test_nobody_covers_two_classes_at_once(school, walker, colleague, host, head):
    substitute = a_person(school, "Ines", "Moreau")
    for person, room in ((walker, "206"), (colleague, "208")):
        a_lesson(person, room)
    first, second = (a_walk(person, [host], state="requested") for person in (walker, colleague))
    approval.approve(first, by=head, now=NOW, cover=substitute)
    with pytest.raises(RuleError, match="Ines Moreau is not free at that time"):
        approval.approve(second, by=head, now=NOW, cover=substitute)
    assert Walk.objects.get(pk=second.pk).state == State.REQUESTED
