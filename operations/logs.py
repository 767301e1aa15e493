"""Log lines that tell what happened and where, never what anybody typed: no path, no key, no message of an error.

Text for people or, with LOG_FORMAT=json, one JSON object a line. The web server reads this before Django is set up.
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
# waitress quotes the path, keys and all.
QUOTED_PATH = re.compile(r"(?<=^Exception while serving ).*|(?<=^Client disconnected while serving ).*", re.DOTALL)
BARE_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")  # of a site; it has no path that could hold a key
HIDDEN = "..."
# What Celery would print of a task: its arguments and its error, both in full.
NOT_OF_A_TASK = ("args", "kwargs", "exc", "traceback", "return_value", "result")
# Its message quotes only the Host header, and tells what to write into ALLOWED_HOSTS.
TELLING = ("DisallowedHost",)
# What a line may tell beside its message, when somebody put it there.
FIELDS = ("person", "method", "route", "status", "ms")
FORMATS = ("text", "json")
# At DEBUG these would print what they send and store.
DISCREET = ("django.db.backends", "botocore", "boto3", "urllib3", "kombu", "amqp", "celery", "sentry_sdk.errors")
# It tells how many requests wait for a thread, one line for each.
WAITRESS = {"waitress.queue": {"level": "ERROR"}}

request_id: ContextVar[str] = ContextVar("request_id", default="")


def configuration(level: str, style: str) -> dict[str, Any]:
    """The logging of every process: all to the console, in the form asked for."""
    formatter = {"()": f"operations.logs.{'JsonFormatter' if style == 'json' else 'PrivateFormatter'}"}
    ours = {"handlers": ["console"], "level": level, "propagate": False}
    discreet = {name: {"level": "INFO" if level == "DEBUG" else level} for name in DISCREET}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django": ours, "gunicorn.error": ours, **discreet, **WAITRESS},
    }


class PrivateFormatter(logging.Formatter):
    """One line per event: time, level, logger, message, the number of the request or task."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where an error happened."""
        facts = facts_of(record)
        number = facts.get("request") or facts.get("task")
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {facts['message']}"
        parts = [line + (f" [{number}]" if number else ""), facts.get("traceback")]
        return "\n".join(filter(None, parts))


class JsonFormatter(PrivateFormatter):
    """One JSON object per event, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The object, on one line."""
        return json.dumps(facts_of(record), ensure_ascii=False)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Everything a line may tell."""
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
        facts |= {"error": kind(error), "traceback": where(error)}
    return {name: value for name, value in facts.items() if value not in (None, "")}


def task_id() -> str:
    """The id of the Celery task under way, if there is one."""
    return str(current_task.request.id or "") if current_task else ""


def _task(record: logging.LogRecord) -> str:
    """As above; Celery's own last line about a task comes after it."""
    told = getattr(record, "data", None)
    return task_id() or (str(told.get("id", "")) if isinstance(told, dict) else "")


def _message(record: logging.LogRecord) -> str:
    """The message with what may be private cut out of it."""
    template = kind(record.msg) if isinstance(record.msg, BaseException) else str(record.msg)
    try:
        message = template % _arguments(record) if record.args else template
    except (TypeError, ValueError, KeyError):
        message = template
    for error in _chain(record.exc_info[1] if record.exc_info else None):
        for words in filter(None, (repr(error), str(error))):
            message = message.replace(words, kind(error)) if type(error).__name__ not in TELLING else message
    return QUOTED_PATH.sub(HIDDEN, message)


def _arguments(record: logging.LogRecord) -> Any:
    if isinstance(record.args, dict):
        return record.args | dict.fromkeys(NOT_OF_A_TASK, HIDDEN)
    return tuple(_argument(value, record) for value in record.args or ())


def _argument(value: object, record: logging.LogRecord) -> object:
    """An error becomes its kind, and an address the name of its page."""
    if isinstance(value, BaseException):
        return kind(value)
    if isinstance(value, str) and BARE_ADDRESS.fullmatch(value):
        return value
    if isinstance(value, str) and value.startswith(("/", "http://", "https://")):
        return route(getattr(record, "request", None)) if hasattr(record, "request") else HIDDEN
    return value


def route(request: Any) -> str:
    """The name of the page that was asked for, such as walks:detail; never the path, which may hold a key."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else HIDDEN


def kind(error: BaseException) -> str:
    """What sort of error it is; its own message may quote what somebody wrote."""
    number = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError) and isinstance(error.errno, int):
        number = os.strerror(error.errno)
    return f"{type(error).__name__} ({number})" if number else type(error).__name__


def where(error: BaseException) -> str:
    """The traceback: files, lines and our own source, without values and without messages."""
    lines = ["Traceback (most recent call last):\n"]
    for one in reversed(_chain(error)):
        lines += [*traceback.format_tb(one.__traceback__), f"{kind(one)}\n"]
    return "".join(lines).rstrip()


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and those that led to it."""
    found: list[BaseException] = []
    while error is not None and all(error is not one for one in found):
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def without_tokens(text: str) -> str:
    """The text with every long random part of an address replaced by three dots."""
    return TOKEN.sub(HIDDEN, text)
