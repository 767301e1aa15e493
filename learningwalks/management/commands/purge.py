"""`manage.py purge`: what is no longer kept, shown (--dry-run) or removed now; beat does it every hour."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from learningwalks.privacy import retention


class Command(BaseCommand):
    """One line a rule: how many rows."""

    help = "Remove what is not kept any longer (docs/privacy.md). --dry-run only says how much that is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Count, or remove everything however long it takes."""
        now = timezone.now()
        found = retention.due(now=now) if dry_run else retention.run(now=now, seconds=float("inf"))
        for name, rows in found.items():
            self.stdout.write(f"{rows:>8}  {name}")
        self.stdout.write("Nothing was changed." if dry_run else "Removed.")
