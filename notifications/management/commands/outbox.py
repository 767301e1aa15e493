"""`manage.py outbox`: deliver what is due without a broker, once or with --loop forever."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection
from django.utils import timezone

from notifications import heartbeat, reminders
from notifications.sending import delivery, outbox

logger = logging.getLogger("notifications.outbox")


class Command(BaseCommand):
    help = "Deliver waiting e-mails and due reminders. --loop keeps going until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="do not stop; look every few seconds")
        parser.add_argument("--every", type=float, default=3.0, help="seconds between two looks (default 3)")
        parser.add_argument("--again", action="store_true", help="queue again what was refused because of MAIL_FROM")
        parser.add_argument("--senders", type=int, default=2, help="mails sent at the same time (default 2)")

    def handle(self, *args: Any, again: bool, loop: bool, every: float, senders: int, **options: Any) -> None:
        """Deliver once, or run several senders and the reminders at the same time until a signal."""
        if again:
            self.stdout.write(f"Mails queued again: {outbox.send_refused_again(timezone.now())}")
        if not loop:
            reminders.sweep(timezone.now())
            delivery.sweep(timezone.now())
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _stop(stop))
        threads = [threading.Thread(target=_repeat, args=(stop, every, _send)) for _ in range(senders)]
        for thread in threads:
            thread.start()
        _repeat(stop, every, _remind)
        for thread in threads:
            thread.join()


def _stop(stop: threading.Event) -> None:
    stop.set()
    delivery.stop_soon()  # the senders finish the current mail and begin no other


def _send() -> None:
    delivery.sweep(timezone.now())


def _remind() -> None:
    heartbeat.record("outbox", now=timezone.now())
    reminders.sweep(timezone.now())


def _repeat(stop: threading.Event, every: float, job: Callable[[], None]) -> None:
    """Repeat the job. After an error, for example while the database restarts, wait and try again."""
    while not stop.is_set():
        try:
            close_old_connections()
            job()
        except Exception as error:
            logger.error("outbox loop: %s, trying again", type(error).__name__)
            connection.close()
        stop.wait(every)
    connection.close()
