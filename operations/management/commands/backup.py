"""`manage.py backup [FILE or FOLDER]`: write database and photos into one archive, without stopping anything."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations.backup import create
from operations.backup.archive import BackupError, Manifest


class Command(BaseCommand):
    help = "Write the database and the photos into one archive (docs/operations.md). SECRET_KEY is not in it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", nargs="?", default=".", help="a folder, or a new .zip file (default: this folder)")
        parser.add_argument("--keep", type=int, metavar="DAYS", help="remove backups of the folder older than this")

    def handle(self, *args: Any, place: str, keep: int | None, **options: Any) -> None:
        began = time.monotonic()
        now = timezone.now()
        try:
            target = create.backup_file(place, now=now)
            if target.exists():
                raise BackupError(f"{target} exists already.")
            manifest = create.create_backup(target, now=now)
            removed = create.prune(target.parent, keep=keep, excluding=target, now=now) if keep is not None else []
        except BackupError as error:
            raise CommandError(str(error)) from error
        self._report(target, manifest, time.monotonic() - began)
        for path in removed:
            self.stdout.write(f"Removed {path.name}, which is older than {keep} days.")
        if manifest.missing:
            raise CommandError(f"{len(manifest.missing)} photos have no file, such as {manifest.missing[0]}.")

    def _report(self, target: Path, manifest: Manifest, seconds: float) -> None:
        size = target.stat().st_size / 1_000_000
        photos = len(manifest.files) - 1
        rows = sum(manifest.rows.values())
        self.stdout.write(f"{target}: {rows} rows, {photos} photos, {size:.1f} MB, in {seconds:.1f} s.")
        self.stdout.write("It holds private notes: encrypt it. SECRET_KEY is not in it: keep it in another place.")
