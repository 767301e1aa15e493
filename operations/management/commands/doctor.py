"""`manage.py doctor`: report whether the installation works and, if not, what to do."""

from __future__ import annotations

import secrets
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from operations import health, mail_server
from operations.health import Finding

ENOUGH_DISK = 500  # megabytes


class Command(BaseCommand):
    """Runs the checks of /readyz, and those that need this machine (disk, settings, mail server, photos)."""

    help = "Check the installation and give advice on every problem. Exit code 1 if there is one."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", metavar="ADDRESS", help="send a test mail to this address and report the result")

    def handle(self, *args: Any, mail: str | None, **options: Any) -> None:
        """Print one line per finding, with advice under those that failed."""
        here = [_disk(), _static(), mail_server.check_mail_server(), _photos(), *_variables()]
        findings = [*health.report(now=timezone.now()).findings, *here]
        if mail:
            findings.append(mail_server.send_test_mail(mail))
        self.stdout.write(f"Learning Walks {settings.VERSION}")
        for finding in findings:
            self.stdout.write(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.seen}")
            if not finding.ok:
                self.stdout.write(f"      -> {finding.advice}")
        wrong = sum(not finding.ok for finding in findings)
        self.stdout.write("Everything is well." if not wrong else f"Not well: {wrong} of {len(findings)}.")
        sys.exit(1 if wrong else 0)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA_DIR).free // 1_000_000
    advice = f"Free some space: below {ENOUGH_DISK} MB, saving photos and notes may soon fail."
    return Finding("disk", free >= ENOUGH_DISK, f"{free} MB free in {settings.DATA_DIR}", advice)


def _static() -> Finding:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    seen = f"collected in {settings.STATIC_ROOT}" if manifest.exists() else "not collected"
    return Finding("static files", manifest.exists(), seen, "Run: python manage.py collectstatic --noinput")


def _variables() -> list[Finding]:
    """Report environment variables that nothing reads; they are probably misspelt."""
    advice = "Correct the name, or remove the variable (docs/configuration.md)."
    return [Finding("settings", False, sentence, advice) for sentence in settings.UNKNOWN_VARIABLES]


def _photos() -> Finding:
    """Write, read and delete a small object in the bucket. A local folder is covered by the disk check."""
    store: Any = default_storage
    if not hasattr(store, "is_public"):
        return Finding("photos", True, f"kept in {settings.MEDIA_ROOT}")
    where = f"kept in the bucket {store.bucket_name}"
    name = f"photos/00/probe-{secrets.token_hex(8)}.jpg"
    try:
        store.save(name, ContentFile(b"probe"))
        with store.open(name) as file:
            unchanged = file.read() == b"probe"
        is_public = store.is_public(name)
        store.delete(name)
    except OSError as error:
        return Finding("photos", False, f"{where}: {error.strerror}", "Look at S3_BUCKET, S3_ENDPOINT_URL and keys.")
    if is_public:
        return Finding("photos", False, f"{where}, open to the whole world", "Block public access to it at once.")
    return Finding("photos", unchanged, where, "The file that was written came back changed: check the bucket.")
