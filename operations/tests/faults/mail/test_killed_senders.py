"""Senders and the mail server are killed while praise is sent: no mail is lost silently or sent twice automatically."""

import itertools
import json
import random
import time
from collections import Counter

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import IMPORT_PEOPLE, end, figure

pytestmark = pytest.mark.services
SETTLE = """
while Message.objects.filter(state__in=["queued", "sending"]).exists():
    delivery.sweep(later)
    later += dt.timedelta(minutes=11)
"""
PRINT_OUTCOMES = "import json\nprint(json.dumps(list(Message.objects.values_list('message_id', 'state', 'about'))))"
DOUBTS = """
from django.test import Client
from observations.models import Praise
from django.urls import reverse
settings.ALLOWED_HOSTS = ["testserver"]
offered = 0
for message in Message.objects.filter(state="unknown"):
    praise = Praise.objects.get(pk=message.about.split(":")[1])
    client = Client()
    client.force_login(praise.author)
    page = client.get(reverse("observations:praise", args=[praise.stop.walk_id, praise.stop_id])).content.decode()
    offered += "It arrived" in page and "Send again" in page
print(offered)
"""


def kill_repeatedly(site, mail_server):
    """Kill one sender after the other, and sometimes the mail server; restart each at once."""
    senders = [site.loop() for _ in range(3)]
    time.sleep(2)
    every = max(SIZES.sender_kills // (SIZES.mail_server_kills + 1), 1)
    for kill in itertools.count(1):
        time.sleep(random.uniform(0.2, 0.8))
        number = kill % len(senders)
        end(senders[number])
        senders[number] = site.loop()
        if kill % every == 0 and kill // every <= SIZES.mail_server_kills:
            end(mail_server.pid)
            mail_server.start()
        if kill == SIZES.sender_kills:
            break
    for sender in senders:
        end(sender)


def test_no_mail_is_lost_or_sent_twice_if_senders_and_the_mail_server_are_killed(site, mail_server):
    site.run(IMPORT_PEOPLE + f"people.send_praises({SIZES.praises})")
    server = mail_server(seconds=0.3, lose=20)
    kill_repeatedly(site, server)
    under_way = len(server.accepted)
    assert 0 < under_way < SIZES.praises  # the kills happened while mails were being sent
    site.run(SETTLE)
    accepted, outcomes = Counter(server.accepted), json.loads(site.run(PRINT_OUTCOMES))
    states = Counter(state for _name, state, about in outcomes if about.startswith("praise:"))
    lost = [name for name, state, _about in outcomes if state == "sent" and not accepted[name]]
    twice = [name for name, times in accepted.items() if times > 1]
    assert (sum(states.values()), lost, twice) == (SIZES.praises, [], [])
    assert set(states) <= {"sent", "failed", "unknown"}
    assert int(site.run(DOUBTS)) == states["unknown"] > 0
    arrived = sum(1 for name, state, _about in outcomes if state == "unknown" and accepted[name])
    kills = f"{SIZES.sender_kills} kills of senders, {SIZES.mail_server_kills} of the mail server"
    figure(f"{SIZES.praises} praises, {kills}: lost silently", len(lost), 0)
    figure("… sent twice automatically", len(twice), 0)
    figure("… of unknown delivery, shown on the author's page", f"{states['unknown']} ({arrived} had arrived)", "any")
