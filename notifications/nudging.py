"""The door-bell: tell a worker that there is mail. Best effort; the sweep is the guarantee."""

from __future__ import annotations

import logging
import time

from celery import current_app

logger = logging.getLogger(__name__)
REST_SECONDS = 30.0  # after a failure, how long the broker is left alone

_quiet_until = 0.0


def nudge() -> None:
    """Ask a worker to deliver what is due. Never raises; costs at most about a second, once in 30."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task("notifications.deliver", expires=60, ignore_result=True)
    except Exception as error:  # a dead door-bell must never break what a person just saved
        _quiet_until = time.monotonic() + REST_SECONDS
        logger.warning("the broker did not take a nudge (%s); the sweep delivers", type(error).__name__)
