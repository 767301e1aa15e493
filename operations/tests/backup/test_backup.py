"""Backup and restore as an operator uses them: real processes, on SQLite and on PostgreSQL."""

import datetime as dt
import gc
import io
import json
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing, suppress

import pytest

from operations.backup import archive
from operations.backup.archive import BackupError
from operations.tests.backup.backups import READ_BACK, command_code, installation_in

pytestmark = [pytest.mark.services]

WRITE = """
stop, name = Stop.objects.get(), sys.argv[1]
for n in range(1, 100_000):
    a_note(stop, f"canary-{name}-{n}")
    photo = Photo(pk=uuid.uuid4(), stop=stop, width=4, height=3, description=f"{name}-{n}", taken_at=now)
    photo.file.save("x.jpg", ContentFile(f"bytes-{name}-{n}".encode()), save=False)
    photo.save(force_insert=True)
    if n % 3 == 0:
        photo.delete()
        photos.delete_file(photo.file.storage, photo.file.name)
    print(n, flush=True)
"""
READ_STATES = """
print(json.dumps([
    dict(Message.objects.values_list("key", "state")), dict(Reminder.objects.values_list("key", "state"))
]))
"""


def test_a_backup_made_under_load_is_restored_completely(original, site, tmp_path):
    writers = {name: site.start(WRITE, name) for name in ("a", "b", "c")}
    before = {name: [int(writer.stdout.readline()) for _ in range(25)][-1] for name, writer in writers.items()}
    output = site.run(
        'a_note(Stop.objects.get(), "canary-last-1")\n' + command_code("backup", tmp_path / "under-load.zip")
    )
    for writer in writers.values():
        writer.kill()
        writer.communicate()
    with installation_in(tmp_path / "new") as new:
        restored = new.command("restore", tmp_path / "under-load.zip", "--yes")
        seen = new.run_json(READ_BACK)
    assert "Restored" in restored, (output, restored)
    assert (seen.get("integrity", "ok"), seen["bad"], seen["praise"]) == ("ok", 0, ["canary-praise"])
    before["last"] = 1  # written just before the backup began
    for name, numbers in seen["notes"].items():  # all notes up to one moment, so none of the earlier ones is missing
        assert sorted(numbers) == list(range(1, len(numbers) + 1)) and len(numbers) >= before[name]
    assert set(seen["notes"]) == set(before) and seen["photos"] > 0


def test_only_its_owner_can_read_a_backup_and_its_output_has_no_private_text(original):
    assert stat.S_IMODE(original.archive.stat().st_mode) == 0o600
    with zipfile.ZipFile(original.archive) as archive:
        assert archive.namelist() == ["database", "manifest.json"]
        assert b"canary" not in archive.read("manifest.json")
    whole = original.archive.read_bytes()
    assert "canary" not in original.backup_output
    assert original.env["SECRET_KEY"].encode() not in whole
    assert [path.name for path in original.archive.parent.glob(".*")] == []


def test_waiting_mails_are_held_for_their_authors_and_due_reminders_are_dropped(original, site):
    output = site.command("restore", original.archive, "--yes")
    assert "1 mails that waited are held for their authors; 1 reminders that were due are dropped." in output
    assert site.run_json(READ_STATES) == [{"waits": "unknown", "sent": "sent"}, {"due": "dropped", "later": "pending"}]
    again = """
message = Message.objects.get(key="waits")
outbox.settle(message, by=message.author, arrived=False, now=now + dt.timedelta(minutes=16))
"""
    assert site.run_json(again + READ_STATES)[0]["waits"] == "queued"


def test_an_operator_can_choose_to_send_waiting_mails(original, site):
    site.command("restore", original.archive, "--yes", "--send-waiting")
    assert site.run_json(READ_STATES) == [{"waits": "queued", "sent": "sent"}, {"due": "pending", "later": "pending"}]


def edited(archive, target, more=b"", **changes):
    """Write the same backup as a valid ZIP, but without photos and with another manifest or a larger database."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as into:
        manifest = json.loads(source.read("manifest.json"))
        into.writestr("database", source.read("database") + more)
        into.writestr("manifest.json", json.dumps({**manifest, **changes}))
    return target


def flipped(archive, target):
    """Write the same backup with one flipped bit in the database."""
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 1
    target.write_bytes(content)
    return target


def test_a_damaged_newer_or_foreign_backup_is_refused_and_no_data_is_lost(original, site, tmp_path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(original.archive.read_bytes()[:-2000])
    rows = json.loads(zipfile.ZipFile(original.archive).read("manifest.json"))["rows"]
    refused = {
        cut: "is damaged",
        tmp_path / "nothing.zip": "There is no file",
        flipped(original.archive, tmp_path / "flipped.zip"): "The backup is damaged",
        edited(original.archive, tmp_path / "other.zip", more=b"x"): "The backup is damaged (database)",
        edited(original.archive, tmp_path / "format.zip", format=2): "newer version",
        edited(original.archive, tmp_path / "newer.zip", migrations=["school.0099_future"]): "newer version",
        edited(original.archive, tmp_path / "vendor.zip", vendor="oracle"): "The backup is of oracle",
        edited(original.archive, tmp_path / "rows.zip", rows=rows | {"school_person": 77}): "should have 77 rows",
    }
    code = """
Note.objects.all().delete(); a_note(Stop.objects.get(), "canary-new-1")
reasons = []
for path in sys.argv[1:]:
    try:
        call_command("restore", path, "--yes", stdout=io.StringIO())
    except CommandError as error:
        reasons.append(str(error))
print(json.dumps(reasons))
"""
    output = json.loads(site.finish(site.start(code, *map(str, refused))))
    assert [words in reason for words, reason in zip(refused.values(), output, strict=True)] == [True] * len(refused), (
        output
    )
    assert site.run_json(READ_BACK)["notes"] == {"new": [1]}
    assert not [path for path in site.folder.rglob("*") if "restoring" in path.name]


def test_a_restore_refuses_to_run_beside_other_processes(original, site):
    serving = site.start(
        "from operations import installation\nheld = installation.lock_for_serving(settings.DATA_DIR)\n"
        "print('here', flush=True)\nsys.stdin.read()"
    )
    assert serving.stdout.readline() == "here\n"
    assert "already running" in site.command("restore", original.archive, "--yes")
    serving.kill()
    serving.communicate()
    working = site.start(
        "connection.ensure_connection(); Message.objects.count()\nprint('here', flush=True)\nsys.stdin.read()"
    )
    assert working.stdout.readline() == "here\n"
    output = site.command("restore", original.archive, "--yes").partition("error: ")[2]
    assert "Stop Learning Walks" in output, output
    working.kill()
    working.communicate()
    record_heartbeats = """
import threading
def record_every_second():
    while True:
        time.sleep(1)
        Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
        connection.close()
Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
connection.close()
threading.Thread(target=record_every_second, daemon=True).start()
"""
    output = site.run(record_heartbeats + command_code("restore", original.archive, "--yes"))
    assert "error: The worker is still running." in output or "other connections" in output or "still uses" in output, (
        output
    )


@pytest.mark.postgresql
def test_a_restore_waits_for_a_connection_that_is_just_closing(site):
    close_a_second_later = """
import threading
from operations.backup import postgres
other = connection.get_new_connection(connection.get_connection_params())
threading.Timer(1, other.close).start()
postgres.refuse_if_in_use()
print(json.dumps(other.closed))
"""
    assert site.run_json(close_a_second_later) is True


def test_people_erased_since_the_backup_stay_erased(original, site):
    site.run(
        "person = Person.objects.get(given_name='Jonas')\nPerson.objects.filter(pk=person.pk).update(is_active=False)\n"
        "people.erase(person, by=None, now=now)"
    )
    assert "1 people who were erased since the backup are erased again." in site.command(
        "restore", original.archive, "--yes"
    )
    names = "print(json.dumps(sorted(Person.objects.values_list('given_name', flat=True))))"
    assert site.run_json(names) == ["A former colleague", "Amara"]


PHOTO = """
stop = Stop.objects.get()
photo = Photo(pk=uuid.uuid4(), stop=stop, width=4, height=3, description=sys.argv[1], taken_at=now)
photo.file.save("x.jpg", ContentFile(f"bytes-{sys.argv[1]}".encode()), save=False)
photo.save(force_insert=True)
"""


def test_nobody_is_signed_in_after_a_restore(original, site):
    """The backup contains a session that may have been ended since."""
    site.command("restore", original.archive, "--yes")
    assert site.run_json("print(Session.objects.count())") == 0


def test_a_backup_that_lacks_a_photo_is_refused(site, tmp_path):
    site.finish(site.start(PHOTO, "kept"))
    site.command("backup", tmp_path / "one.zip")
    shutil.rmtree(site.folder / "media")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
    without_photo = edited(tmp_path / "one.zip", tmp_path / "two.zip", files={"database": files["database"]})
    output = site.command("restore", without_photo, "--yes")
    assert "1 photos are missing" in output
    assert "Restored" not in output


def test_photos_are_restored_and_those_of_the_replaced_data_are_set_aside(site, tmp_path):
    site.finish(site.start(PHOTO, "kept"))
    site.command("backup", tmp_path / "one.zip")
    shutil.rmtree(site.folder / "media")
    site.finish(site.start(PHOTO, "later"))
    site.command("restore", tmp_path / "one.zip", "--yes")
    seen = site.run_json(READ_BACK)
    aside = [path.read_bytes() for path in site.folder.glob("replaced-*/media/photos/*/*")]
    assert (seen["photos"], seen["bad"], aside) == (1, 0, [b"bytes-later"])


def test_a_photo_that_was_removed_during_the_backup_does_not_come_back(site, tmp_path):
    code = """
from operations.backup import create
stop = Stop.objects.get()
photo = Photo.objects.create(stop=stop, width=4, height=3, taken_at=now, file="photos/ab/removed.jpg")
first = create._manifest
def and_then_it_is_removed(ask, moment):
    Photo.objects.all().delete()
    return first(ask, moment)
create._manifest = and_then_it_is_removed
call_command("backup", sys.argv[1], stdout=io.StringIO())
"""
    site.finish(site.start(code, str(tmp_path / "one.zip")))
    assert "Restored" in site.command("restore", tmp_path / "one.zip", "--yes")
    assert site.run_json(READ_BACK)["photos"] == 0


def test_backups_older_than_the_given_number_of_days_are_deleted(site, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    lately = f"learningwalks-{dt.date.today() - dt.timedelta(days=30)}-120000.zip"
    for name in ("learningwalks-2020-01-01-120000.zip", "learningwalks-2020.zip", "notes.zip", lately):
        (folder / name).write_text("x")
    output = site.command("backup", folder, "--keep", "35")
    assert "Removed learningwalks-2020-01-01-120000.zip" in output
    kept = {path.name for path in folder.iterdir()}
    assert len(kept) == 4
    assert kept > {"learningwalks-2020.zip", "notes.zip", lately}


def test_a_missing_folder_is_created_and_gets_one_file_per_backup(site, tmp_path):
    """A path without .zip means a folder. A file of that name would be overwritten by the next night's backup."""
    folder = tmp_path / "backups"
    site.command("backup", folder)
    site.command("backup", f"{tmp_path}/nightly.zip/")
    (file,) = folder.iterdir()
    assert (file.suffix, stat.S_IMODE(folder.stat().st_mode)) == (".zip", 0o700)
    assert [path.suffix for path in (tmp_path / "nightly.zip").iterdir()] == [".zip"]


def test_an_impossible_target_is_refused_in_one_sentence(site, tmp_path):
    (tmp_path / "backup").write_text("an archive of another night")
    assert "is a file. Name a folder, or a file that ends in .zip." in site.command("backup", tmp_path / "backup")
    assert f"There is no folder {tmp_path / 'disk'}." in site.command("backup", tmp_path / "disk" / "backups")
    assert (tmp_path / "backup").read_text() == "an archive of another night"


@pytest.mark.not_on_postgresql
def test_a_failed_backup_leaves_no_file_and_no_python_warning(tmp_path):
    """An open ZIP would be closed after its file: "Exception ignored in ZipFile.__del__"."""
    with suppress(BackupError), archive.Writer(tmp_path / "one.zip") as writer:
        writer.add("database", io.BytesIO(b"words"), pack=True)
        raise BackupError("no disk space")
    del writer
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite
def test_an_unreadable_database_can_be_replaced(original, site):
    (site.folder / "db.sqlite3").write_bytes(b"no database" * 1000)
    assert "Restored" in site.command("restore", original.archive, "--yes")
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as restored:
        assert restored.execute("SELECT count(*) FROM school_person").fetchone() == (2,)


@pytest.mark.postgresql
def test_without_postgresqls_programs_the_error_says_what_to_install(site, tmp_path):
    site.env["PG_BIN"] = str(tmp_path)
    assert "pg_dump of PostgreSQL 18 or newer is needed here" in site.command("backup", tmp_path / "one.zip")
