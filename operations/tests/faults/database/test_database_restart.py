"""PostgreSQL is restarted under load: pages, worker and beat recover by themselves."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import IMPORT_PEOPLE, figure
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
PUT_MAIL = "from notifications.tests.factories import a_message\na_message(people.hosts()[0], key={key!r}, now=now)\n"


STATE = (
    "print(Message.objects.exclude(data_started_at=None).exists(), *Message.objects.values_list('state', flat=True))"
)


def click(site, number):
    """Read a page or write a note, in turns. Return the status."""
    walker = site.people["walkers"][number % SIZES.clients]
    person, stop = site.client(walker), walker["stops"][0]
    if number % 2:
        return person.get("/walks/").status
    return person.post(f"/walks/{walker['walk']}/go/{stop}/note/", {"note_id": uuid.uuid4(), "text": "Seen"}).status


@pytest.mark.long
@pytest.mark.postgresql
def test_pages_worker_and_beat_recover_after_a_restart_of_the_database(site_with_own_database, mail_server):
    site = site_with_own_database
    mails = mail_server()
    site.broker()
    for start in (site.serve, site.worker, site.beat):
        start()
    over, under_load = threading.Event(), []

    def load():
        while not over.is_set():
            under_load.append(click(site, len(under_load)))

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(load)
        time.sleep(2)
        site.server.stop()
        time.sleep(1)
        site.server.start()
        over.set()
    after = [click(site, number) for number in range(SIZES.requests_after_restart)]
    site.server.stop()  # again while idle: then every pooled connection is dead at the next request
    site.server.start()
    after += [click(site, number) for number in range(SIZES.requests_after_restart)]
    assert set(after) == {200, 302}
    started = time.monotonic()
    site.run(IMPORT_PEOPLE + PUT_MAIL.format(key="after"))
    wait_until(lambda: len(mails.accepted) == 1, within=30)
    waited = time.monotonic() - started
    assert not [line for line in site.output().splitlines() if line.startswith("Process") and "died" in line]
    figure(f"database restarted under load: 5xx in the next {len(after)} requests", 0, 0)
    figure("… time until a mail written after it was sent", f"{waited:.0f} s", "<= 30 s")


@pytest.mark.long
@pytest.mark.postgresql
def test_a_mail_that_the_server_accepts_during_a_restart_of_the_database_is_recorded_as_sent(
    site_with_own_database, mail_server
):
    site = site_with_own_database
    mails = mail_server(seconds=4.0)
    site.run(IMPORT_PEOPLE + PUT_MAIL.format(key="meanwhile"))
    site.loop()
    wait_until(lambda: site.run(STATE) == "True sending")
    site.server.stop()
    wait_until(lambda: mails.accepted)
    site.server.start()
    wait_until(lambda: site.run(STATE) == "True sent")
    assert len(mails.accepted) == 1
