"""Connections: one thread reads them all, and a web thread only gets complete requests.

waitress does the reading. This module adds what it lacks: time limits for a whole head, body or response (a client that
sends a byte per second must not hold a connection for ever), a fair limit on connections, and handling of bodies for
which there is no room on disk.
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
MAX_BODY = 1024 * MEGABYTE  # larger ones are refused unread
# Keys in the WSGI environ; learningwalks/middleware.py responds to them.
CUT = "learningwalks.cut"  # there was no room for the body, so all of it was dropped
UNREADABLE = "learningwalks.unreadable"  # the Content-Type is malformed
NOTHING_TO_LOAD = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class RequestTimeoutError(Error):
    code = 408
    reason = "Request Timeout"


class RequestTask(WSGITask):
    """Passes a complete request to the application."""

    close_on_finish: bool

    def start(self) -> None:
        """Add "Connection: close" if this is the last response on the connection."""
        super().start()
        if self.channel.last or self.channel.server.draining:
            self.set_close_on_finish()

    def finish(self) -> None:
        """Close the connection if that was decided while the response was written."""
        super().finish()
        self.close_on_finish = self.close_on_finish or self.channel.last

    def get_environment(self) -> dict[str, Any]:
        """Add whether the body was dropped."""
        environ: dict[str, Any] = super().get_environment()
        receiver = self.request.body_rcv
        environ[CUT] = receiver is not None and receiver.buf.cut
        return environ


class Refusal(ErrorTask):
    """A short plain-text error response that no browser interprets."""

    def execute(self) -> None:
        """Add the security headers of our other responses."""
        self.response_headers.extend(NOTHING_TO_LOAD)
        super().execute()


class Connection(HTTPChannel):
    """One connection, of a browser, a proxy or an attacker."""

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
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    def received(self, data: bytes) -> None:
        """Accept one request at a time: no browser pipelines, and many at once could hold many files.

        HTTP allows us to close after the response; the client then repeats what was not answered.
        """
        super().received(data)
        with self.requests_lock:
            for request in self.requests[1:]:
                self.last = True
                request.close()
            del self.requests[1:]
        self.server.make_room()

    def handle_close(self) -> None:
        """Release a body that was still arriving."""
        if self.request is not None:
            self.request.close()
            self.request = None
        super().handle_close()

    @property
    def on_disk(self) -> int:
        """The number of bytes of its bodies on disk."""
        requests = [*self.requests, self.request]
        return sum(one.body.on_disk for one in requests if one is not None and one.body is not None)

    @property
    def busy(self) -> bool:
        """Whether a request is arriving, being handled, or being answered."""
        return bool(self.requests or self.total_outbufs_len or self.request is not None)

    @property
    def uploading(self) -> bool:
        """Whether a body is arriving."""
        return self.request is not None and self.request.headers_finished

    def keep_time(self, now: float) -> None:
        """Close the connection, or refuse its request, if it takes too long. Called about once a second."""
        if self.total_outbufs_len:
            if self._is_read_too_slowly(now):
                self.will_close = True
                self.handle_close()  # waitress alone would wait until the client reads
            return
        self.watched_from = None
        if not self.requests and self.request is not None and self.request.is_late(now):
            self._refuse(RequestTimeoutError("The request took too long to arrive."))

    def _is_read_too_slowly(self, now: float) -> bool:
        """Measure over the last FIRST_SECONDS only: the system buffers megabytes that the client has not read."""
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
    """Return the client for sharing out connections: its IPv4 address, or its /64 network for IPv6."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


class Limits(BaseWSGIServer):
    """What both kinds of servers below share."""

    channel_class = Connection
    draining = False
    most = MAX_CONNECTIONS

    def readable(self) -> bool:
        """Accept no connections while all threads are busy; other processes take them, or they wait in the backlog."""
        return super().readable() and not self.task_dispatcher.queue

    def handle_accept(self) -> None:
        """Accept a connection; close another one if there are too many."""
        super().handle_accept()
        if len(self.active_channels) > self.most:
            self._close_one()

    def maintenance(self, now: float) -> None:
        """Close idle and slow connections."""
        super().maintenance(now)
        moment = time.monotonic()
        for connection in list(self.active_channels.values()):
            connection.keep_time(moment)

    def make_room(self) -> None:
        """Keep all bodies on disk within MAX_ON_DISK: the client that holds most loses its largest arriving body.

        Bodies in memory, as nearly all forms are, do not count.
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
        """Leave new connections to other processes; existing ones continue."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def _close_one(self) -> None:
        """Close a connection of the client that has most: an idle one if possible, else the oldest that still arrives.

        So a whole school behind one address is not limited, and an attacker only crowds out their own connections.
        """
        connections = [one for one in self.active_channels.values() if not one.requests and not one.will_close]
        held = Counter(one.client for one in self.active_channels.values())
        if connections:
            connections.sort(key=lambda one: (-held[one.client], one.busy, one.uploading, one.creation_time))
            connections[0].handle_close()


class TcpServer(Limits, TcpWSGIServer):
    """Accepts TCP connections."""


class UnixServer(Limits, UnixWSGIServer):
    """Accepts connections over a Unix socket."""


def server_on(
    listener: socket.socket,
    application: Any,
    *,
    threads: ThreadedTaskDispatcher,
    map: dict[int, Any],
) -> Limits:
    """Return a server on a socket that already listens."""
    settings = Adjustments(
        sockets=[],
        threads=len(threads.threads),
        # Django reads the headers of a trusted proxy itself (TRUST_PROXY_PROTO, TRUSTED_PROXY_COUNT).
        clear_untrusted_proxy_headers=False,
        ident=None,
        recv_bytes=64 * KILOBYTE,
        max_request_header_size=MAX_HEAD,
        max_request_body_size=MAX_BODY,
        # Above this, a response that the client does not read would block its thread.
        outbuf_high_watermark=256 * MEGABYTE,
        connection_limit=2 * MAX_CONNECTIONS,  # never reached: Limits closes one first
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
    """Send no body in response to HEAD: Django leaves that to the server, waitress to the application."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] != "HEAD":
            return application(environ, start_response)
        del environ["wsgi.file_wrapper"]
        body = application(environ, start_response)
        if hasattr(body, "close"):
            body.close()
        return []

    return answer
