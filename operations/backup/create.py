"""Make a backup while the product runs: first the database, then the photos that the database names."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import IO, Any, cast

from django.apps import apps
from django.core.files.storage import Storage
from django.db import connection
from django.db.models import FileField, Model

from . import postgres, sqlite
from .archive import DATABASE, MEDIA, BackupError, Manifest, Writer

Query = Callable[[str], list[Any]]
NAMED = re.compile(r"learningwalks-(\d{4}-\d{2}-\d{2})-\d{6}\.zip")
LEFTOVER = re.compile(rf"\.learningwalks-[a-z0-9_]{{8}}|\.{NAMED.pattern}\.part")
LEFTOVER_AGE = dt.timedelta(days=1)  # no backup takes this long


def database() -> ModuleType:
    """Return the backup module for this installation's kind of database."""
    return sqlite if connection.vendor == sqlite.vendor else postgres


def backup_file(place: str, *, now: dt.datetime) -> Path:
    """Return the file to write: `place` itself if it ends in .zip, else a dated name in the folder `place`.

    The folder is created if its parent exists. If the parent is missing, a disk is probably not mounted: raise
    BackupError.
    """
    path = Path(place).absolute()
    if path.suffix == ".zip" and not place.endswith("/") and not path.is_dir():
        return path
    if path.exists() and not path.is_dir():
        raise BackupError(f"{path} is a file. Name a folder, or a file that ends in .zip.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}. Create it, or correct the path.")
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BackupError(f"The folder {path} cannot be created: {error.strerror}.") from error
    return path / f"learningwalks-{now:%Y-%m-%d-%H%M%S}.zip"


def create_backup(target: Path, *, now: dt.datetime) -> Manifest:
    """Write the archive. On failure raise BackupError and leave no partial archive behind."""
    try:
        _delete_leftovers(target.parent, now)
        with tempfile.TemporaryDirectory(prefix=".learningwalks-", dir=target.parent) as folder:
            return _write_archive(target, Path(folder), now)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}.") from error


def _delete_leftovers(folder: Path, now: dt.datetime) -> None:
    """Delete the files of killed backups. Among them is an uncompressed copy of the whole database."""
    for path in [path for path in folder.iterdir() if LEFTOVER.fullmatch(path.name)]:
        with suppress(OSError):  # another user owns it, or another process deleted it
            if path.lstat().st_mtime < (now - LEFTOVER_AGE).timestamp():
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _write_archive(target: Path, folder: Path, now: dt.datetime) -> Manifest:
    with Writer(target) as writer, database().snapshot(folder) as (copy, query):
        manifest = _manifest(query, now)
        with copy.open("rb") as file:
            writer.add(DATABASE, file, pack=True)
        for model, field, name in _stored_files(query):
            _add_photo(writer, manifest, model, field, name)
        writer.finish(manifest)
    return manifest


def _manifest(query: Query, now: dt.datetime) -> Manifest:
    done = query("SELECT app, name FROM django_migrations ORDER BY id")
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    return Manifest(
        made_at=now.isoformat(),
        product=product_version(),
        vendor=database().vendor,
        server=database().server(),
        migrations=[f"{app}.{name}" for app, name in done],
        rows={table: query(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables},  # noqa: S608 (our tables)
    )


def product_version() -> str:
    try:
        return version("learningwalks")
    except PackageNotFoundError:  # not installed as a package
        return "unreleased"


def file_fields() -> Iterator[tuple[type[Model], FileField]]:
    """Yield every model field that stores a file name."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                yield model, field


def _stored_files(query: Query) -> Iterator[tuple[type[Model], FileField, str]]:
    for model, field in file_fields():
        names = query(f'SELECT "{field.column}" FROM "{model._meta.db_table}" ORDER BY 1')  # noqa: S608 (our tables)
        yield from ((model, field, name) for (name,) in names if name)


def _add_photo(writer: Writer, manifest: Manifest, model: type[Model], field: FileField, name: str) -> None:
    """Add one photo. If its file is gone, list it as removed if its row is gone too, else as missing."""
    storage: Storage = field.storage
    try:
        with storage.open(name) as file:
            writer.add(MEDIA + name, cast(IO[bytes], file.file), pack=False)
    except FileNotFoundError:
        has_row = model._base_manager.filter(**{field.name: name}).exists()
        if has_row:
            manifest.missing.append(name)
        else:  # its owner removed it after the database was copied
            manifest.removed_meanwhile.append(name)


def prune(folder: Path, *, keep: int, excluding: Path, now: dt.datetime) -> list[Path]:
    """Delete dated backups in `folder` that are older than `keep` days, except `excluding`. Return their paths."""
    limit = (now - dt.timedelta(days=keep)).date().isoformat()
    old = [
        path
        for path in sorted(folder.iterdir())
        if path != excluding and (found := NAMED.fullmatch(path.name)) and found[1] < limit
    ]
    for path in old:
        path.unlink()
    return old
