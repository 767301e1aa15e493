"""A real SMTP server for tests, told beforehand where to be difficult."""

import asyncio
import socket
import threading

from aiosmtpd.controller import Controller


def free_port():
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """Keeps what it accepts. `answers` maps (stage, address) or stage to a reply, "cut" or "hang"."""

    def __init__(self):
        self.received = []
        self.commands = []
        self.answers = {}
        self.seconds = 0.0  # that it takes over a mail
        self.waiting = threading.Event()

    async def _answer(self, server, stage, address):
        self.commands.append((stage, address))
        answer = self.answers.get((stage, address), self.answers.get(stage))
        if answer == "cut":
            server.transport.abort()
        elif answer == "hang":
            self.waiting.set()
            await asyncio.sleep(30)
        return answer

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return await self._answer(server, "MAIL", address) or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT", address) or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        # "accept then …": the mail is taken, but the answer is lost or late
        address = envelope.rcpt_tos[0]
        await asyncio.sleep(self.seconds)
        wanted = self.answers.get(("DATA", address), self.answers.get("DATA"))
        if wanted in (None, "cut", "hang"):
            self.received.append((address, envelope.content))
        return await self._answer(server, "DATA", address) or "250 OK"

    @property
    def recipients(self):
        """Who got a mail, in order."""
        return [address for address, _ in self.received]


class running:  # noqa: N801 (reads as a phrase: with running(sink) as port)
    """Serve the sink on a free port of this machine; `options` are those of aiosmtpd."""

    def __init__(self, sink, **options):
        self.controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **options)

    def __enter__(self):
        self.controller.start()
        return self.controller.port

    def __exit__(self, *error):
        self.controller.stop(no_assert=True)
