"""Report errors to Sentry if SENTRY_DSN is set: the type of an error and where it happened, nothing else.

The report is built from a list of allowed fields, so that a new private field cannot slip in.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from . import logs

EVENT = ("event_id", "timestamp", "platform", "level", "release", "environment", "logger")
FRAME = ("filename", "module", "function", "lineno", "pre_context", "context_line", "post_context", "in_app")


def start() -> None:
    """Initialize Sentry in this process."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=reduced_event,
        before_send_transaction=_drop,
        before_breadcrumb=_drop,
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


def reduced_event(event: Any, hint: dict[str, Any]) -> Any:
    """Return only error types, stack frames, and the ids that find the log lines. Drop events without an error."""
    errors = event.get("exception", {}).get("values")
    if not errors:
        return None
    kept = {name: event[name] for name in EVENT if name in event}
    ids = {"request": logs.request_id.get(), "task": logs.task_id()}
    return kept | {"exception": {"values": [_type_and_frames(error) for error in errors]}, "tags": ids}


def _type_and_frames(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    allowed = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {"type": error.get("type"), "module": error.get("module"), "stacktrace": {"frames": allowed}}


def _drop(*args: Any) -> None:
    return None
