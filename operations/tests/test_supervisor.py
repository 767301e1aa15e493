"""The supervisor: order, restarts, and no process left behind."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from operations.supervisor import Child, StartError, Supervisor

from .services_plugin import wait_until

pytestmark = pytest.mark.not_on_postgresql
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(60)"]


def has_ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def supervisor():
    new_supervisor = Supervisor(lambda text: None)
    yield new_supervisor
    new_supervisor.stop()


def watch(supervisor):
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    return thread


def test_a_child_that_dies_is_started_again(supervisor):
    child = Child("web", SLEEP)
    supervisor.start(child)
    first = child.process.pid
    thread = watch(supervisor)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: child.alive and child.process.pid != first)
    supervisor._stop_requested.set()
    thread.join()


def test_children_stop_in_reverse_order(supervisor, tmp_path):
    note = (
        "import signal, sys, time\ndef end(*_):\n open({0!r}, 'a').write({1!r}); sys.exit()\nsignal.signal(15, end)\n"
    )
    for name in "abc":
        program = note.format(str(tmp_path / "order"), name) + f"open({str(tmp_path / name)!r}, 'w')\ntime.sleep(60)"
        supervisor.start(Child(name, [sys.executable, "-c", program], ready=(tmp_path / name).exists))
    supervisor.stop()
    assert (tmp_path / "order").read_text() == "cba"


def test_a_child_that_will_not_stop_is_killed(supervisor, tmp_path):
    child = Child("web", STUBBORN, stop_within=0.3)
    supervisor.start(child)
    supervisor.stop()
    assert child.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)


def test_a_child_that_dies_while_starting_raises_an_error_with_a_clear_sentence(supervisor):
    with pytest.raises(StartError, match=r"^The broker process stopped while starting"):
        supervisor.start(Child("broker", [sys.executable, "-c", ""], ready=lambda: False))


def test_a_child_that_never_gets_ready_raises_an_error_with_a_clear_sentence(supervisor):
    with pytest.raises(StartError, match=r"^The web process is not ready after 0 seconds"):
        supervisor.start(Child("web", SLEEP, ready=lambda: False, ready_within=0.2))


def test_a_child_that_keeps_dying_is_restarted_after_longer_and_longer_pauses(supervisor):
    lines = []
    supervisor.say = lines.append
    child = Child("web", [sys.executable, "-c", ""])
    child.start()
    for _ in range(3):
        child.process.wait()
        supervisor._restart_if_dead(child)
        child.restart_at = 0.001
        supervisor._restart_if_dead(child)
    child.process.wait()
    assert [line.split("again in ")[1] for line in lines] == ["0 s.", "1 s.", "3 s."]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can tie a child to its parent")
def test_children_of_a_killed_supervisor_stop(tmp_path):
    program = (
        "from operations.supervisor import *\ns = Supervisor(print)\n"
        f"s.start(Child('web', {SLEEP!r}))\nprint(s.children[0].process.pid, flush=True)\ns.run()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    wait_until(lambda: has_ended(child))
