"""Killed senders, concurrent senders and a frozen broker, with real processes."""

import json
import shutil
import signal
import subprocess
import time

import pytest

from notifications.tests.installation import Installation, database
from notifications.tests.smtp_sink import Sink, running

pytestmark = pytest.mark.services
PUT_MAILS = "to = Person.objects.get()\nfor n in range({0}): a_message(to, key=str(n), now=now)\n"
PRINT_STATES = "print(*Message.objects.order_by('pk').values_list('state', flat=True))"
PRINT_HEARTBEATS = "from notifications.models import Heartbeat\n"
PRINT_HEARTBEATS += "print(*Heartbeat.objects.values_list('name', flat=True))\n"


@pytest.fixture(scope="module")
def empty_data_dir(tmp_path_factory):
    """An installation with a migrated database, made once."""
    folder = tmp_path_factory.mktemp("installation")
    with database(folder):
        Installation(folder).migrate()
        yield folder


@pytest.fixture
def data_dir(empty_data_dir, tmp_path):
    """A copy of that installation for one test."""
    folder = shutil.copytree(empty_data_dir, tmp_path / "data")
    with database(folder, like=empty_data_dir):
        yield folder


@pytest.fixture
def sink():
    """A mail server that listens on `sink.port`."""
    sink = Sink()
    with running(sink) as sink.port:
        yield sink


def kill_a_sender_at(stage, sink, installation):
    """Start a sender, wait until it hangs at the stage, kill -9 it."""
    sink.answers = {stage: "hang"}
    sender = installation.start("delivery.sweep(now)")
    assert sink.waiting.wait(20)
    sender.kill()
    sender.communicate()
    sink.answers = {}


def test_a_mail_of_a_sender_killed_before_data_is_sent_by_another(sink, data_dir):
    installation = Installation(data_dir, sink.port)
    installation.run(PUT_MAILS.format(1))
    kill_a_sender_at("RCPT", sink, installation)
    assert installation.run("delivery.sweep(now)\n" + PRINT_STATES) == "sending"
    assert installation.run("delivery.sweep(later)\n" + PRINT_STATES) == "sent"
    assert len(sink.received) == 1


def test_delivery_is_unknown_after_a_sender_was_killed_after_data_and_nothing_is_sent_again(sink, data_dir):
    installation = Installation(data_dir, sink.port)
    installation.run(PUT_MAILS.format(1))
    kill_a_sender_at("DATA", sink, installation)
    assert installation.run("delivery.sweep(later)\ndelivery.sweep(later)\n" + PRINT_STATES) == "unknown"
    assert len(sink.received) == 1


def test_three_senders_at_once_send_each_mail_once(sink, data_dir):
    installation = Installation(data_dir, sink.port)
    installation.run(PUT_MAILS.format(60))
    senders = [installation.start("print(delivery.sweep(now))") for _ in range(3)]
    tried = [int(installation.finish(sender)) for sender in senders]
    assert sum(tried) == len(sink.received) == 60
    assert len({content.split(b"Message-ID: ")[1][:40] for _, content in sink.received}) == 60


def test_three_sweeps_at_once_write_each_reminder_once(data_dir):
    installation = Installation(data_dir)
    installation.run(
        "for n in range(40): reminders.schedule(kind='k', key=str(n), person=Person.objects.get(), about_id=n,"
        " due_at=now, now=now)"
    )
    sweep = (
        "@reminders.handler('k')\n"
        "def handle(reminder, moment): return bool(a_message(reminder.person, key=f'{os.getpid()}:{reminder.key}'))\n"
        "print(reminders.sweep(timezone.now()))"
    )
    sweeps = [installation.start(sweep) for _ in range(3)]
    written = [int(installation.finish(process)) for process in sweeps]
    assert (sum(written), installation.run("print(Message.objects.count())")) == (40, "40")


def test_the_same_key_from_two_processes_is_one_mail(data_dir):
    installation = Installation(data_dir)
    puts = [installation.start(PUT_MAILS.format(20)) for _ in range(2)]
    for process in puts:
        installation.finish(process)
    assert installation.run("print(Message.objects.count())") == "20"


def test_the_loop_delivers_without_a_broker_and_stops_on_sigterm(sink, data_dir):
    installation = Installation(data_dir, sink.port)
    installation.run(PUT_MAILS.format(3))
    loop = installation.start(
        "from django.core.management import call_command\ncall_command('outbox', '--loop', '--every', '0.2')"
    )
    assert eventually(lambda: installation.run(PRINT_STATES) == "sent sent sent")
    loop.send_signal(signal.SIGTERM)
    assert installation.finish(loop) == ""
    heartbeats = (
        "from notifications.models import Heartbeat\nprint(*Heartbeat.objects.values_list('name', flat=True))\n"
    )
    assert installation.run(heartbeats + PRINT_STATES) == "outbox\nsent sent sent"


WAKE_FOR_EACH_LINE = """
import signal
signal.alarm(90)  # fails a test that would wait for ever
for line in sys.stdin:
    wake._quiet_until = 0
    start = time.monotonic()
    wake.wake_worker()
    print("accepted" if wake._quiet_until == 0 else "refused", time.monotonic() - start < float(line), flush=True)
"""
PRINT_BROKER_COMMAND = "import json\nfrom operations import broker\n"
PRINT_BROKER_COMMAND += "print(json.dumps(broker.command(broker.program(), settings.DATA_DIR)))"


def wake(process, *, seconds):
    """Wake a worker from that process. Return whether the broker accepted the task and whether it was quick enough."""
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_waking_takes_no_time_without_a_broker_and_a_second_with_a_frozen_one(data_dir):
    installation = Installation(data_dir)
    waker = installation.start(WAKE_FOR_EACH_LINE)
    assert wake(waker, seconds=5) == "refused True"  # the first one also loads the client
    assert wake(waker, seconds=0.5) == "refused True"
    server = subprocess.Popen(json.loads(installation.run(PRINT_BROKER_COMMAND)), stdout=subprocess.DEVNULL)
    try:
        assert eventually(lambda: wake(waker, seconds=1) == "accepted True")
        server.send_signal(signal.SIGSTOP)
        assert wake(waker, seconds=2.5) == "refused True"
        assert wake(waker, seconds=2.5) == "refused True"
        server.send_signal(signal.SIGCONT)
        assert eventually(lambda: wake(waker, seconds=1) == "accepted True")
    finally:
        server.kill()
        server.wait()
    installation.finish(waker)


def eventually(condition):
    """Wait until the condition is true, for up to twenty seconds."""
    ends = time.monotonic() + 20
    while not (answer := condition()) and time.monotonic() < ends:
        time.sleep(0.1)
    return answer
