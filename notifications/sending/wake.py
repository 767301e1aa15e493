"""Wake a worker when a mail is written. Best effort: without it the next sweep delivers, seconds later."""

from __future__ import annotations

import logging
import time

from celery import current_app

logger = logging.getLogger(__name__)
REST_SECONDS = 30.0  # pause after a failure before the broker is asked again

_quiet_until = 0.0


def wake_worker() -> None:
    """Ask a worker to deliver what is due. Never raises. Without a broker it takes a second, once in 30 seconds."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task("notifications.deliver", expires=60, ignore_result=True)
    except Exception as error:  # a dead broker must never break what a person just saved
        _quiet_until = time.monotonic() + REST_SECONDS
        logger.warning("the broker could not wake a worker (%s); the sweep delivers", type(error).__name__)
