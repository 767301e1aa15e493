"""Retention: after the clock moves on, exactly the expired rows and files are removed."""

import datetime as dt
import os
import time
from html import unescape
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from learningwalks.privacy import retention
from learningwalks.tests.security.world import a_world, place_photos
from notifications.models import Message, Reminder
from observations.models import Note, Photo, Praise, Takeaway
from observations.tests.factories import a_note, a_photo, a_praise, a_takeaway
from school import policy
from school import retention as school_retention
from school.models import Person, PolicyChange, Semester
from school.tests.factories import NOW, a_person
from walks.models import Excusal, OpenDoor, Stop, Walk, WalkEvent
from walks.semester import excusals, report
from walks.tests.factories import a_walk

from . import snapshot

DAY = dt.timedelta(days=1)


@pytest.fixture
def world(db):
    """A small school. All its mails were sent today, and all its reminders are done."""
    world = a_world()
    place_photos(world)
    Message.objects.update(state="sent", sent_at=NOW, settled_at=NOW, due_at=NOW)
    Reminder.objects.update(state="done", due_at=NOW)
    retention.run(now=NOW + dt.timedelta(hours=2))  # removes what expired long before
    return world


def run_after(days, world=None):
    """Run retention that many days later. Return the removed rows, changed columns and number of removed files."""
    before, files = snapshot.rows(), snapshot.files()
    retention.run(now=NOW + dt.timedelta(days=days, hours=4))
    now = snapshot.rows()
    return snapshot.removed_rows(before, now), snapshot.changed_columns(before, now), len(files - snapshot.files())


def test_exactly_the_expired_data_is_removed(world):
    assert run_after(27) == ({}, set(), 0)
    check_one_month(world)
    check_one_year()
    check_three_years(world)


def check_one_month(world):
    """After a month: photos, drafts and the texts of mails."""
    removed, changed, files = run_after(30)
    photos = len(world.photos)
    mails = {f"notifications.message.{c}" for c in ("subject", "body_text", "body_html", "calendar_text")}
    assert removed == {"observations.photo": photos, "observations.praise": 1}
    assert changed == mails | {"observations.praise.text", "observations.praise.photo_id"}
    assert files == photos
    run_after(31)
    assert run_after(31) == ({}, set(), 0)


def check_one_year():
    """After a year: plans, open doors, the history of walks, notes, takeaways, and the record of mails."""
    plans = Walk.objects.filter(started_at=None)
    expected = {
        "walks.walk": plans.count(),
        "walks.stop": Stop.objects.filter(walk__in=plans).count(),
        "walks.walk_focus": Walk.focus.through.objects.filter(walk__in=plans).count(),
        "walks.walkevent": WalkEvent.objects.count(),
        "walks.opendoor": OpenDoor.objects.count(),
        "observations.note": Note.with_removed.count(),
        "observations.takeaway": Takeaway.objects.count(),
        "notifications.message": Message.objects.count(),
        "notifications.reminder": Reminder.objects.count(),
    }
    removed, changed, files = run_after(372)
    assert (removed, changed, files) == ({table: rows for table, rows in expected.items() if rows}, set(), 0)
    assert run_after(372) == ({}, set(), 0)


def check_three_years(world):
    """After three years: walks (except those with praise), excusals, and accounts of people who left."""
    sent_praises = Praise.objects.filter(sent_at__isnull=False)
    walks_with_praise = set(sent_praises.values_list("stop__walk", flat=True))
    removed, changed, _files = run_after(1095 + 38)
    assert set(Walk.objects.values_list("pk", flat=True)) == walks_with_praise
    assert set(Stop.objects.values_list("pk", flat=True)) == set(sent_praises.values_list("stop", flat=True))
    of_walks = {"walks.walk", "walks.stop", "walks.walk_focus", "walks.excusal", "observations.praise"}
    assert set(removed) == of_walks | {"school.grade_heads"}
    assert {column for column in changed if not column.startswith("school.person.")} == {
        "walks.walk.takeaway_at",
        "walks.walk.completed_at",
        "walks.walk.decided_at",
        "walks.walk.decided_by_id",
        "walks.walk.own_focus",
    }
    assert Person.objects.get(pk=world.people["left"].pk).full_name == "A former colleague"
    assert run_after(1140) == ({}, set(), 0)


def test_a_school_can_choose_shorter_periods(walker, host):
    school = walker.school
    school.photo_days = 5
    school.save()
    a_photo(a_walk(walker, [host], state="walked").stops.get())
    assert run_after(8)[0] == {"observations.photo": 1}


def test_praise_is_kept_until_its_receiver_leaves(walker, host):
    sent_praise = a_praise(a_walk(walker, [host], state="walked").stops.get(), sent_at=NOW)
    Person.objects.filter(pk=host.pk).update(is_active=False, left_at=NOW)
    retention.run(now=NOW + 29 * DAY)
    assert Praise.objects.filter(pk=sent_praise.pk).exists()
    retention.run(now=NOW + 31 * DAY)
    assert not Praise.objects.filter(pk=sent_praise.pk).exists()


def test_unfinished_work_of_a_person_who_left_is_removed_after_a_month(walker, host, second_host):
    draft = a_praise(a_walk(walker, [host], state="walked").stops.get())
    sent = a_praise(a_walk(walker, [second_host], state="walked", period=2).stops.get(), sent_at=NOW)
    Person.objects.filter(pk=walker.pk).update(is_active=False, left_at=NOW - 31 * DAY)
    retention.run(now=NOW)
    assert list(Praise.objects.all()) == [sent] and draft.pk != sent.pk


def test_an_account_switched_off_outside_the_product_has_left_today(walker):
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    retention.run(now=NOW)
    walker.refresh_from_db()
    assert walker.left_at == NOW


def test_a_run_that_is_out_of_time_records_one_leaving_and_the_next_run_continues(walker, host, second_host):
    Person.objects.filter(pk__in=[walker.pk, host.pk, second_host.pk]).update(is_active=False)
    counts = []
    for _run in range(4):
        retention.run(now=NOW, seconds=0)
        counts.append(Person.objects.filter(left_at=NOW).count())
    assert counts == [1, 2, 3, 3]


def test_one_failed_leaving_does_not_stop_the_run_and_is_retried(walker, host, second_host):
    """The database refuses one mail. The run continues, and the next run writes that mail."""
    a_walk(walker, [host, second_host], state="walked")
    Person.objects.filter(pk__in=[host.pk, second_host.pk]).update(is_active=False)
    refusals = ["deadlock detected"]

    def refuse_once(execute, sql, params, many, context):
        if sql.startswith("INSERT") and '"notifications_message"' in sql and refusals:
            raise OperationalError(refusals.pop())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_once):
        assert "mail-files" in retention.run(now=NOW)
    assert (Message.objects.count(), Person.objects.filter(left_at=NOW).count()) == (1, 1)
    retention.run(now=NOW)
    assert (Message.objects.count(), Person.objects.filter(left_at=NOW).count()) == (2, 2)


@pytest.fixture
def last_year(school):
    """A past semester."""
    dates = {"starts_on": dt.date(2026, 1, 10), "ends_on": dt.date(2026, 7, 1)}
    return Semester.objects.create(school=school, name="Spring 2026", **dates)


def statuses(reader, semester, today):
    """Return each teacher's status and the totals in a semester's report."""
    built = report.build(reader, semester, today=today)
    return [(row.person_id, row.status, row.date, row.extra) for row in built.everybody], built.tally.counts


def test_the_report_of_an_earlier_semester_does_not_change(
    administrator, walker, host, second_host, colleague, last_year
):
    day = dt.date(2026, 3, 4)
    done = a_walk(walker, [host], state="complete", date=day)
    a_takeaway(done, at=NOW)
    a_walk(host, [walker], state="walked", date=day)
    a_walk(second_host, [walker], state="approved", date=day)
    excusals.excuse(colleague, semester=last_year, reason="on leave", by=administrator, now=NOW)
    before = statuses(administrator, last_year, NOW.date())
    for years in (1, 2):
        retention.run(now=NOW + years * 370 * DAY)
        assert statuses(administrator, last_year, NOW.date() + years * 370 * DAY) == before
    assert (Walk.objects.count(), Takeaway.objects.count(), Excusal.objects.count()) == (2, 0, 1)


def test_a_semester_whose_walks_were_removed_has_no_report(administrator, last_year, sign_in, time_machine):
    client = sign_in(administrator)
    page = f"/report/?semester={last_year.pk}"
    time_machine.move_to(NOW + 950 * DAY)
    client.force_login(administrator)
    assert client.get(page).status_code == 200
    time_machine.move_to(NOW + 970 * DAY)
    client.force_login(administrator)
    assert client.get(page).status_code == 404


def test_rows_are_removed_in_batches(walker, host, monkeypatch):
    monkeypatch.setattr(school_retention, "BATCH", 2)
    stop = a_walk(walker, [host], state="walked").stops.get()
    for n in range(5):
        a_note(stop, f"note {n}")
    rule = next(rule for rule in retention.RULES if rule.name == "notes")
    later = NOW + 400 * DAY
    steps = [rule.run(walker.school, later, until=time.monotonic() - 1) for _ in range(4)]
    assert steps == [2, 2, 1, 0]


def test_a_file_without_a_row_is_removed_after_a_day(walker, host, settings):
    photo = a_photo(a_walk(walker, [host], state="walked").stops.get())
    name = photo.file.storage.save("photos/ab/removed.jpg", ContentFile(b"jpeg"))
    os.utime(photo.file.storage.path(name), (0, 0))
    retention.run(now=NOW)
    assert not photo.file.storage.exists(name)
    assert Photo.objects.count() == 1


def test_mail_files_are_removed_when_mail_texts_are(settings, db):
    settings.MAIL_DIR.mkdir()
    for name in ("old.eml", "old.part", "new.eml", "other.txt"):
        (settings.MAIL_DIR / name).write_text("canary words")
        days = 29 if name == "new.eml" else 31
        os.utime(settings.MAIL_DIR / name, ((NOW - days * DAY).timestamp(),) * 2)
    (settings.MAIL_DIR / "stays.eml").mkdir()  # a folder, like another user's file, cannot be unlinked
    os.utime(settings.MAIL_DIR / "stays.eml", (0, 0))
    assert retention.run(now=NOW)["mail-files"] == 2
    assert sorted(path.name for path in settings.MAIL_DIR.iterdir()) == ["new.eml", "other.txt", "stays.eml"]


@pytest.mark.parametrize(("days", "words"), [(29, "Ask Tom for a time"), (31, "")])
def test_the_words_of_a_nudge_are_removed_when_its_mail_text_is(days, words, walker, head):
    made = {"kind": "nudge", "person": walker, "about_id": 1, "created_at": NOW, "due_at": NOW, "sent_by": head}
    Reminder.objects.create(key="done", state="done", words="Ask Tom for a time", **made)
    retention.run(now=NOW + days * DAY)
    assert Reminder.objects.get().words == words


def test_the_command_counts_and_then_removes(walker, host):
    stop = a_walk(walker, [host], state="walked").stops.get()
    a_note(stop)
    Walk.objects.update(finished_at=timezone.now() - 400 * DAY, started_at=timezone.now() - 401 * DAY)
    output = StringIO()
    call_command("purge", "--dry-run", stdout=output)
    assert "       1  notes" in output.getvalue()
    assert Note.objects.count() == 1
    call_command("purge", stdout=StringIO())
    assert Note.objects.count() == 0


def test_the_privacy_page_prints_every_rule(walker, sign_in):
    walker.school.plan_days = 77
    walker.school.save()
    page = unescape(sign_in(walker).get("/privacy/").text)
    printed_rules = [rule for rule in retention.RULES if rule.kept(walker.school) in page and str(rule.what) in page]
    assert len(printed_rules) == len(retention.RULES)
    assert "77 days after the planned day" in page


def test_an_erased_person_is_not_erased_again_each_hour(school, walker, administrator):
    person = a_person(school, "Tom", "Park", is_active=False, left_at=NOW - 1200 * DAY)
    retention.run(now=NOW)
    person.refresh_from_db()
    first = person.erased_at
    retention.run(now=NOW + DAY)
    person.refresh_from_db()
    assert person.erased_at == first is not None


def test_who_changed_a_setting_is_kept_as_long_as_reports(administrator):
    policy.change(administrator.school, {"visitor_limit": 3}, by=administrator)
    PolicyChange.objects.update(at=NOW)
    run_after(1094)
    assert PolicyChange.objects.count() == 1
    run_after(1096)
    assert PolicyChange.objects.count() == 0
