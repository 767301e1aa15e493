"""Connections: one thread reads them all, and a web thread only gets complete requests.

waitress does the reading. This module adds what it lacks: time limits for a whole head, body or response (a client that
sends a byte per second must not keep a connection), a fair limit on connections, and handling of bodies for
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
from .open_files import MAX_CONNECTIONS, affordable_connections

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
IDLE_SECONDS = 60  # without a byte in either direction
MAX_HEAD = 16 * KILOBYTE
MAX_BODY = 1024 * MEGABYTE  # larger ones are refused unread
# Keys in the WSGI environ; learningwalks/middleware.py responds to them.
BODY_DROPPED = "learningwalks.body_dropped"  # the server had no room for the request's body
UNREADABLE = "learningwalks.unreadable"  # the Content-Type is malformed
SECURITY_HEADERS = [
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
        environ[BODY_DROPPED] = receiver is not None and receiver.buf.dropped
        return environ


class Refusal(ErrorTask):
    """A short plain-text error response that no browser interprets."""

    def execute(self) -> None:
        """Add the security headers of our other responses."""
        self.response_headers.extend(SECURITY_HEADERS)
        super().execute()


class Connection(HTTPChannel):
    """One connection to a browser or a proxy. Any client may be an attacker."""

    parser_class = incoming.Request
    task_class = RequestTask
    error_task_class = Refusal
    request: incoming.Request | None

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None) -> None:
        self.last = False  # whether to close the connection after this response
        self.sent = 0  # bytes
        self.watched_from: float | None = None  # start of the period in which we measure how fast the client reads
        self.sent_before = 0  # bytes that were sent before that period
        self.client = network_of(addr[0])
        super().__init__(server, sock, addr, adj, map=map)

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    def received(self, data: bytes) -> None:
        """Accept one request at a time. Browsers send no more, and many requests at once could hold many files.

        HTTP allows us to close the connection after the response. The client then sends the other requests again.
        """
        super().received(data)
        with self.requests_lock:
            for request in self.requests[1:]:
                self.last = True
                request.close()
            del self.requests[1:]
        self.server.make_room()

    def handle_close(self) -> None:
        """Also release the body of a request that is still arriving."""
        if self.request is not None:
            self.request.close()
            self.request = None
        super().handle_close()

    @property
    def on_disk(self) -> int:
        """The bytes of request bodies that this connection keeps on disk."""
        requests = [*self.requests, self.request]
        return sum(request.body.on_disk for request in requests if request is not None and request.body is not None)

    @property
    def busy(self) -> bool:
        """Whether a request is arriving, being handled, or being answered."""
        return bool(self.requests or self.total_outbufs_len or self.request is not None)

    @property
    def uploading(self) -> bool:
        """Whether a body is arriving."""
        return self.request is not None and self.request.headers_finished

    def enforce_time_limits(self, now: float) -> None:
        """Close the connection, or refuse its request, if it takes too long. Called about once a second."""
        if self.total_outbufs_len:
            if self._is_read_too_slowly(now):
                self.will_close = True
                self.handle_close()  # with `will_close` alone, waitress would wait until the client reads
            return
        self.watched_from = None
        if not self.requests and self.request is not None and self.request.is_late(now):
            self._refuse(RequestTimeoutError("The request took too long to arrive."))

    def _is_read_too_slowly(self, now: float) -> bool:
        """Return whether the client read too little during the last GRACE_SECONDS.

        The speed since the start would be too high, because the system buffers megabytes that the client has not read.
        """
        if self.watched_from is not None and now - self.watched_from <= incoming.GRACE_SECONDS:
            return False
        too_slow = (
            self.watched_from is not None
            and self.sent - self.sent_before < incoming.GRACE_SECONDS * incoming.SLOWEST_BYTES_PER_SECOND
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
    """Return what counts as one client: an IPv4 address, or a /64 network, because one IPv6 customer has all of it."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


class LimitedServer(BaseWSGIServer):
    """A server that limits its connections. It is the base of the two servers below."""

    channel_class = Connection
    draining = False
    max_connections = MAX_CONNECTIONS

    def readable(self) -> bool:
        """Accept no connection while all threads are busy. Another process takes it, or it waits in the backlog."""
        return super().readable() and not self.task_dispatcher.queue

    def handle_accept(self) -> None:
        """Accept a connection; close another one if there are too many."""
        super().handle_accept()
        if len(self.active_channels) > self.max_connections:
            self._close_one()

    def maintenance(self, now: float) -> None:
        """Close idle and slow connections."""
        super().maintenance(now)
        moment = time.monotonic()
        for connection in list(self.active_channels.values()):
            connection.enforce_time_limits(moment)

    def make_room(self) -> None:
        """Drop bodies until those on disk fit into MAX_ON_DISK.

        The client with most bytes on disk loses the largest body that is still arriving. Bodies in memory do not count;
        nearly all forms are in memory.
        """
        while incoming.Body.total_on_disk > incoming.MAX_ON_DISK:
            connections = [entry for entry in self._map.values() if isinstance(entry, Connection)]
            on_disk: Counter[str] = Counter()  # by client
            for connection in connections:
                on_disk[connection.client] += connection.on_disk
            arriving = [
                (on_disk[connection.client], body.on_disk, body.drop)
                for connection in connections
                if connection.request is not None and (body := connection.request.body) and body.on_disk
            ]
            if not arriving:
                return
            _, _, drop_largest = max(arriving, key=itemgetter(0, 1))
            drop_largest()

    def stop_listening(self) -> None:
        """Leave new connections to other processes; existing ones continue."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def _close_one(self) -> None:
        """Close a connection of the client with most connections: an idle one, else the oldest with a request arriving.

        No client has a limit of its own, because a whole school may share one address. An attacker with many
        connections loses only their own.
        """
        everyone = list(self.active_channels.values())
        connections_of = Counter(channel.client for channel in everyone)
        closable = [channel for channel in everyone if not channel.requests and not channel.will_close]
        if closable:
            closable.sort(
                key=lambda channel: (
                    -connections_of[channel.client],
                    channel.busy,
                    channel.uploading,
                    channel.creation_time,
                )
            )
            closable[0].handle_close()


class TcpServer(LimitedServer, TcpWSGIServer):
    """Accepts TCP connections."""


class UnixServer(LimitedServer, UnixWSGIServer):
    """Accepts connections over a Unix socket."""


def server_on(
    listener: socket.socket,
    application: Any,
    *,
    threads: ThreadedTaskDispatcher,
    map: dict[int, Any],
) -> LimitedServer:
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
        # If more than this waits because a client does not read, its web thread is blocked.
        outbuf_high_watermark=256 * MEGABYTE,
        connection_limit=2 * MAX_CONNECTIONS,  # never reached: LimitedServer closes one first
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
    server.max_connections = affordable_connections()
    return server


def without_body_for_head(application: Any) -> Any:
    """Return an application that answers HEAD without a body. Neither Django nor waitress removes it."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] != "HEAD":
            return application(environ, start_response)
        del environ["wsgi.file_wrapper"]
        body = application(environ, start_response)
        if hasattr(body, "close"):
            body.close()
        return []

    return answer
