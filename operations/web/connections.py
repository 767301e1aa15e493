"""How requests come in: one thread reads all connections, and a web thread gets only whole requests.

waitress does the reading. What it lacks is here: limits for the whole of a head, a body or an answer (a byte a second
must not keep a connection for ever), a fair limit on connections, and a body that outgrows the disk.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from ipaddress import ip_network
from operator import itemgetter
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from . import incoming
from .open_files import MAX_CONNECTIONS, most_connections

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
IDLE_SECONDS = 60  # without a byte in either direction
MAX_HEAD = 16 * KILOBYTE
MAX_BODY = 1024 * MEGABYTE  # more is refused unread
# In the environ; middleware.py answers.
CUT = "learningwalks.cut"  # there was no room for the body: nothing of it is here
UNREADABLE = "learningwalks.unreadable"  # the Content-Type makes no sense
NOTHING_TO_LOAD = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class RequestTimeoutError(Error):  # type: ignore[misc]
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class RequestTask(WSGITask):  # type: ignore[misc]
    """A whole request goes to the application."""

    close_on_finish: bool

    def start(self) -> None:
        """Say in the answer when it is the last one on this connection."""
        super().start()
        if self.channel.last or self.channel.server.draining:
            self.set_close_on_finish()

    def finish(self) -> None:
        """As above, when that was decided meanwhile."""
        super().finish()
        self.close_on_finish = self.close_on_finish or self.channel.last

    def get_environment(self) -> dict[str, Any]:
        """As always, and whether the body was cut."""
        environ: dict[str, Any] = super().get_environment()
        receiver = self.request.body_rcv
        environ[CUT] = receiver is not None and receiver.buf.cut
        return environ


class Refusal(ErrorTask):  # type: ignore[misc]
    """A short answer in plain text that no browser does anything with."""

    def execute(self) -> None:
        """With the headers of our other answers."""
        self.response_headers.extend(NOTHING_TO_LOAD)
        super().execute()


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection of a browser, a proxy or an attacker."""

    parser_class = incoming.Request
    task_class = RequestTask
    error_task_class = Refusal
    request: incoming.Request | None

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None) -> None:
        self.last = False
        self.sent = 0
        self.watched_from: float | None = None
        self.sent_before = 0
        self.client = network_of(addr[0])
        super().__init__(server, sock, addr, adj, map=map)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send, and count."""
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    def received(self, data: bytes) -> None:
        """Take one request at a time. No browser sends the next before the answer; many at once could hold many files.

        HTTP allows closing after the answer: the client then asks again for what was not answered.
        """
        super().received(data)
        with self.requests_lock:
            for request in self.requests[1:]:
                self.last = True
                request.close()
            del self.requests[1:]
        self.server.make_room()

    def handle_close(self) -> None:
        """Let go of a body that was still coming in."""
        if self.request is not None:
            self.request.close()
            self.request = None
        super().handle_close()

    @property
    def on_disk(self) -> int:
        """How many bytes of its bodies are on the disk."""
        requests = [*self.requests, self.request]
        return sum(one.body.on_disk for one in requests if one is not None and one.body is not None)

    @property
    def busy(self) -> bool:
        """Whether a request is coming in, at work, or being answered."""
        return bool(self.requests or self.total_outbufs_len or self.request is not None)

    @property
    def uploading(self) -> bool:
        """Whether a body is coming in."""
        return self.request is not None and self.request.headers_finished

    def keep_time(self, now: float) -> None:
        """End what takes too long. Called about once a second."""
        if self.total_outbufs_len:
            if self._is_read_too_slowly(now):
                self.will_close = True
                self.handle_close()  # waitress would wait until there is room to send
            return
        self.watched_from = None
        if not self.requests and self.request is not None and self.request.is_late(now):
            self._refuse(RequestTimeoutError("The request took too long to arrive."))

    def _is_read_too_slowly(self, now: float) -> bool:
        """Look at the last incoming.FIRST_SECONDS only: the system takes megabytes at once that nobody has read."""
        if self.watched_from is not None and now - self.watched_from <= incoming.FIRST_SECONDS:
            return False
        too_slow = (
            self.watched_from is not None and self.sent - self.sent_before < incoming.FIRST_SECONDS * incoming.SLOWEST
        )
        self.watched_from = now
        self.sent_before = self.sent
        return too_slow

    def _refuse(self, error: Error) -> None:
        with self.requests_lock:
            request: Any = self.request
            self.request = None
            request.error = error
            request.completed = True
            self.requests.append(request)
            self.server.add_task(self)


def network_of(address: str) -> str:
    """Who this is when connections are shared out: an IPv4 address, or the IPv6 network of one customer."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


class Limits(BaseWSGIServer):  # type: ignore[misc]
    """What both kinds of listening sockets share."""

    channel_class = Connection
    draining = False
    most = MAX_CONNECTIONS

    def readable(self) -> bool:
        """While all threads are busy, leave new connections to the other processes, or let them wait in line."""
        return super().readable() and not self.task_dispatcher.queue

    def handle_accept(self) -> None:
        """Let somebody in; somebody else may have to go."""
        super().handle_accept()
        if len(self.active_channels) > self.most:
            self._close_one()

    def maintenance(self, now: float) -> None:
        """Close idle connections, and end what takes too long."""
        super().maintenance(now)
        moment = time.monotonic()
        for connection in list(self.active_channels.values()):
            connection.keep_time(moment)

    def make_room(self) -> None:
        """Keep all bodies together within their limit: whoever holds most loses the largest that still comes in.

        Bodies that are kept in memory, as nearly all forms are, always find room.
        """
        while incoming.Body.total_on_disk > incoming.MAX_ON_DISK:
            connections = [one for one in self._map.values() if isinstance(one, Connection)]
            held: Counter[str] = Counter()
            for one in connections:
                held[one.client] += one.on_disk
            coming = [
                (held[one.client], body.on_disk, body.drop)
                for one in connections
                if one.request is not None and (body := one.request.body) and body.on_disk
            ]
            if not coming:
                return
            _, _, drop_largest = max(coming, key=itemgetter(0, 1))
            drop_largest()

    def stop_listening(self) -> None:
        """Leave the socket to other processes; connections that are here go on."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def _close_one(self) -> None:
        """Whoever holds the most connections loses one: an idle one if possible, else the oldest that still arrives.

        So a whole school behind one address is not limited, and one attacker crowds out only himself.
        """
        connections = [one for one in self.active_channels.values() if not one.requests and not one.will_close]
        held = Counter(one.client for one in self.active_channels.values())
        if connections:
            connections.sort(key=lambda one: (-held[one.client], one.busy, one.uploading, one.creation_time))
            connections[0].handle_close()


class TcpServer(Limits, TcpWSGIServer):  # type: ignore[misc]
    """Accepts TCP connections."""


class UnixServer(Limits, UnixWSGIServer):  # type: ignore[misc]
    """Accepts connections over a Unix socket."""


def server_on(
    listener: socket.socket,
    application: Any,
    *,
    threads: ThreadedTaskDispatcher,
    map: dict[int, Any],
) -> Limits:
    """A server on a socket that listens already."""
    settings = Adjustments(
        sockets=[],
        threads=len(threads.threads),
        # Django reads the headers of a trusted proxy itself (TRUST_PROXY_PROTO, TRUSTED_PROXY_COUNT).
        clear_untrusted_proxy_headers=False,
        ident=None,
        recv_bytes=64 * KILOBYTE,
        max_request_header_size=MAX_HEAD,
        max_request_body_size=MAX_BODY,
        # Above this, an answer that nobody reads would hold its thread.
        outbuf_high_watermark=256 * MEGABYTE,
        connection_limit=2 * MAX_CONNECTIONS,  # never reached: Limits closes one before
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        log_socket_errors=False,
    )
    kind = UnixServer if listener.family == getattr(socket, "AF_UNIX", None) else TcpServer
    sockinfo = (listener.family, listener.type, listener.proto, listener.getsockname())
    server = kind(
        without_body_for_head(application),
        map,
        True,
        listener,
        dispatcher=threads,
        adj=settings,
        bind_socket=False,
        sockinfo=sockinfo,
    )
    server.most = most_connections()
    return server


def without_body_for_head(application: Any) -> Any:
    """Django leaves it to the server to send no body in answer to HEAD; waitress leaves it to the application."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] != "HEAD":
            return application(environ, start_response)
        del environ["wsgi.file_wrapper"]
        body = application(environ, start_response)
        if hasattr(body, "close"):
            body.close()
        return []

    return answer
