"""Log what happened and where, but nothing that users typed: no paths, no keys, no error messages.

Plain text or, with LOG_FORMAT=json, one JSON object per line. The web server imports this module before Django is set
up.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import traceback
from contextvars import ContextVar
from typing import Any

from celery import current_task

TOKEN = re.compile(r"(?<=[/=])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{24,}")
# waitress logs the path, which may contain keys.
QUOTED_PATH = re.compile(r"(?<=^Exception while serving ).*|(?<=^Client disconnected while serving ).*", re.DOTALL)
BARE_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")  # no path, so no key
HIDDEN = "..."
# Celery would log these in full: a task's arguments and its error.
PRIVATE_TASK_FIELDS = ("args", "kwargs", "exc", "traceback", "return_value", "result")
# The messages of these errors are kept: this one quotes only the Host header and says what to add to ALLOWED_HOSTS.
KEEP_MESSAGE_OF = ("DisallowedHost",)
# Extra fields of a record that are logged if present.
FIELDS = ("person", "method", "route", "status", "ms")
FORMATS = ("text", "json")
# At DEBUG these log what they send and store, so they stay at INFO.
NEVER_AT_DEBUG = ("django.db.backends", "botocore", "boto3", "urllib3", "kombu", "amqp", "celery", "sentry_sdk.errors")
# At WARNING, waitress logs one line for each request that waits for a thread.
WAITRESS = {"waitress.queue": {"level": "ERROR"}}

request_id: ContextVar[str] = ContextVar("request_id", default="")


def configuration(level: str, style: str) -> dict[str, Any]:
    """Return the logging configuration of every process: all to the console, as text or JSON (`style`)."""
    formatter = {"()": f"operations.logs.{'JsonFormatter' if style == 'json' else 'PrivateFormatter'}"}
    ours = {"handlers": ["console"], "level": level, "propagate": False}
    others = {name: {"level": "INFO" if level == "DEBUG" else level} for name in NEVER_AT_DEBUG}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django": ours, "gunicorn.error": ours, **others, **WAITRESS},
    }


class PrivateFormatter(logging.Formatter):
    """Formats an event as time, level, logger, message and id of the request or task, with the traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        request_or_task = facts.get("request") or facts.get("task")
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {facts['message']}"
        parts = [line + (f" [{request_or_task}]" if request_or_task else ""), facts.get("traceback")]
        return "\n".join(filter(None, parts))


class JsonFormatter(PrivateFormatter):
    """Formats an event as one line of JSON, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return all fields that may be logged, without empty ones."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    facts: dict[str, Any] = {
        "time": f"{moment}.{int(record.msecs):03d}Z",
        "level": record.levelname,
        "logger": record.name,
        "message": without_tokens(_message(record)),
        "request": request_id.get(),
        "task": _task(record),
    }
    facts |= {name: getattr(record, name, None) for name in FIELDS}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        facts |= {"error": error_type(error), "traceback": safe_traceback(error)}
    return {name: value for name, value in facts.items() if value not in (None, "")}


def task_id() -> str:
    """Return the id of the current Celery task, or an empty string."""
    return str(current_task.request.id or "") if current_task else ""


def _task(record: logging.LogRecord) -> str:
    """Return the id of the record's task. `task_id` is empty in Celery's last line about a task: use `data`."""
    data = getattr(record, "data", None)
    return task_id() or (str(data.get("id", "")) if isinstance(data, dict) else "")


def _message(record: logging.LogRecord) -> str:
    """Return the message without anything that may be private."""
    template = error_type(record.msg) if isinstance(record.msg, BaseException) else str(record.msg)
    try:
        message = template % _arguments(record) if record.args else template
    except (TypeError, ValueError, KeyError):
        message = template
    for error in _chain(record.exc_info[1] if record.exc_info else None):
        if type(error).__name__ in KEEP_MESSAGE_OF:
            continue
        for private in filter(None, (repr(error), str(error))):
            message = message.replace(private, error_type(error))
    return QUOTED_PATH.sub(HIDDEN, message)


def _arguments(record: logging.LogRecord) -> Any:
    if isinstance(record.args, dict):
        return record.args | dict.fromkeys(PRIVATE_TASK_FIELDS, HIDDEN)
    return tuple(_argument(value, record) for value in record.args or ())


def _argument(value: object, record: logging.LogRecord) -> object:
    """Replace an error by its type, and a URL by the name of its page."""
    if isinstance(value, BaseException):
        return error_type(value)
    if isinstance(value, str) and BARE_ADDRESS.fullmatch(value):
        return value
    if isinstance(value, str) and value.startswith(("/", "http://", "https://")):
        return route(getattr(record, "request", None)) if hasattr(record, "request") else HIDDEN
    return value


def route(request: Any) -> str:
    """Return the name of the requested page, such as walks:detail; never the path, which may contain a key."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else HIDDEN


def error_type(error: BaseException) -> str:
    """Return the type of the error (with its code) instead of its message, which may quote what users wrote."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError) and isinstance(error.errno, int):
        code = os.strerror(error.errno)
    return f"{type(error).__name__} ({code})" if code else type(error).__name__


def safe_traceback(error: BaseException) -> str:
    """Return the traceback with files, lines and source, but without values and messages."""
    lines = ["Traceback (most recent call last):\n"]
    for cause in reversed(_chain(error)):
        lines += [*traceback.format_tb(cause.__traceback__), f"{error_type(cause)}\n"]
    return "".join(lines).rstrip()


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and those that caused it."""
    found: list[BaseException] = []
    while error is not None and all(error is not earlier for earlier in found):
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def without_tokens(text: str) -> str:
    """Replace every long random part of a URL by three dots."""
    return TOKEN.sub(HIDDEN, text)
