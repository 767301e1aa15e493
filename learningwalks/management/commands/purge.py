"""`manage.py purge`: remove, or with --dry-run count, data past its retention period. Beat does it every hour."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from learningwalks.privacy import retention


class Command(BaseCommand):
    help = "Remove what is not kept any longer (docs/privacy.md). --dry-run only says how much that is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Print the number of rows per rule. Unlike the hourly task, remove everything in one run."""
        now = timezone.now()
        found = retention.due(now=now) if dry_run else retention.run(now=now, seconds=float("inf"))
        for name, rows in found.items():
            self.stdout.write(f"{rows:>8}  {name}")
        self.stdout.write("Nothing was changed." if dry_run else "Removed.")
