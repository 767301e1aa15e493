"""A mail server in its own process, which can be killed."""

import asyncio
import email
import os
import signal

from aiosmtpd.controller import Controller

from notifications.tests.smtp_sink import Sink


class RecordingMailServer(Sink):
    """Writes a line for each accepted mail: its Message-ID and its recipient."""

    def __init__(self, file, seconds, lose, stuck):
        super().__init__()
        self.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.seconds, self.lose, self.stuck, self.count = seconds, lose, stuck, 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(3600 if self.stuck in envelope.rcpt_tos else self.seconds)
        name = email.message_from_bytes(envelope.content)["Message-ID"].strip()
        os.write(self.file, f"{name} {envelope.rcpt_tos[0]}\n".encode())
        self.count += 1
        if self.lose and self.count % self.lose == 0:
            server.transport.abort()
        return "250 OK"


def serve(port, file, seconds, lose, stuck):
    """Serve for ever. Accepting a mail takes `seconds`; it is in the file before the response is sent.

    The response to every `lose`-th mail is lost (0: none). A mail to `stuck` gets no response.
    """
    Controller(RecordingMailServer(file, seconds, lose, stuck), hostname="127.0.0.1", port=port).start()
    os.write(1, b"ready\n")
    signal.pause()
