"""Two web machines, two workers and beat, each with its own disk: one school, one session, one mail each."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest
from celery import Celery

from observations.tests.factories import a_jpeg
from observations.tests.photos.s3 import running_store
from school.tests.factories import PASSWORD

from .machines import SHARED, Machine, Visitor, prepare, redis
from .services_plugin import ROOT, wait_until

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]
WORDS = "I noticed every table held up the answer and how"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """What the machines share: database, broker, photo store."""
    sys.path.insert(0, str(ROOT / "scripts"))
    from postgres import Postgres

    with running_store() as store, Postgres() as database, redis(tmp_path_factory.mktemp("redis")) as url:
        yield SimpleNamespace(store=store, database=database.url, redis=url)


@pytest.fixture
def site(services, smtp, tmp_path):
    """The running machines `a` and `b`, with what is in their school."""
    shared = {
        "DATABASE_URL": services.database,
        "REDIS_URL": services.redis,
        "EMAIL_URL": smtp.url,
        **services.store.environment,
        **SHARED,
    }
    a, b = machines = [Machine(tmp_path / name, shared) for name in "ab"]
    facts = prepare(machines)
    for machine in machines:
        machine.start_web()
        machine.start_worker()
    wait_until(lambda: a.answers() and b.answers(), within=90)
    yield SimpleNamespace(a=a, b=b, sink=smtp.sink, **vars(services), **facts)
    with ThreadPoolExecutor() as pool:
        list(pool.map(Machine.stop, machines))


def test_a_school_on_two_machines(site):
    amara = Visitor(site.walker)
    a_session_and_its_limits_hold_on_both_machines(site, amara)
    a_photo_is_shown_and_removed_on_both_machines(site, amara)
    each_mail_is_sent_once(site, amara)
    a_second_beat_is_harmless(site, amara)
    the_container_health_check_works(site)
    no_data_is_kept_on_local_disk(site)
    the_logs_are_json_and_private(site)


def a_session_and_its_limits_hold_on_both_machines(site, amara):
    assert amara.sign_in(site.a, PASSWORD)[0] == 200
    assert amara.get(site.b, "/me/")[2] == f"{site.b.address}/me/"
    guesses = Visitor(site.hosts[0])
    tries = [guesses.sign_in(machine, "wrong") for machine in (site.a, site.b, site.a, site.b, site.a, site.b)]
    limited = [b"That was five tries." in page for _status, page, _url in tries]
    assert limited == [False] * 5 + [True]
    assert b"That was five tries." in guesses.sign_in(site.a, PASSWORD)[1]
    amara.post(site.b, "/sign-out/", {})
    assert amara.get(site.a, "/me/")[2] == f"{site.a.address}/sign-in/?next=/me/"
    amara.sign_in(site.b, PASSWORD)


def a_photo_is_shown_and_removed_on_both_machines(site, amara):
    photo, room = "0f8fad5b-d9cb-469f-a165-70867728950e", f"/walks/{site.walk}/go/{site.stops[0]}"
    files = [("photos", "IMG_1.jpg", a_jpeg().read())]
    assert amara.post(site.a, f"{room}/photos/", {"photo_id": photo}, files, **{"X-Upload": "1"})[0] == 201
    shown = [amara.get(machine, f"/photos/{photo}/") for machine in (site.a, site.b)]
    assert [status for status, _bytes, _url in shown] == [200, 200]
    assert shown[0][1] == shown[1][1] == stored(site)
    assert amara.post(site.b, f"/photos/{photo}/delete/", {}, **{"X-Upload": "1"})[0] == 200
    assert [amara.get(machine, f"/photos/{photo}/")[0] for machine in (site.a, site.b)] == [404, 404]


def stored(site):
    return site.store.client.get_object(Bucket=site.store.bucket, Key=site.store.names[0])["Body"].read()


def praise(site, amara, machine, n):
    """Write and send praise."""
    page = f"/walks/{site.walk}/praise/{site.stops[n]}/"
    assert amara.post(machine, page, {"text": f"{WORDS}.", "action": "send"})[0] == 200


def a_minute_later(site):
    """Make every mail a minute older, so that none can be undone any more."""
    with psycopg.connect(site.database.replace("postgres://", "postgresql://"), autocommit=True) as database:
        earlier = "- interval '1 minute'"
        database.execute(f"UPDATE notifications_message SET due_at = due_at {earlier}, next_try = next_try {earlier}")
        database.execute(f"UPDATE observations_praise SET sent_at = sent_at {earlier}")


def wake_workers(site, times):
    """Send several tasks at once, so that both workers get one."""
    with Celery(broker=site.redis, set_as_current=False) as broker:
        for _n in range(times):
            broker.send_task("notifications.deliver", ignore_result=True)


def each_mail_is_sent_once(site, amara):
    site.sink.seconds = 0.5  # so that several senders read the same list of mails
    praise(site, amara, site.a, 0)
    praise(site, amara, site.b, 1)
    a_minute_later(site)
    wake_workers(site, 6)
    wait_until(lambda: len(praised(site)) >= 2, within=60)
    assert praised(site) == sorted(site.hosts[:2])


def a_second_beat_is_harmless(site, amara):
    praise(site, amara, site.a, 2)
    praise(site, amara, site.b, 3)
    a_minute_later(site)
    site.a.start_beat()
    site.b.start_beat()
    wait_until(lambda: sweeps(site) >= 2 and len(praised(site)) >= 4, within=60)
    site.a.running["beat"].kill()
    site.a.running.pop("beat").wait(10)
    assert (site.b.running["beat"].poll(), praised(site)) == (None, sorted(site.hosts))


def praised(site):
    """Return who got praise; on some dates beat also reminds people of their walk."""
    return sorted(address for address, mail in site.sink.received if b"Subject: Amara visited" in mail)


def sweeps(site):
    """Return how many tasks of beat the workers have done."""
    done = "Task notifications.sweep_outbox"
    return sum(line["message"].startswith(done) for machine in (site.a, site.b) for line in machine.lines("worker"))


def the_container_health_check_works(site):
    """Run the image's HEALTHCHECK, under the site's own name."""
    probe = [sys.executable, str(ROOT / "scripts" / "probe.py")]
    variables = {"PORT": str(site.a.port), "SITE_URL": site.a.environment["SITE_URL"]}
    with_wrong_port = variables | {"PORT": "9"}
    assert [subprocess.run(probe, env=env, capture_output=True).returncode for env in (variables, with_wrong_port)] == [
        0,
        1,
    ]


def no_data_is_kept_on_local_disk(site):
    kept = {
        "serving.lock",
        "tmp",  # request bodies while they arrive
        "beat-schedule",
        "beat-schedule.db",
        "beat-schedule.dat",
        "beat-schedule.dir",
        "beat-schedule.bak",
    }
    assert (site.a.files() | site.b.files()) - kept == set()


def the_logs_are_json_and_private(site):
    logs = [(machine, name) for machine in (site.a, site.b) for name in ("web", "worker", "beat")]
    everything = "".join(machine.logged(name) for machine, name in logs)
    requests = [line for machine in (site.a, site.b) for line in machine.lines("web") if line.get("route") == "me"]
    done = [line for machine in (site.a, site.b) for line in machine.lines("worker") if "task" in line]
    assert {line["status"] for line in requests} == {200, 302}
    assert all(line["request"] for line in requests) and len({line["task"] for line in done}) >= 6
    assert [word for word in (WORDS, "answer", "/walks/", site.walker, PASSWORD) if word in everything] == []
