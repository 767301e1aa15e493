"""Where the secret key comes from, and when the product refuses to start without a good one."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

DEMO_MARKS = ("demo", "insecure", "changeme", "change-me", "example")


def secret_key(given: str, *, data_dir: Path, production: bool) -> str:
    """Return the key given, or (outside production) one generated once into the data folder."""
    if given:
        weak = len(given) < 40 or any(mark in given.lower() for mark in DEMO_MARKS)
        if production and weak:
            raise ImproperlyConfigured(
                "SECRET_KEY is too short or a sample. Make one of at least 40 random characters."
            )
        return given
    if production:
        raise ImproperlyConfigured("SECRET_KEY is not set. Make one of at least 40 random characters.")
    return _kept_key(data_dir / "secret-key")


def _kept_key(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
