"""The server reads requests without blocking a thread, within limits of time, number and disk space."""

import os
import resource
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from operations.tests.services_plugin import wait_until
from operations.web import connections, incoming, worker

from .web_server import serving

pytestmark = pytest.mark.not_on_postgresql  # the server is the same

HOST = b"Host: localhost\r\n"
FORM = b"POST /nowhere/ HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n"
LAST_FORM = FORM.replace(HOST, HOST + b"Connection: close\r\n")


def echo(environ, start_response):
    """Respond with the length of the body; /big responds with more than any system buffers."""
    length = len(environ["wsgi.input"].read())
    body = (
        b"x" * 50_000_000 if environ["PATH_INFO"] == "/big" else b"%d %d" % (length, environ[connections.BODY_DROPPED])
    )
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def served(threads=1):
    """Run a server with few threads in this process. Yield its address and the server."""
    listener, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()
    web_threads, handlers = ThreadedTaskDispatcher(), {}
    web_threads.set_thread_count(threads)
    server = connections.server_on(listener, echo, threads=web_threads, map=handlers)

    def run():
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=handlers, count=1)

    loop = threading.Thread(target=run)
    loop.start()
    try:
        yield listener.getsockname(), server
    finally:
        stop.set()
        loop.join()
        web_threads.shutdown()
        for connection in list(server.active_channels.values()):
            connection.handle_close()
        wasyncore.close_all(handlers)


def connected(address, sent=b""):
    connection = socket.create_connection(address, timeout=10)
    connection.sendall(sent)
    return connection


def answer(connection):
    """Return everything until the server closes, or the first part of it."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def send(address, sent):
    with connected(address, sent) as connection:
        return answer(connection)


def get(address, path=b"/"):
    return send(address, b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")


def test_half_requests_do_not_block_a_thread():
    with served(threads=1) as (address, _server):
        waiting = [connected(address, b"GET / HTTP/1.1\r\nX: ") for _ in range(20)]
        waiting += [connected(address, FORM + b"login=") for _ in range(20)]
        started = time.monotonic()
        assert get(address).endswith(b"0 0")
        assert time.monotonic() - started < 3
        for connection in waiting:
            connection.close()


def test_an_unread_response_does_not_block_a_thread():
    with served(threads=1) as (address, _server):
        waiting = [connected(address, b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n") for _ in range(3)]
        time.sleep(0.3)
        assert get(address).endswith(b"0 0")
        for connection in waiting:
            connection.close()


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nX: ", FORM + b"login="], ids=["head", "body"])
def test_a_connection_that_sends_a_byte_now_and_then_is_closed(monkeypatch, sent):
    monkeypatch.setattr(incoming, "HEAD_SECONDS", 1)
    monkeypatch.setattr(incoming, "GRACE_SECONDS", 1)
    with served() as (address, _server), connected(address, sent) as slow:
        slow.settimeout(0.2)
        for number in count():
            try:
                slow.send(b"x")
                response = slow.recv(1000)
                break
            except TimeoutError:
                assert number < 40
        assert response.startswith((b"HTTP/1.0 408 ", b"HTTP/1.1 408 "))
        assert b"default-src 'none'" in response


def test_a_slow_but_steady_upload_is_accepted(monkeypatch):
    monkeypatch.setattr(incoming, "GRACE_SECONDS", 1)
    with served() as (address, _server), connected(address, LAST_FORM) as phone:
        for _ in range(50):
            phone.sendall(b"x" * 2000)
            time.sleep(0.05)
        assert answer(phone).endswith(b"100000 0")


def test_a_response_that_is_read_too_slowly_is_cut_off(monkeypatch):
    monkeypatch.setattr(incoming, "GRACE_SECONDS", 1)
    with served() as (address, server), connected(address, b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n") as slow:
        wait_until(lambda: slow.recv(1) and server.active_channels)
        wait_until(lambda: slow.recv(1) and not server.active_channels, within=20)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is not an address of the machine")
def test_the_busiest_address_loses_a_connection_first():
    with served() as (address, server):
        server.max_connections = 6
        other_clients = [socket.create_connection(address, source_address=("127.0.0.2", 0)) for _ in range(2)]
        crowd = [connected(address, b"GET / HTTP/1.1\r\nX: ") for _ in range(12)]
        wait_until(lambda: len(server.active_channels) <= 6 and len(crowd) == 12)
        for other_client in other_clients:
            other_client.settimeout(10)
            other_client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            assert answer(other_client).endswith(b"0 0")
        for connection in [*crowd, *other_clients]:
            connection.close()


def test_an_idle_connection_is_closed_before_a_busy_one():
    with served() as (address, server):
        server.max_connections = 3
        upload = connected(address, LAST_FORM + b"x")
        wait_until(lambda: any(connection.uploading for connection in server.active_channels.values()))
        idle = [connected(address) for _ in range(6)]
        wait_until(lambda: len(server.active_channels) == 3)
        upload.sendall(b"x" * 99_999)
        assert answer(upload).endswith(b"100000 0")
        for connection in [upload, *idle]:
            connection.close()


def test_requests_are_answered_one_at_a_time():
    with served() as (address, _server):
        response = send(address, (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 50)
    assert response.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close" in response


def test_a_head_that_is_too_long_is_refused():
    with served() as (address, _server):
        assert b" 431 " in send(address, b"GET / HTTP/1.1\r\nX: " + b"x" * connections.MAX_HEAD)
        assert b" 413 " in send(address, FORM.replace(b"100000", b"99999999999"))


def test_the_beginning_of_a_too_long_body_is_kept(monkeypatch):
    """The form itself then reports that it is too long (observations/photos/uploads.py)."""
    monkeypatch.setattr(incoming, "MAX_KEPT", 60_000)
    with served() as (address, _server):
        assert send(address, LAST_FORM + b"x" * 100_000).endswith(b"\r\n\r\n60000 0")


LONG = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10000000\r\n\r\n"


def form_of(length):
    """Return a complete form of `length` bytes."""
    return LAST_FORM.replace(b"100000", b"%d" % length) + b"x" * length


def is_full(size):
    """Return whether the disk space for bodies is used up, except for the last bytes received."""
    return size - 2 * 65536 < incoming.Body.total_on_disk <= size


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is not an address of the machine")
def test_a_client_that_fills_the_disk_space_only_loses_its_own_bodies(monkeypatch):
    monkeypatch.setattr(incoming, "MAX_ON_DISK", 2_000_000)
    with served() as (address, server):
        crowd_of_strangers = [socket.create_connection(address, source_address=("127.0.0.2", 0)) for _ in range(4)]
        for connection in crowd_of_strangers:
            connection.sendall(LONG + b"x" * 480_000)
        wait_until(lambda: is_full(2_000_000))
        assert send(address, form_of(1_000)).endswith(b"\r\n\r\n1000 0")
        phone = connected(address, LONG.replace(b"10000000", b"700000") + b"x" * 600_000)
        wait_until(lambda: incoming.Body.total_on_disk < 2_000_000 and held_by(server, "127.0.0.1") == 600_000)
        assert held_by(server, "127.0.0.2") <= 3 * 480_000
        assert send(address, form_of(1_000)).endswith(b"\r\n\r\n1000 0")
        phone.sendall(b"x" * 100_000)
        phone.shutdown(socket.SHUT_WR)
        assert answer(phone).endswith(b"\r\n\r\n700000 0")
        for connection in [phone, *crowd_of_strangers]:
            connection.close()
    assert incoming.Body.total_on_disk == 0


def held_by(server, client):
    """Return how many bytes of this client are on disk."""
    return sum(
        connection.on_disk for connection in list(server.active_channels.values()) if connection.client == client
    )


def test_without_disk_space_a_body_is_read_to_its_end_and_dropped(monkeypatch):
    monkeypatch.setattr(incoming, "MAX_ON_DISK", 300_000)
    with served() as (address, _server):
        assert send(address, form_of(700_000)).endswith(b"\r\n\r\n0 1")


def test_a_long_body_is_stored_on_disk_and_read_back_complete():
    body, sent = incoming.Body(), os.urandom(3 * incoming.IN_MEMORY)
    for start in range(0, len(sent), 100_000):
        body.append(sent[start : start + 100_000])
    assert body.getfile().read() == sent
    assert incoming.Body.total_on_disk == len(sent)
    body.close()
    body.close()
    assert incoming.Body.total_on_disk == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux changes the limit of a running process")
def test_on_a_full_disk_a_long_body_is_dropped():
    body = incoming.Body()
    body.append(b"a" * incoming.IN_MEMORY)
    before = resource.prlimit(0, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        body.append(b"b" * 1000)
        body.append(b"c")
    finally:
        resource.prlimit(0, resource.RLIMIT_FSIZE, before)
    assert body.dropped
    assert body.getfile().read() == b""
    body.close()


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("localhost", "localhost"),
    ],
)
def test_connections_are_counted_by_address_or_network(address, client):
    assert connections.network_of(address) == client


def test_only_one_process_at_a_time_is_replaced():
    assert worker.take_turn()
    assert not worker.take_turn()
    worker.give_turn()
    worker.give_turn()
    assert worker.take_turn()
    assert not worker.take_turn()
    worker.give_turn()


# --- The whole server -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def web():
    """The server as in production, but with one process that serves few requests in its life."""
    with serving("", workers=1) as running:
        yield running


@pytest.mark.services
@pytest.mark.parametrize("path", ["/", "/sign-in/", "/healthz", "/static/icons/favicon.svg", "/nowhere/"])
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain; charset*=bogus''%41",
        "multipart/form-data; boundary=x; charset=rot13",
        "multipart/form-data; boundary=x; charset=idna",
        "multipart/form-data; boundary=x; charset=zlib",
        "multipart/form-data; boundary=x; charset=hex",
        "application/x-www-form-urlencoded; charset=base64",
        "application/x-www-form-urlencoded; charset=undefined",
        "application/x-www-form-urlencoded; charset=nonsense",
    ],
)
def test_a_malformed_content_type_is_a_bad_request(web, path, kind):
    cookie = "csrftoken=" + "t" * 32
    sent = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: 3\r\n"
    )
    response = send(("127.0.0.1", web.port), sent.encode() + b"Connection: close\r\n\r\na=b").decode()
    assert response.startswith("HTTP/1.1 400 ")
    assert "Content-Security-Policy: " in response
    assert "Something got lost on the way" in response
    assert "Traceback" not in web.log.read_text()


@pytest.mark.services
@pytest.mark.parametrize("path", ["/sign-in/", "/static/icons/favicon.svg", "/nowhere/"])
def test_head_has_the_headers_and_no_body(web, path):
    sent = f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    response = send(("127.0.0.1", web.port), sent)
    assert response.endswith(b"\r\n\r\n")
    assert b"Content-Security-Policy: " in response


@pytest.mark.services
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which files a process has open")
def test_a_long_body_is_stored_in_the_data_folder(web):
    """/tmp may be in memory."""
    folder = f"{web.env['DATA_DIR']}/tmp/"
    with connected(("127.0.0.1", web.port), LONG + b"x" * 500_000):
        wait_until(lambda: any(name.startswith(folder) for name in open_files(web.process.pid)))


def open_files(parent):
    """Return the files that this server's processes have open."""
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with suppress(OSError):
            if os.getpgid(int(folder.parent.name)) == os.getpgid(parent):
                yield from (os.readlink(file) for file in folder.iterdir())


@pytest.mark.services
def test_an_upload_is_finished_before_the_server_stops():
    continued = LAST_FORM.replace(HOST, HOST + b"Expect: 100-continue\r\n")
    with serving("", workers=2) as web, connected(("127.0.0.1", web.port), continued) as upload:
        assert upload.recv(1000).startswith(b"HTTP/1.1 100 ")  # a process has accepted the request
        upload.sendall(b"x" * 50_000)
        web.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        upload.sendall(b"x" * 50_000)
        assert answer(upload).startswith(b"HTTP/1.1 ")
