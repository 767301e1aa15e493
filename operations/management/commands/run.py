"""`manage.py run`: start the whole product with one command, for a demo or a school on one machine."""

from __future__ import annotations

import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import first_school
from operations import broker, hosts, installation
from operations.processes import beat_process, broker_process, web_process, worker_process
from operations.supervisor import StartError, Supervisor
from school.demo import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Run everything: broker, database set-up, web server, worker and beat. Stop with Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. If it cannot start, print the reason in one sentence and exit with code 1."""
        supervisor = Supervisor(self._say)
        supervisor.install_signal_handlers()
        for sentence in settings.UNKNOWN_VARIABLES:
            self.stderr.write(self.style.WARNING(sentence))
        try:
            if installation.switch_demo_off(self._say):
                os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 (this command again, with DEMO=0)
            installation.refuse_demo_data()
            with installation.lock(settings.DATA_DIR):
                self._serve(supervisor)
        except StartError as error:
            self.stderr.write(self.style.ERROR(f"Learning Walks cannot start: {error}"))
            sys.exit(1)

    def _serve(self, supervisor: Supervisor) -> None:
        began = time.monotonic()
        with installation.listening_socket(settings.HOST, settings.PORT) as listener:
            try:
                self._start_all(supervisor, listener.fileno())
                if not supervisor.asked_to_stop:
                    self._summary(time.monotonic() - began)
                supervisor.run()
                self._say("Stopping")
            finally:
                supervisor.stop()
        self._say("Stopped. The data is kept in " + str(settings.DATA_DIR))

    def _start_all(self, supervisor: Supervisor, listener: int) -> None:
        has_broker = self._start_broker(supervisor)
        self._say("Preparing the database")
        installation.prepare_database()
        installation.load_demo(self._say)
        self._say("Preparing the static files")
        installation.collect_static()
        self._say("Starting the web server, the worker and beat")
        background = [worker_process(), beat_process()] if has_broker else [beat_process()]
        for child in [web_process(listener), *background]:
            if not supervisor.asked_to_stop:
                supervisor.start(child)

    def _start_broker(self, supervisor: Supervisor) -> bool:
        if settings.REDIS_URL:
            return True
        binary = broker.program()
        if binary is None:
            self._say("No broker for this system (install Valkey or Redis, or set REDIS_URL): continuing without one")
            return False
        self._say("Starting the broker")
        supervisor.start(broker_process(binary))
        return True

    def _summary(self, seconds: float) -> None:
        local = f"http://{settings.LOCAL_HOST}:{settings.PORT}"
        same = urlsplit(settings.SITE_URL).netloc == urlsplit(local).netloc
        where = settings.SITE_URL if same else f"{settings.SITE_URL} (here: {local})"
        mail = "sent through EMAIL_URL" if settings.EMAIL_URL else f"kept as files in {settings.MAIL_DIR}"
        lines = [
            "",
            self.style.SUCCESS(f"Learning Walks is ready after {seconds:.0f} s: {where}"),
            *self._accounts(),
            f"  E-mails are {mail}",
            f"  Data is in {settings.DATA_DIR}",
            "  Stop with Ctrl-C",
            "",
        ]
        self._say("\n".join(lines))

    def _accounts(self) -> list[str]:
        if settings.DEMO:
            warning = "  Others can reach this address, and the demo's passwords are public."
            lines = [f"  Demo school. Sign in with the password {PASSWORD} as"]
            lines += [f"    {address:<26} {who}" for address, who in ACCOUNTS.items()]
            if settings.HOST not in hosts.LOOPBACK:
                lines.append(warning)
            return lines
        if first_school.is_needed():
            first_school.write_code_file()
            return [f"  There is no school yet. Open {settings.SITE_URL}/setup/ with the code {first_school.code()}"]
        return []

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
