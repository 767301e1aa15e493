"""One address makes the mail server hang: mails to everybody else are not delayed."""

import time

import pytest

from operations.tests.faults.sizes import SIZES
from operations.tests.faults.tools import IMPORT_PEOPLE, figure
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
CROWD = """
from notifications.tests.factories import a_message
who = people.hosts()[0]
for number in range({count}):
    a_message(who, key=f"crowd:{{number}}", now=now - dt.timedelta(hours=1) if not number else now)
Message.objects.filter(key="crowd:0").update(to_addr="stuck@fault.example")
"""


@pytest.mark.parametrize("sender", ["beat", pytest.param("loop", marks=pytest.mark.long)])
def test_an_address_at_which_the_server_hangs_delays_no_other_mail(site, mail_server, sender):
    server = mail_server(stuck="stuck@fault.example")
    site.run(IMPORT_PEOPLE + CROWD.format(count=SIZES.crowd))
    started = time.monotonic()
    getattr(site, sender)()  # there is neither broker nor worker, only beat
    wait_until(lambda: len(server.accepted) == SIZES.crowd - 1, within=70)
    waited = time.monotonic() - started
    assert waited < 60
    assert "stuck@fault.example" not in server.file.read_text()
    figure(
        f"one address hangs after DATA ({sender} alone): the other {SIZES.crowd - 1} left after",
        f"{waited:.0f} s",
        "<= 60 s",
    )
