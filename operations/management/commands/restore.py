"""`manage.py restore FILE`: replace the current data by a backup. The replaced data is kept in another place."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations import installation
from operations.backup import exclusive, restore
from operations.backup.archive import BackupError, Reader
from operations.supervisor import StartError


class Command(BaseCommand):
    help = "Replace database and photos by those of a backup (docs/operations.md). Stop Learning Walks first."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="an archive made by manage.py backup")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
        parser.add_argument(
            "--send-waiting",
            action="store_true",
            help="send mails and reminders that waited in the backup, though they may have been sent since",
        )

    def handle(self, *args: Any, file: str, yes: bool, send_waiting: bool, **options: Any) -> None:
        began = time.monotonic()
        try:
            with (
                exclusive.nothing_else_running(Path(settings.DATA_DIR), clock=timezone.now, say=self._say),
                Reader(Path(file)) as archive,
            ):
                self._say("Checking the backup")
                restore.refuse_unsuitable(archive)
                self._ask(archive, yes)
                restore.restore_archive(archive, send_waiting=send_waiting, now=timezone.now(), say=self._say)
                installation.prepare_database()
        except (BackupError, StartError) as error:
            raise CommandError(str(error)) from error
        self._say(f"Restored in {time.monotonic() - began:.0f} s. Start Learning Walks, then run: manage.py doctor")

    def _ask(self, archive: Reader, yes: bool) -> None:
        manifest = archive.manifest
        photos = len(archive.photos())
        self._say(f"A backup of {manifest.made_at[:16]} UTC with {photos} photos replaces the current data.")
        if not yes and input("Type yes to continue: ").strip().lower() != "yes":
            raise CommandError("Nothing was changed.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
