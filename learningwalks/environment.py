"""Read and check environment variables. Every mistake raises ImproperlyConfigured with one clear sentence."""

from __future__ import annotations

import difflib
import os
import re
import warnings
import zoneinfo
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import environ
from django.core.exceptions import ImproperlyConfigured

from notifications.sending.addresses import UnusableAddressError, address_in

SQLITE_ENGINE = "django.db.backends.sqlite3"
# Repeated statements are prepared once per connection: query planning took half of PostgreSQL's time per page.
# A pooler in transaction mode may need "?prepare_threshold=None" (docs/configuration.md).
POSTGRESQL = {"connect_timeout": 5, "server_side_binding": True, "prepare_threshold": 5}
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SENTRY_ADDRESS = re.compile(r"https?://\w+@[^/\s@]+(/\S+)?/\d+")
SHORTEST_TOKEN = 20
YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
SITE_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
WEB_ADDRESS = re.compile(r"https?://[^/\s@]+(/\S*)?")
# The user and password may contain any character; the last @ separates them from the host.
SERVICE = re.compile(r"(?P<scheme>[a-z+]+://)(?:(?P<user>[^:]*)(?P<password>:.*)?@)?(?P<rest>[^@]*)", re.DOTALL)
MAIL_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#\[\]]+)(?::(?P<port>[^/]*))?/?")
MAIL_PORTS = {"smtp://": 25, "smtp+tls://": 587, "smtp+ssl://": 465}
# All variables in docs/configuration.md, and those that our own scripts set.
KNOWN = frozenset(
    [
        "DEMO",
        "SITE_URL",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "HOST",
        "PORT",
        "DATA_DIR",
        "DATABASE_URL",
        "PGPASSWORD",
        "PG_BIN",
        "REDIS_URL",
        "EMAIL_URL",
        "MAIL_FROM",
        "TIME_ZONE",
        "TRUST_PROXY_PROTO",
        "TRUSTED_PROXY_COUNT",
        "SSL_REDIRECT",
        "CSRF_TRUSTED_ORIGINS",
        "ADMINISTRATOR_MFA",
        "S3_BUCKET",
        "S3_ENDPOINT_URL",
        "S3_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "STATIC_ROOT",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "METRICS_TOKEN",
        "SENTRY_DSN",
        "WEB_CONCURRENCY",
        "WEB_THREADS",
        "POSTGRES_PASSWORD",
        "DEBUG",
        "DEMO_BY_DEFAULT",
        "ENV_FILE",
        "LW_PLAIN_STATIC",
        "DJANGO_SETTINGS_MODULE",
    ]
)
# Variables of other programs: PostgreSQL, Amazon, Sentry, OpenSSL, Compose.
OTHER_PROGRAMS = re.compile(r"PG[A-Z]+|(AWS|SENTRY|SSL|COMPOSE|DOCKER)_.*")
ASSIGNMENT = re.compile(r"^(?:export )?([A-Za-z_0-9]+)=", re.MULTILINE)
SIMILAR = 0.85  # difflib's ratio of two names that differ by one typing error


def unknown_variables(file: Path, names: Iterable[str]) -> list[str]:
    """Return warnings about variables that nothing reads: all in the file, and misspelt ones in the environment."""
    written = set(ASSIGNMENT.findall(file.read_text(errors="replace"))) if file.is_file() else set()
    found = []
    for name in sorted({*written, *names} - KNOWN):
        if OTHER_PROGRAMS.fullmatch(name):
            continue
        suggestions = difflib.get_close_matches(name.upper(), KNOWN, 1, SIMILAR)
        if not suggestions and name in written:
            beginning = f"{name.upper().partition('_')[0]}_"
            suggestions = sorted(known for known in KNOWN if known.startswith(beginning))
        if suggestions:
            found.append(f"The variable {name} is unknown: did you mean {' or '.join(suggestions)}?")
    return found


def number(env: environ.Env, name: str, *, default: int, lowest: int = 0, highest: int = 1000) -> int:
    """Read a whole number."""
    text = env.str(name, default="") or str(default)
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}.")
    return int(text)


def flag(env: environ.Env, name: str, *, default: bool) -> bool:
    """Read yes or no. Empty counts as not set; a misspelt value is an error, not "no"."""
    text = env.str(name, default="").strip().lower()
    if text not in YES | NO | {""}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")
    return text in YES if text else default


def choice(env: environ.Env, name: str, known: tuple[str, ...], *, default: str) -> str:
    """Read one of the `known` words, in upper or lower case."""
    text = env.str(name, default="") or default
    found = next((word for word in known if word.lower() == text.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {text!r}.")
    return found


def data_folder(given: str | Path) -> Path:
    """Return the folder for all data. Create it if missing; raise if it is not writable."""
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
    """Return the database settings for DATABASE_URL (SQLite or PostgreSQL); without it, an SQLite file."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        return {"ENGINE": SQLITE_ENGINE, "NAME": str(file)}
    wrong_port = "DATABASE_URL: the port, after the last colon, must be a number from 1 to 65535."
    address = url if url.startswith("sqlite:") else service_address(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found: dict[str, Any] = env.db_url_config(address)
        except ValueError as error:  # from urllib: an invalid port or unbalanced brackets
            raise ImproperlyConfigured(wrong_port) from error
    if found.get("ENGINE") not in (SQLITE_ENGINE, "django.db.backends.postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgres:// or sqlite:/// (docs/configuration.md).")
    found["HOST"] = str(found["HOST"]).replace("%2F", "/")  # a folder with a Unix socket, instead of a host
    if found["ENGINE"] != SQLITE_ENGINE:
        options = POSTGRESQL | found.get("OPTIONS", {})
        found["OPTIONS"] = options
        if not isinstance(options["prepare_threshold"], int):
            options["prepare_threshold"] = None  # to psycopg, None means never
    return found


def site_address(env: environ.Env, *, default: str) -> str:
    """Return the site's scheme, host and port without a path. Links, cookies and HTTPS depend on it."""
    text = (env.str("SITE_URL", default="").strip() or default).rstrip("/")
    if not SITE_ADDRESS.fullmatch(text):
        raise ImproperlyConfigured("SITE_URL must be an address such as https://walks.school.example, with no path.")
    return text


def time_zone(env: environ.Env, *, default: str) -> str:
    """Return a zone known to this machine, such as Europe/London."""
    name = env.str("TIME_ZONE", default="").strip() or default
    if name not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"TIME_ZONE must be a zone such as Europe/London, not {name!r}.")
    return name


def service_address(url: str) -> str:
    """Return the URL with user and password escaped, so that every library reads them in the same way.

    Passwords may contain @, / and #. Only a % before two hexadecimal digits has to be written as %25.
    """
    parts = SERVICE.fullmatch(url)
    if parts is None or parts["user"] is None:
        return url
    user = quote(unquote(parts["user"]), safe="")
    password = quote(unquote(parts["password"][1:]), safe="") if parts["password"] else None
    return f"{parts['scheme']}{user}{'' if password is None else f':{password}'}@{parts['rest']}"


def broker_address(env: environ.Env) -> str:
    """Return the broker's URL from REDIS_URL, or an empty string."""
    url: str = env.str("REDIS_URL", default="")
    if url and not url.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
        raise ImproperlyConfigured("REDIS_URL must start with redis:// or rediss:// (docs/configuration.md).")
    return service_address(url)


def mail_settings(url: str) -> dict[str, Any]:
    """Return the mail settings for EMAIL_URL. Error messages never quote it, because it may contain a password."""
    parts = SERVICE.fullmatch(url)
    if parts is None or parts["scheme"] not in MAIL_PORTS:
        raise ImproperlyConfigured(
            "EMAIL_URL must start with smtp://, smtp+tls:// or smtp+ssl:// (docs/configuration.md)."
        )
    server = MAIL_HOST.fullmatch(parts["rest"])
    if server is None:
        raise ImproperlyConfigured(
            "EMAIL_URL must end with the mail server and its port, such as @mail.school.example:587."
        )
    port = server["port"] or ""
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ImproperlyConfigured("EMAIL_URL: the port, after the last colon, must be a number from 1 to 65535.")
    if parts["user"] is not None and not (parts["user"] and parts["password"] and parts["password"][1:]):
        raise ImproperlyConfigured("EMAIL_URL must name user and password, as in user:password@, or neither.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": server["host"].strip("[]"),
        "EMAIL_PORT": int(port or MAIL_PORTS[parts["scheme"]]),
        "EMAIL_HOST_USER": unquote(parts["user"] or ""),
        "EMAIL_HOST_PASSWORD": unquote((parts["password"] or "")[1:]),
        "EMAIL_USE_TLS": parts["scheme"] == "smtp+tls://",
        "EMAIL_USE_SSL": parts["scheme"] == "smtp+ssl://",
    }


def mail_sender(env: environ.Env, *, server: str) -> str:
    """Return the sender address. With a mail server it must be a valid address."""
    sender: str = env.str("MAIL_FROM", default="") or "learning-walks@localhost.localdomain"
    try:
        address_in(sender)
    except UnusableAddressError as error:
        if server:
            sentence = f"MAIL_FROM must be an address such as learning-walks@school.example, not {sender!r}."
            raise ImproperlyConfigured(sentence) from error
    return sender


def photo_store(env: environ.Env) -> dict[str, Any]:
    """Return the storage for photos: the folder DATA_DIR/media or, with S3_BUCKET, an S3-compatible bucket."""
    bucket = env.str("S3_BUCKET", default="")
    endpoint = env.str("S3_ENDPOINT_URL", default="")
    region = env.str("S3_REGION", default="")
    if not bucket:
        if endpoint or region:
            raise ImproperlyConfigured("S3_BUCKET is not set, but S3_ENDPOINT_URL or S3_REGION is: name the bucket.")
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if not BUCKET.fullmatch(bucket):
        raise ImproperlyConfigured("S3_BUCKET must be the bare name of a bucket, such as learning-walks-photos.")
    if endpoint and not WEB_ADDRESS.fullmatch(endpoint):
        raise ImproperlyConfigured("S3_ENDPOINT_URL must be an address such as https://s3.school.example.")
    if bool(env.str("AWS_ACCESS_KEY_ID", default="")) != bool(env.str("AWS_SECRET_ACCESS_KEY", default="")):
        raise ImproperlyConfigured("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both or neither.")
    require_packages("S3_BUCKET", "storages", "boto3")
    options = {"bucket_name": bucket, "endpoint_url": endpoint or None, "region_name": region or None}
    return {"BACKEND": "observations.photos.photo_store.PhotoStore", "OPTIONS": options}


def token(env: environ.Env, name: str) -> str:
    """Read a secret that other programs send. Refuse a short one, which could be guessed."""
    text: str = env.str(name, default="")
    if text and len(text) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(f"{name} must have {SHORTEST_TOKEN} or more characters, or be empty.")
    return text


def error_reports(env: environ.Env) -> str:
    """Return the Sentry DSN, or an empty string."""
    dsn: str = env.str("SENTRY_DSN", default="")
    if dsn and not SENTRY_ADDRESS.fullmatch(dsn):
        raise ImproperlyConfigured("SENTRY_DSN must be an address such as https://key@sentry.school.example/1.")
    if dsn:
        require_packages("SENTRY_DSN", "sentry_sdk")
    return dsn


def require_packages(variable: str, *modules: str) -> None:
    """Raise an error if the optional packages that the variable needs are not installed."""
    if not all(find_spec(module) for module in modules):
        advice = "run python3 scripts/bootstrap.py --server"
        raise ImproperlyConfigured(f"{variable} needs packages that are not installed: {advice}, or leave it empty.")
