"""Run the processes of an installation: start them in order, restart those that die, stop them in reverse order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_PAUSE = 30.0  # seconds before a process that keeps dying is started again
STABLE_AFTER = 60.0  # seconds; if a process ran this long, its earlier deaths no longer count
PR_SET_PDEATHSIG = 1  # option of Linux's prctl(): the signal for a process whose parent ends
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """A process did not start. The message is shown to the operator."""


@dataclass
class Child:
    """One process to keep running."""

    name: str
    argv: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    ready: Callable[[], bool] | None = None
    ready_within: float = 30.0
    stop_within: float = 30.0
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    deaths: int = field(default=0, init=False)
    restart_at: float = field(default=0.0, init=False)  # 0 while the process runs

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(  # noqa: S603 (our own command lines)
            list(self.argv),
            env=os.environ | self.env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            pass_fds=self.pass_fds,
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),
        )
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process; SIGKILL also goes to everything it started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


class Supervisor:
    """Keeps its children alive until asked to stop. A child may depend on those started before it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self._stop_requested = threading.Event()
        self._hurry = False

    @property
    def asked_to_stop(self) -> bool:
        """True after Ctrl-C or SIGTERM."""
        return self._stop_requested.is_set()

    def install_signal_handlers(self) -> None:
        """Stop on Ctrl-C or SIGTERM. A second signal stops without waiting."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)

    def start(self, child: Child) -> None:
        """Start a child and wait until it is ready. Raise StartError if it dies or takes too long."""
        self.children.append(child)
        child.start()
        deadline = time.monotonic() + child.ready_within
        while child.ready is not None and not self.asked_to_stop and not child.ready():
            if not child.alive:
                raise StartError(
                    f"The {child.name} process stopped while starting. "
                    "The output above or the log files in DATA_DIR say why."
                )
            if time.monotonic() > deadline:
                raise StartError(f"The {child.name} process is not ready after {child.ready_within:.0f} seconds.")
            time.sleep(0.05)

    def run(self) -> None:
        """Restart children that die, until asked to stop."""
        while not self._stop_requested.wait(0.5):
            for child in self.children:
                self._restart_if_dead(child)

    def stop(self) -> None:
        """Stop the children, the last one first."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
            self._wait_until_ended(child)
            child.signal(signal.SIGKILL)  # also ends what the child started
            if child.process is not None:
                child.process.wait()

    def _wait_until_ended(self, child: Child) -> None:
        deadline = time.monotonic() + child.stop_within
        while child.alive and not self._hurry and time.monotonic() < deadline:
            time.sleep(0.05)

    def _restart_if_dead(self, child: Child) -> None:
        now = time.monotonic()
        if child.alive:
            return
        if not child.restart_at:
            child.deaths = 1 if now - child.started > STABLE_AFTER else child.deaths + 1
            pause = min(2.0 ** (child.deaths - 1) - 1, LONGEST_PAUSE)
            child.restart_at = now + pause
            code = child.process.returncode if child.process else None
            self.say(f"The {child.name} process ended (code {code}); starting it again in {pause:.0f} s.")
        elif now >= child.restart_at:
            child.restart_at = 0.0
            child.signal(signal.SIGKILL)  # ends what the dead process had started
            child.start()

    def _on_signal(self, number: int, frame: object) -> None:
        self._hurry = self.asked_to_stop  # true from the second signal on
        self._stop_requested.set()


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """On Linux, return a hook that makes the kernel send SIGTERM to the child if the supervisor is killed."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # the supervisor died before the line above
            os._exit(1)

    return before_exec
