"""A mail server in a process of its own, which can be killed."""

import asyncio
import email
import os
import signal

from aiosmtpd.controller import Controller

from notifications.tests.smtp_sink import Sink


class Mailroom(Sink):
    """Writes one line for each accepted mail: its Message-ID and its recipient."""

    def __init__(self, file, seconds, lose):
        super().__init__()
        self.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.seconds, self.lose, self.count = seconds, lose, 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.seconds)
        name = email.message_from_bytes(envelope.content)["Message-ID"].strip()
        os.write(self.file, f"{name} {envelope.rcpt_tos[0]}\n".encode())
        self.count += 1
        if self.lose and self.count % self.lose == 0:
            server.transport.abort()
        return "250 OK"


def open_at(port, file, seconds, lose):
    """Serve for ever. A mail takes these seconds; it is in the file before the answer leaves.

    Every so manieth answer is lost (0: none).
    """
    Controller(Mailroom(file, seconds, lose), hostname="127.0.0.1", port=port).start()
    print("ready", flush=True)
    signal.pause()
