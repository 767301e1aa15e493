"""`manage.py purge`: remove, or with --dry-run count, data past its retention period. Beat does it every hour."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from learningwalks.privacy import retention


class Command(BaseCommand):
    help = "Remove data past its retention period (docs/privacy.md). --dry-run only counts it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Print the number of rows per rule. Unlike the hourly task, this run has no time limit."""
        now = timezone.now()
        found = retention.count_due(now=now) if dry_run else retention.run(now=now, seconds=float("inf"))
        for name, rows in found.items():
            self.stdout.write(f"{rows:>8}  {name}")
        self.stdout.write("Nothing was changed." if dry_run else "Removed.")
