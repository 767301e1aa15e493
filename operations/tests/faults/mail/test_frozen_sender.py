"""A sender frozen for longer than its lease sends nothing when it wakes, and a sender that must stop stops cleanly."""

import os
import signal
import time

import pytest

from operations.tests.faults.tools import IMPORT_PEOPLE, alive, figure
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
PUT_MAILS = IMPORT_PEOPLE + "for number in range({0}): a_message(people.hosts()[0], key=f'm:{{number}}', now=now)\n"
FROZEN = """
from notifications.sending import transports
send_envelope = transports.SmtpTransport._send_envelope
def stop_here(self, server, mail):
    refused = send_envelope(self, server, mail)
    Path(settings.DATA_DIR, "at-the-fence").touch()
    while not Path(settings.DATA_DIR, "go-on").exists(): time.sleep(0.05)
    return refused
transports.SmtpTransport._send_envelope = stop_here
print("tried", delivery.sweep(now), flush=True)
"""
LEASE_OVER = "Message.objects.filter(state='sending').update(lease_until=now)"
PRINT_STATE_AND_ATTEMPTS = "print(*Message.objects.values_list('state', 'attempts').get())"


def test_a_sender_that_wakes_after_its_lease_sends_nothing(site, mail_server):
    server = mail_server()
    site.run(PUT_MAILS.format(1))
    sender = site.spawn(FROZEN)
    wait_until((site.folder / "at-the-fence").exists)
    os.kill(sender, signal.SIGSTOP)
    site.run(LEASE_OVER)  # as after three minutes
    site.run("delivery.sweep(now)")
    assert (site.run(PRINT_STATE_AND_ATTEMPTS), len(server.accepted)) == ("sent 2", 1)
    (site.folder / "go-on").touch()
    os.kill(sender, signal.SIGCONT)
    wait_until(lambda: "tried" in site.output())
    assert (site.run(PRINT_STATE_AND_ATTEMPTS), len(server.accepted)) == ("sent 2", 1)
    figure("a frozen sender that wakes late: mails it sends", 0, 0)


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize("kind", ["loop", pytest.param("worker", marks=pytest.mark.long), "beat"])
def test_a_sender_asked_to_stop_finishes_its_current_mail_and_leaves_the_rest(site, mail_server, kind):
    server = mail_server(seconds=0.5)
    if kind == "worker":
        site.broker()
    site.run(PUT_MAILS.format(40))
    sender = getattr(site, kind)()
    if kind == "worker":
        wait_until(lambda: site.run("wake.wake_worker()\nprint(wake._quiet_until == 0)") == "True")
    wait_until(lambda: len(server.accepted) > 2)
    os.kill(sender, signal.SIGTERM)
    started = time.monotonic()
    wait_until(lambda: not alive(sender), within=20)
    states = site.states()
    assert time.monotonic() - started < 15
    assert set(states) == {"sent", "queued"}
    assert states.count("sent") == len(server.accepted)
