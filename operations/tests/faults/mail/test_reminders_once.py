"""Several beats, workers and loops handle reminders that become due: each reminder is delivered at most once."""

from collections import Counter

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import IMPORT_PEOPLE, figure
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
SCHEDULE = """
from walks.mail import schedule
from walks.models import Walk
for number, walk in enumerate(people.finished_walks({count})):
    moment = now + dt.timedelta(seconds=number * {spread} / {count})
    # With the deadline a day ahead, both reminders still apply when they are sent.
    Walk.objects.filter(pk=walk.pk).update(praise_due_at=now + dt.timedelta(days=1))
    for kind in (schedule.AT_FINISH, schedule.LATE):
        about = {{"person": walk.walker, "about_id": walk.pk, "due_at": moment}}
        reminders.schedule(kind=kind, key=f"{{kind}}:{{walk.pk}}:x", now=now, **about)
"""
PRINT_PENDING = "print(Reminder.objects.filter(key__endswith=':x', state='pending').count())"
PRINT_WAITING = "print(Message.objects.filter(kind='praise_reminder', state__in=['queued', 'sending']).count())"
PRINT_KEYS = "print(*Message.objects.filter(kind='praise_reminder').values_list('key', 'message_id'), sep='\\n')"


def test_two_beats_three_workers_and_two_loops_send_each_reminder_once(site, mail_server):
    server = mail_server()
    spread = SIZES.reminder_seconds
    site.broker()
    site.run(IMPORT_PEOPLE + SCHEDULE.format(count=SIZES.reminders, spread=spread))
    for start in (site.beat, site.beat, site.worker, site.worker, site.worker, site.loop, site.loop):
        start()
    wait_until(lambda: site.run(PRINT_PENDING) == "0" and site.run(PRINT_WAITING) == "0", within=spread + 120)
    keys = site.run(PRINT_KEYS).splitlines()
    times = Counter(server.accepted)
    assert (len(keys), set(times.values())) == (2 * SIZES.reminders, {1})
    assert len(times) == 2 * SIZES.reminders
    figure("reminders delivered by 2 beats, 3 workers, 2 loops", f"{len(times)} of {len(keys)}")
    figure("reminders delivered twice", 0, 0)
