"""Reading environment variables so that a slip gives one clear sentence."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE_ENGINE = "django.db.backends.sqlite3"


def number(env: environ.Env, name: str, *, default: int) -> int:
    """A whole number from the environment."""
    text = env.str(name, default="") or str(default)
    if not text.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def data_folder(given: str | Path) -> Path:
    """The folder for everything the product keeps; made when missing, refused when it cannot be written."""
    folder = Path(given).expanduser().resolve()
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {folder} cannot be used: {error.strerror}.") from error
    if not writable:
        raise ImproperlyConfigured(f"DATA_DIR {folder} cannot be written by this user.")
    return folder


def database(env: environ.Env, *, file: Path) -> dict[str, Any]:
    """The database of DATABASE_URL, SQLite or PostgreSQL; without one, an SQLite file."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        return {"ENGINE": SQLITE_ENGINE, "NAME": str(file)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, Any] = env.db_url_config(url)
    if found.get("ENGINE") not in (SQLITE_ENGINE, "django.db.backends.postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgres:// or sqlite:/// (docs/configuration.md).")
    found["HOST"] = str(found["HOST"]).replace("%2F", "/")  # a socket folder in the host's place
    return found


def mail(url: str) -> dict[str, Any]:
    """The mail settings of EMAIL_URL."""
    try:
        return dict(environ.Env.email_url_config(url))
    except (ImproperlyConfigured, ValueError) as error:
        sentence = "EMAIL_URL must start with smtp://, smtp+tls:// or smtp+ssl:// (docs/configuration.md)."
        raise ImproperlyConfigured(sentence) from error
