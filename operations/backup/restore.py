"""Restore a backup: check it, prepare the new data beside the current data, and swap the two at the end."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from operations.broker import socket_path

from . import after_restore
from .after_restore import InactiveAccount
from .archive import DATABASE, MEDIA, BackupError, Reader
from .create import database, file_fields

Say = Callable[[str], None]
WORK_FOLDER = ".restoring-"  # how its name begins
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def refuse_unsuitable(archive: Reader) -> None:
    """Raise BackupError for another kind of database, a newer version of the product, or a damaged archive."""
    manifest = archive.manifest
    if manifest.vendor != database().vendor:
        kinds = [KINDS.get(vendor, vendor) for vendor in (manifest.vendor, database().vendor)]
        raise BackupError(f"The backup is of {kinds[0]}, but DATABASE_URL names {kinds[1]}.")
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    replaced = {old for migration in disk.values() for old in migration.replaces}
    if set(manifest.migrations) - {f"{app}.{name}" for app, name in [*disk, *replaced]}:
        raise BackupError("The backup was made by a newer version of Learning Walks. Update first.")
    archive.check()


def restore_archive(archive: Reader, *, send_waiting: bool, now: dt.datetime, say: Say) -> None:
    """Replace the current data by the archive's. Raise BackupError, with the current data unchanged, if that fails."""
    aside = Path(settings.DATA_DIR) / f"replaced-{now:%Y%m%d-%H%M%S-%f}"
    had_database = database().exists()
    inactive = after_restore.inactive_accounts()
    try:
        for leftover in Path(settings.DATA_DIR).glob(f"{WORK_FOLDER}*"):
            shutil.rmtree(leftover)  # of a killed restore; no other restore runs now
        with tempfile.TemporaryDirectory(prefix=WORK_FOLDER, dir=settings.DATA_DIR) as folder:
            archived = Path(folder) / DATABASE
            with archived.open("wb") as file:
                archive.unpack(DATABASE, file)
            say("Putting the photos back")
            _put_photos(archive, aside)
            say("Loading the database")
            with database().replacing(archived, aside):
                _prepare(archive, send_waiting, inactive, now, say)
    except OSError as error:
        raise BackupError(f"{error.filename or settings.DATA_DIR}: {error.strerror}. Nothing was replaced.") from error
    except DatabaseError as error:
        raise BackupError(f"The database refused the backup: {str(error).splitlines()[0]}") from error
    _set_photos_aside(aside)
    _delete_queue()
    if had_database:
        say(database().location_of_old_data(aside))


def _prepare(archive: Reader, send_waiting: bool, inactive: list[InactiveAccount], now: dt.datetime, say: Say) -> None:
    """Migrate and clean up the new database before it becomes visible."""
    database().check()
    _compare_rows(archive.manifest.rows)
    say("Migrating the database")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    after_restore.delete_photo_rows(archive.manifest.removed_meanwhile)
    _compare_photos(archive.manifest.missing)
    after_restore.sign_everybody_out()
    made_at = dt.datetime.fromisoformat(archive.manifest.made_at)
    if not send_waiting:
        say(after_restore.hold_waiting_mails(made_at=made_at, now=now))
    for line in after_restore.leave_and_erase_again(inactive, now=now):
        say(line)


def _compare_rows(expected: dict[str, int]) -> None:
    for table, rows in expected.items():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 (names from our own manifest, checked)
            if cursor.fetchone()[0] != rows:
                raise BackupError(f"The backup is incomplete: {table} should have {rows} rows.")


def _compare_photos(missing: list[str]) -> None:
    """Raise BackupError if a row's file is missing, unless it was already missing when the backup was made."""
    for model, field in file_fields():
        names = model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
        lost = [name for name in names.iterator() if name not in missing and not field.storage.exists(name)]
        if lost:
            raise BackupError(f"The backup is incomplete: {len(lost)} photos are missing, such as {lost[0]}.")


def _storage_of(name: str) -> Storage:
    storages: list[Storage] = [field.storage for _model, field in file_fields()]
    return storages[0]


def _put_photos(archive: Reader, aside: Path) -> None:
    """Add the backup's photos to the current ones. Photos have random names, which are never used again."""
    for name in archive.photos():
        storage = _storage_of(name)
        with tempfile.TemporaryFile() as file:
            archive.unpack(MEDIA + name, file)
            file.seek(0)
            if storage.exists(name) and not _has_content(storage, name, file):
                _move_aside(storage, name, aside)
            if not storage.exists(name):
                file.seek(0)
                _save(storage, name, file)


def _save(storage: Storage, name: str, file: Any) -> None:
    from django.core.files import File

    saved_as = storage.save(name, File(file))
    if saved_as != name:
        raise BackupError(f"The photo {name} cannot be put back under its name.")


def _has_content(storage: Storage, name: str, file: Any) -> bool:
    with storage.open(name) as stored:
        return bool(stored.read() == file.read())


def _set_photos_aside(aside: Path) -> None:
    """Move photos that the new database does not name to the folder `aside`, where the replaced database is."""
    for model, field in file_fields():
        if not isinstance(field.storage, FileSystemStorage):
            continue  # in a bucket, the hourly retention task deletes them
        known = set(model._base_manager.values_list(field.name, flat=True))
        root = Path(field.storage.location)
        for path in [path for path in root.rglob("*") if path.is_file()]:
            name = path.relative_to(root).as_posix()
            if name not in known:
                _move_aside(field.storage, name, aside)


def _move_aside(storage: Storage, name: str, aside: Path) -> None:
    if isinstance(storage, FileSystemStorage):
        place = aside / "media" / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(storage.path(name), place)
    else:
        storage.delete(name)


def _delete_queue() -> None:
    """Delete the broker's queue and beat's schedule file, which do not fit the restored data.

    Both are created again at the next start.
    """
    data = Path(settings.DATA_DIR)
    for folder in {data / "broker", socket_path(data).parent}:
        shutil.rmtree(folder, ignore_errors=True)
    for path in data.glob("beat-schedule*"):
        path.unlink(missing_ok=True)
