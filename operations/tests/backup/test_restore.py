"""Killed backups and restores, and people who left or were erased since the backup."""

import json
import os
import time

import pytest

from operations.tests.backup.backups import command_code

pytestmark = [pytest.mark.services]
PRINT_NAMES = "\nprint(json.dumps(dict(Person.objects.values_list('given_name', 'is_active'))))\n"
JONAS_ERASED = {"Amara": True, "A former colleague": False}
JONAS_LEFT = {"Amara": True, "Jonas": False}
LEFT = "2026-11-20 15:00:00+00:00"
JONAS_LEAVES_TO_ADA = """
from school import people
jonas = Person.objects.get(given_name="Jonas")
ada = a_person(jonas.school, "Ada", "Min", is_administrator=True)
people.leave(jonas, by=ada, now=dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC))
"""
ERASE = """
jonas = Person.objects.get(given_name="Jonas")
Person.objects.filter(pk=jonas.pk).update(is_active=False)
people.erase(jonas, by=None, now=now)
"""
DIE = """
import os, signal
from operations.backup import create, programs, restore
def die(*words, **more):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def backup_of_jonas(site, tmp_path):
    """A backup in which Jonas is the only administrator."""
    make_administrator = "Person.objects.filter(given_name='Jonas').update(is_administrator=True)\n"
    site.run(make_administrator + command_code("backup", tmp_path / "of-jonas.zip"))
    return tmp_path / "of-jonas.zip"


def test_people_who_left_since_the_backup_leave_again_and_get_no_mail(site, backup_of_jonas):
    look = (
        "print(json.dumps([Message.objects.get(key='waits').state, str(Person.objects.get(is_active=False).left_at)]))"
    )
    output = site.run(
        JONAS_LEAVES_TO_ADA + command_code("restore", backup_of_jonas, "--yes", "--send-waiting") + PRINT_NAMES + look
    ).splitlines()
    assert "1 people who left since the backup are out again." in output
    assert "The school has no administrator now. Add one: manage.py createsuperuser" in output
    assert [json.loads(line) for line in output[-2:]] == [JONAS_LEFT, ["cancelled", LEFT]]


A_PLANNED_WALK = """
from school.models import Grade
jonas, amara = (Person.objects.get(given_name=name) for name in ("Jonas", "Amara"))
head = a_person(jonas.school, "Lucía", "Reyes")
Grade.objects.get(name="Grade 7").heads.add(head)
walk = a_walk(jonas, [amara], state="approved", decided_by=head, date=now.date() + dt.timedelta(days=7))
a_message(amara, kind="walks.host", key="host", now=now, about=f"walk:{walk.pk}",
          state={"state": "sent", "sent_at": now, "settled_at": now})
"""


def test_walks_of_people_who_left_since_the_backup_are_cancelled_and_hosts_get_a_mail(site, tmp_path):
    site.run(A_PLANNED_WALK + command_code("backup", tmp_path / "planned.zip"))
    look = (
        "\nfrom walks.models import Walk\ninformed = Message.objects.filter(kind='walks.off', state='queued')\n"
        "print(json.dumps([[walk.state for walk in Walk.objects.filter(walker__given_name='Jonas')],"
        " sorted(informed.values_list('recipient__given_name', flat=True))]))"
    )
    output = site.run(
        JONAS_LEAVES_TO_ADA + command_code("restore", tmp_path / "planned.zip", "--yes") + look
    ).splitlines()
    assert json.loads(output[-1]) == [["cancelled"], ["Amara", "Lucía"]]


def test_an_only_administrator_erased_since_leaves_and_can_be_erased_by_the_printed_command(site, backup_of_jonas):
    erased = JONAS_LEAVES_TO_ADA + "people.erase(jonas, by=ada, now=now)\n"
    output = site.run(erased + command_code("restore", backup_of_jonas, "--yes") + PRINT_NAMES)
    assert "Restored" in output
    assert json.loads(output.splitlines()[-1]) == JONAS_LEFT
    advice = output.partition("Add an administrator (manage.py createsuperuser), then run: manage.py ")[2].splitlines()[
        0
    ]
    words = "call_command('createsuperuser', email='new@school.example', given_name='Bea', family_name='Roy', "
    add_bea = words + "interactive=False, stdout=io.StringIO())\n"
    output = site.run(add_bea + command_code(*advice.split(), "--yes") + PRINT_NAMES)
    assert json.loads(output.splitlines()[-1]) == {"Amara": True, "A former colleague": False, "Bea": True}


STEPS = {
    "while PostgreSQL loads": "programs.run = die\n",
    "while the new database is checked": "restore._compare_rows = die\n",
    "when it has taken its place": "restore._set_photos_aside = die\n",
}


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=pytest.mark.postgresql if "PostgreSQL" in step else ()) for step in STEPS]
)
def test_repeating_a_killed_restore_keeps_erased_people_erased(original, site, step):
    restore = command_code("restore", original.archive, "--yes") + PRINT_NAMES
    dying = site.start(ERASE + DIE + STEPS[step] + restore)
    dying.communicate()
    output = site.run(PRINT_NAMES + restore).splitlines()
    assert (dying.returncode, json.loads(output[0]), json.loads(output[-1])) == (-9, JONAS_ERASED, JONAS_ERASED)
    assert output[-2].startswith("Restored")
    assert [path.name for path in site.folder.glob(".*restoring*")] == []


def test_a_backup_on_a_later_day_removes_the_files_of_a_killed_backup(site, tmp_path):
    folder = tmp_path / "backups"
    (folder / ".learningwalks-notes").mkdir(parents=True)
    site.start(DIE + "create._manifest = die\n" + command_code("backup", folder)).communicate()
    for path in folder.glob(".*"):
        os.utime(path, (time.time(), time.time()))  # the file system does not use the shifted clock of this test
    site.command("backup", folder / "now.zip")  # another backup may be running
    assert (len(list(folder.glob(".*"))), len(list(folder.glob(".learningwalks-*/database")))) == (3, 1)
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))
    site.command("backup", folder / "later.zip")
    assert [path.name for path in folder.glob(".*")] == [".learningwalks-notes"]


LEFT_IN_THE_FILE = """
from operations import sqlite
reader = sqlite.hold_open()
from allauth.mfa.models import Authenticator
Authenticator.objects.create(user=Person.objects.get(given_name="Jonas"), type="totp", data={"secret": "canary-secret"})
words = [b"Jonas", b"Lindqvist", b"canary-secret"]
def count_words():
    kept = b"".join(path.read_bytes() for path in sorted(Path(os.environ["DATA_DIR"]).glob("db.sqlite3*")))
    return [kept.count(word) for word in words]
before = count_words()
jonas = Person.objects.get(given_name="Jonas")
Person.objects.filter(pk=jonas.pk).update(is_active=False)
people.erase(jonas, by=None, now=now)
print(json.dumps([before, count_words()]))
"""


@pytest.mark.sqlite
def test_right_after_erasing_sqlites_files_hold_nothing_of_the_person(site):
    before, after = json.loads(site.run(LEFT_IN_THE_FILE).splitlines()[-1])
    assert all(before)
    assert after == [0, 0, 0]


@pytest.mark.sqlite
def test_after_retention_sqlites_files_hold_nothing_that_was_removed(site):
    look = "print(json.dumps([path.read_bytes().count(b'canary-note') for path in sorted(files)]))"
    code = f"""
from learningwalks.privacy import retention
from operations import sqlite
reader = sqlite.hold_open()
note = a_note(Stop.objects.get(), "canary-note")
note.removed_at = now - dt.timedelta(days=1)
note.save()
files = list(Path(os.environ["DATA_DIR"]).glob("db.sqlite3*"))
{look}
retention.run(now=now)
{look}
"""
    before, after = map(json.loads, site.run(code).splitlines()[-2:])
    assert sum(before) > 0
    assert sum(after) == 0
