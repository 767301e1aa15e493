"""Find or generate SECRET_KEY, and refuse to start without a good one."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SAMPLE_MARKS = ("demo", "insecure", "changeme", "change-me", "change_me", "example", "your-secret")
ADVICE = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def secret_key(given: str, *, data_dir: Path, production: bool) -> str:
    """Return the given key. Without one, return the key in the data folder, but not in production."""
    if given:
        if production and is_weak(given):
            raise ImproperlyConfigured(f"SECRET_KEY is too short or a sample. {ADVICE}")
        return given
    if production:
        raise ImproperlyConfigured(f"SECRET_KEY is not set. {ADVICE}")
    return kept_key(data_dir / "secret-key")


def is_weak(key: str) -> bool:
    """Return whether the key is shorter than 50 characters (Django's deployment check), repetitive, or a sample."""
    return len(key) < 50 or len(set(key)) < 5 or any(mark in key.lower() for mark in SAMPLE_MARKS)


def kept_key(path: Path) -> str:
    """Return the installation's own key, generated on first use.

    The key is written to a temporary file, which is then linked to `path`. If two processes start together, one of them
    creates the link, and the other reads its complete key.
    """
    if not path.exists() or not path.read_text().strip():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".secret-key-", dir=path.parent)  # mode 600
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    fresh = Path(name)
    try:
        _put(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _put(fresh: Path, path: Path) -> None:
    try:
        os.link(fresh, path)
    except FileExistsError:
        if not path.read_text().strip():  # left empty by a full disk
            fresh.replace(path)
    except OSError:  # a file system without hard links
        fresh.replace(path)
