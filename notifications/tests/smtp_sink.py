"""A real SMTP server for tests, which fails at the points that a test chose."""

import asyncio
import socket
import socketserver
import threading
import time

from aiosmtpd.controller import Controller


def free_port():
    """Return a port that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """Keeps what it accepts. `answers` maps (stage, address) or stage to a reply, "cut" or "hang"."""

    def __init__(self):
        self.received = []
        self.commands = []
        self.answers = {}
        self.seconds = 0.0  # for accepting a mail
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
        # "cut" and "hang": the mail is accepted, but the answer is lost or late.
        address = envelope.rcpt_tos[0]
        await asyncio.sleep(self.seconds)
        wanted = self.answers.get(("DATA", address), self.answers.get("DATA"))
        if wanted in (None, "cut", "hang"):
            self.received.append((address, envelope.content))
        return await self._answer(server, "DATA", address) or "250 OK"

    @property
    def recipients(self):
        """Return the addresses of accepted mails, in order."""
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


class ScriptedServer:
    """A simple server with faults that no library offers: odd answers to DATA, LF line ends, one byte at a time.

    `answers` maps a verb (or "220" for the greeting, "." for the end of a mail) to an answer, "cut", or "drip":
    then the bytes of an endless line are sent one by one.
    """

    def __init__(self, answers=None, *, newline="\r\n", pause=0.05):
        self.answers = {"220": "220 hello", "DATA": "354 go on", "QUIT": "221 bye"} | (answers or {})
        self.newline, self.pause = newline, pause
        self.bodies = []

    def __enter__(self):
        outer = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self):
                outer.talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self.server.server_address[1]

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def talk(self, call):
        """Serve one connection."""
        try:
            verb = "220"
            while self.say(call, verb):
                if verb == "DATA" and self.answers["DATA"].startswith("354"):
                    self.bodies.append(b"".join(iter(call.rfile.readline, b".\r\n")))
                    if not self.say(call, "."):
                        return
                line = call.rfile.readline()
                if not line:
                    return
                verb = line.decode().split()[0].upper()
        except OSError:
            return

    def say(self, call, verb):
        """Send the answer. Return whether the connection stays open."""
        answer = self.answers.get(verb, "250 fine")
        if answer == "cut":
            return False
        if answer == "drip":
            for _ in range(200):
                call.wfile.write(b"x")
                time.sleep(self.pause)
            return False
        call.wfile.write((answer + self.newline).encode())
        return True
