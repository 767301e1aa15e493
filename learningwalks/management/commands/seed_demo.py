"""Load the demo school, or bring an existing demo school up to date."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from learningwalks.demo import directory, doors, refresh, story
from school import demo
from school.calendar import local_date
from school.demo import NAME
from school.models import School


class Command(BaseCommand):
    """`manage.py seed_demo`, or with `--teachers 5000 --walks 20000` for benchmarks."""

    help = "Load the demo school (idempotent; dates are relative to today)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--teachers", type=int, default=84)
        parser.add_argument("--walks", type=int, default=None, help="how many past walks to create in total")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["teachers"] < 60:
            raise CommandError("The demo's story needs at least 60 teachers.")
        if demo.has_real_school():
            raise CommandError("A real school is in this database. No demo beside it: the demo's passwords are public.")
        now = timezone.now()
        existing = demo.schools().first()
        if existing is not None:
            added = refresh.bring_up_to_date(existing, now=now)
            doors.open_doors(existing, now=now)
            self.stdout.write(f"{existing.name} is there already" + (f"; {added}." if added else "."))
            return
        started = time.monotonic()
        with transaction.atomic():
            made = directory.build(NAME, local_date(School(name=NAME), now), options["teachers"])
            story.add_walks(made, now=now, walks=options["walks"], progress=self._progress_bar(options["walks"]))
            doors.open_doors(made.school, now=now)
        self.stdout.write(f"{NAME}: {len(made.teachers)} teachers, ready in {time.monotonic() - started:.1f} s.")

    def _progress_bar(self, total: int | None) -> story.Progress:
        """Return a progress bar with 50 steps."""

        def show(done: int) -> None:
            if total and (done == total or done % max(1, total // 50) == 0):
                filled = done * 50 // total
                self.stderr.write(f"\r[{'#' * filled}{'.' * (50 - filled)}] {done} of {total} walks", ending="")
                if done == total:
                    self.stderr.write("")

        return show
