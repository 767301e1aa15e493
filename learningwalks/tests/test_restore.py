"""Backups and restores that were killed, and who is gone since the backup: they stay gone."""

import os

import pytest

from learningwalks.tests.test_backup import called, home, made, old  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.services]
NAMES = "print(json.dumps(dict(Person.objects.values_list('given_name', 'is_active'))))"
LEFT = "2026-11-20 15:00:00+00:00"
SUCCESSOR = """
from learningwalks import joining
jonas = Person.objects.get(given_name="Jonas")
ada = a_person(jonas.school, "Ada", "Min", is_administrator=True)
joining.leave(jonas, by=ada, now=dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC))
"""


@pytest.fixture
def of_jonas(old, tmp_path):  # noqa: F811
    """A backup in which Jonas is the only administrator."""
    old.run("Person.objects.filter(given_name='Jonas').update(is_administrator=True)")
    old.command("backup", tmp_path / "of-jonas.zip")
    return tmp_path / "of-jonas.zip"


def test_an_erased_person_who_alone_ran_the_school_is_out_and_erased_as_it_says(old, of_jonas):  # noqa: F811
    old.run(SUCCESSOR + "erasing.erase(jonas, by=ada, now=now)")
    said = old.command("restore", of_jonas, "--yes")
    assert ("Restored" in said, old.ask(NAMES)) == (True, {"Amara": True, "Jonas": False})
    advice = said.partition("Add an administrator (manage.py createsuperuser), then run: manage.py ")[2].splitlines()[0]
    words = "call_command('createsuperuser', email='new@school.example', given_name='Bea', family_name='Roy', "
    old.run(words + "interactive=False, stdout=io.StringIO())\n" + called(*advice.split(), "--yes"))
    assert old.ask(NAMES) == {"Amara": True, "A former colleague": False, "Bea": True}


def test_who_left_since_the_backup_is_out_again_and_gets_nothing(made, old):  # noqa: F811
    old.run(SUCCESSOR)
    said = old.command("restore", made.archive, "--yes", "--send-waiting")
    assert "1 people who left since the backup are out again." in said
    assert (old.ask(NAMES), "no administrator" in said) == ({"Amara": True, "Jonas": False}, False)
    left = "str(Person.objects.get(given_name='Jonas').left_at)"
    assert old.ask(f"print(json.dumps([Message.objects.get(key='waits').state, {left}]))") == ["cancelled", LEFT]


def test_when_who_left_alone_ran_the_school_it_says_to_add_an_administrator(old, of_jonas):  # noqa: F811
    old.run(SUCCESSOR)
    assert "The school has no administrator now. Add one: manage.py createsuperuser" in old.command(
        "restore", of_jonas, "--yes"
    )


ERASED = """
person = Person.objects.get(given_name="Jonas")
Person.objects.filter(pk=person.pk).update(is_active=False)
erasing.erase_by_itself(person, now=now)
"""
KILLED = """
import os, signal
from learningwalks.backup import postgres, programs, restoring
def die(*words, **more):
    os.kill(os.getpid(), signal.SIGKILL)
"""
STEPS = {
    "while PostgreSQL loads": "programs.run = die",
    "while the new database is checked": "restoring._compare_rows = die",
    "when it has taken its place": "restoring._set_photos_aside = die",
}


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=pytest.mark.postgresql if "PostgreSQL" in step else ()) for step in STEPS]
)
def test_a_restore_that_was_killed_and_runs_again_brings_nobody_back(made, old, step):  # noqa: F811
    old.run(ERASED)
    dying = old.start(KILLED + STEPS[step] + "\ncall_command('restore', sys.argv[1], '--yes')", str(made.archive))
    dying.communicate()
    before = old.ask(NAMES)
    said = old.command("restore", made.archive, "--yes")
    expected = {"Amara": True, "A former colleague": False}
    assert (dying.returncode, before, old.ask(NAMES), "Restored" in said) == (-9, expected, expected, True)
    assert [path.name for path in old.folder.glob(".*restoring*")] == []


def test_what_a_killed_backup_left_goes_with_one_of_a_later_day(old, tmp_path):  # noqa: F811
    folder = tmp_path / "backups"
    (folder / ".learningwalks-notes").mkdir(parents=True)
    code = (
        KILLED + "from learningwalks.backup import making\nmaking._manifest = die\ncall_command('backup', sys.argv[1])"
    )
    old.start(code, str(folder)).communicate()
    old.command("backup", folder)  # another one may be at work
    assert (len(list(folder.glob(".*"))), len(list(folder.glob(".learningwalks-*/database")))) == (3, 1)
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))
    old.command("backup", folder)
    assert [path.name for path in folder.glob(".*")] == [".learningwalks-notes"]
