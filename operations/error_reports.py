"""Errors to Sentry, where SENTRY_DSN asks for it: the kind of an error and where it happened, and nothing else.

What leaves is built from a list of what may, not by taking out what may not.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from . import logs

EVENT = ("event_id", "timestamp", "platform", "level", "release", "environment", "logger")
FRAME = ("filename", "module", "function", "lineno", "pre_context", "context_line", "post_context", "in_app")


def start() -> None:
    """Report errors of this process from now on."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=only_where,
        before_send_transaction=_nothing,
        before_breadcrumb=_nothing,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        traces_sample_rate=0,
        server_name="",
        spotlight=False,
    )


def only_where(event: Any, hint: dict[str, Any]) -> Any:
    """The error's kinds and frames, and the numbers that lead to the log; an event without an error stays here."""
    errors = event.get("exception", {}).get("values")
    if not errors:
        return None
    kept = {name: event[name] for name in EVENT if name in event}
    request = {"request": logs.request_id.get(), "task": logs.task_id()}
    return kept | {"exception": {"values": [_error(one) for one in errors]}, "tags": request}


def _error(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or []
    told = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {"type": one.get("type"), "module": one.get("module"), "stacktrace": {"frames": told}}


def _nothing(*args: Any) -> None:
    return None
