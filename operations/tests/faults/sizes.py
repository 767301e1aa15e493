"""The size of each experiment: small in every test run, full in `make faults` (FAULTS=full)."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    clients: int = 12  # people who do the same thing at the same moment
    praises: int = 60
    sender_kills: int = 6
    mail_server_kills: int = 1
    posts: int = 6  # of each kind, without a broker
    slowest_post: float = 10.0  # seconds; other tests keep the machine busy
    beat_factor: float = 0.05  # of the intervals of settings.CELERY_BEAT_SCHEDULE
    reminders: int = 20
    reminder_seconds: int = 4  # during which they become due
    crowd: int = 20  # mails, one of them stuck
    writing_seconds: float = 4.0
    requests_after_restart: int = 30
    uploads: int = 8
    server_kills: int = 1
    slow_clients: int = 20
    slow_seconds: float = 3.0  # during which other people click
    costly_photos: int = 12
    costly_photo: tuple[int, int] = (3000, 2000)
    slowest_page: float = 8.0  # seconds, p95; a page that waits for a blocked thread takes 30 and more


SMALL_SIZES = Sizes()
FULL_SIZES = Sizes(
    clients=50,
    praises=1000,
    sender_kills=60,
    mail_server_kills=6,
    posts=50,
    slowest_post=3.0,
    beat_factor=1.0,
    reminders=120,
    reminder_seconds=600,
    crowd=100,
    writing_seconds=300.0,
    requests_after_restart=100,
    uploads=50,
    server_kills=3,
    slow_clients=50,
    slow_seconds=70.0,
    costly_photos=24,
    costly_photo=(5760, 4320),
    slowest_page=1.0,
)
FULL = os.environ.get("FAULTS") == "full"
SIZES = FULL_SIZES if FULL else SMALL_SIZES
