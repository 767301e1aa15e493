"""Clients that hold a server up: half requests, a byte per second, responses they do not read."""

import socket
import threading
from contextlib import suppress

from .tools import TOKEN

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "
FORM = (
    f"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={TOKEN}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nlogin="
).encode()
STYLES = b"GET /static/vendor/bootstrap/bootstrap.min.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
KINDS = (  # what is sent at first, and then every second
    (HEAD, b""),
    (HEAD, b"x"),
    (FORM, b""),
    (FORM, b"x"),
    (STYLES * 100, b""),
)


class SlowClients:
    """Many slow clients of every kind: `with SlowClients(port, 50) as crowd`."""

    def __init__(self, port, number):
        self.port = port
        self.number = number
        self.over = threading.Event()
        self.connections = []

    def __enter__(self):
        for number in range(self.number):
            first_bytes, _more = KINDS[number % len(KINDS)]
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that little fits while unread
            connection.settimeout(10)
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(first_bytes)
            connection.settimeout(0.01)
            self.connections.append(connection)
        self.thread = threading.Thread(target=self._go_on)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()

    def _go_on(self):
        while not self.over.wait(1):
            for number, connection in enumerate(self.connections):
                with suppress(OSError):  # the server closed, or the buffer is full
                    connection.send(KINDS[number % len(KINDS)][1])
