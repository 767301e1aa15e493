"""Many people write while the worker, beat and mails do too: nobody meets a locked database or an error page."""

import sqlite3
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import figure, percentile

pytestmark = pytest.mark.services
WRITERS = 8


def write(site, walker, ends):
    """Type notes and praise as one person until the time is over."""
    person = site.client(walker)
    walk = walker["walk"]
    found = []
    for number in range(10**6):
        if time.monotonic() > ends:
            return found
        stop = walker["stops"][number % 4]
        if number % 8 < 4:
            data = {"note_id": uuid.uuid4(), "page": uuid.uuid4(), "text": f"Seen {number}"}
            found.append(person.post(f"/walks/{walk}/go/{stop}/note/", data))
        elif number < 8:
            found.append(person.post(f"/walks/{walk}/praise/{stop}/", {"text": "Thank you.", "action": "send"}))
        else:
            found.append(person.post(f"/walks/{walk}/takeaway/", {"text": f"Boards {number}"}))
    return found


def test_many_writers_a_worker_and_beat_do_not_block_each_other(site, mail_server):
    mail_server()
    site.broker()
    site.serve()
    site.worker()
    site.beat()
    ends = time.monotonic() + SIZES.writing_seconds
    lists = []
    over = threading.Event()

    def read():
        reader = site.client(site.people["walkers"][0])
        while not over.is_set():
            lists.append(reader.get("/walks/"))

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read)
        writers = [pool.submit(write, site, walker, ends) for walker in site.people["walkers"][:WRITERS]]
        answers = [answer for writer in writers for answer in writer.result()]
        over.set()
        reading.result()
    assert {answer.status for answer in answers} == {302}
    assert {answer.status for answer in lists} == {200}
    assert "locked" not in site.output()
    write_p95 = percentile([answer.seconds for answer in answers], 0.95) * 1000
    list_p95 = percentile([answer.seconds for answer in lists], 0.95) * 1000
    figure(
        f"{WRITERS} writers, worker, beat for {SIZES.writing_seconds:.0f} s: posts, 5xx, locked",
        f"{len(answers)}, 0, 0",
        "any, 0, 0",
    )
    figure("… a post, p95", f"{write_p95:.0f} ms", "<= 500 ms")
    figure("… a list of walks meanwhile, p95", f"{list_p95:.0f} ms", "<= 300 ms")


@pytest.mark.sqlite
def test_a_long_read_does_not_block_writers(served):
    """A person opens the report of a large school while a note is saved."""
    walker = served.people["walkers"][0]
    page, words = f"/walks/{walker['walk']}/go/{walker['stops'][0]}/note/", {"note_id": uuid.uuid4(), "text": "Seen"}
    with closing(sqlite3.connect(served.folder / "db.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM school_person").fetchone()
        answer = served.client(walker).post(page, words)
    assert answer.status == 302
    assert answer.seconds < 10
