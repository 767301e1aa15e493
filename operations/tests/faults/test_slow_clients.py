"""Slow clients, slow phones and costly photos, without a proxy: other people notice nothing."""

import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from observations.tests.photos.photo_files import fine_png

from .sizes import SIZES
from .slow_clients import SlowClients
from .tools import TOKEN, figure, percentile

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]  # the web server is the same
READERS = 4
PHONES = 16
PHONE_BYTES = 16_000  # per second


def read_pages(site, seconds):
    """Let several people open pages all the time. Return the responses."""
    until = time.monotonic() + seconds

    def read(number):
        person, found = site.client(site.people["walkers"][number]), []
        while time.monotonic() < until:
            found.append(person.get("/walks/"))
        return found

    with ThreadPoolExecutor(READERS) as pool:
        return [answer for answers in pool.map(read, range(READERS)) for answer in answers]


def p95(answers):
    return percentile([answer.seconds for answer in answers], 0.95)


def assert_quick(answers):
    """Check that all requests were answered, and quickly."""
    assert {answer.status for answer in answers} == {200}
    assert p95(answers) < SIZES.slowest_page


def slow_upload(port, seconds):
    """Send a form as from a phone with a bad connection. Return the status."""
    size = int(seconds * PHONE_BYTES)
    head = (
        f"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={TOKEN}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as phone:
        phone.sendall(head.encode())
        for _ in range(size // (PHONE_BYTES // 10)):
            phone.sendall(b"x" * (PHONE_BYTES // 10))
            time.sleep(0.1)
        return phone.recv(12).decode()


def test_slow_clients_do_not_delay_other_people(served):
    calm = read_pages(served, 2)
    with SlowClients(served.port, SIZES.slow_clients):
        meanwhile = read_pages(served, SIZES.slow_seconds)
    assert_quick(meanwhile)
    assert_quick(read_pages(served, 1))
    figure(f"{SIZES.slow_clients} slow clients: pages of others, 5xx", f"{len(meanwhile)}, 0", "any, 0")
    figure("… a page of others, p95 (before: …)", f"{p95(meanwhile):.2f} s ({p95(calm):.2f} s)", "< 1 s")


def test_phones_with_a_bad_connection_delay_nobody_and_their_forms_arrive(served):
    with ThreadPoolExecutor(PHONES) as pool:
        uploads = [pool.submit(slow_upload, served.port, SIZES.slow_seconds) for _ in range(PHONES)]
        meanwhile = read_pages(served, SIZES.slow_seconds)
        statuses = {future.result() for future in uploads}
    assert statuses == {"HTTP/1.1 403"}  # their form has no token, which is checked once it is complete
    assert_quick(meanwhile)
    figure(f"{PHONES} phones at 16 kB/s: their forms that got through", PHONES, PHONES)
    figure("… a page of others, p95", f"{p95(meanwhile):.2f} s", "< 1 s")


def upload(site, number, photo):
    """Upload a photo as the page's script does. Return the status."""
    walker = site.people["walkers"][number % len(site.people["walkers"])]
    page = f"/walks/{walker['walk']}/go/{walker['stops'][0]}/photos/"
    form = {"photo_id": uuid.uuid4()}
    return site.client(walker).post(page, form, file=(f"{number}.png", photo), headers={"X-Upload": "1"}).status


def test_costly_photos_do_not_delay_other_people(served):
    photo = fine_png(*SIZES.costly_photo)
    with ThreadPoolExecutor(SIZES.costly_photos) as pool, SlowClients(served.port, SIZES.slow_clients):
        uploads = [pool.submit(upload, served, number, photo) for number in range(SIZES.costly_photos)]
        meanwhile = read_pages(served, SIZES.slow_seconds)
        statuses = [future.result() for future in uploads]
    assert set(statuses) <= {201, 503}  # stored, or asked to try again in a few seconds
    assert statuses.count(201) >= 2
    assert_quick(meanwhile)
    assert_quick(read_pages(served, 1))
    figure(
        f"{SIZES.costly_photos} costly photos and {SIZES.slow_clients} slow clients: accepted, asked to wait, 5xx",
        f"{statuses.count(201)}, {statuses.count(503)}, 0",
        "any, any, 0",
    )
    figure("… a page of others, p95", f"{p95(meanwhile):.2f} s", "< 1 s")
