"""The disk is full: text stays on the page, nothing is stored in part, and free space is enough to recover.

A file size limit of zero on the running web server (prlimit) acts like a full disk, without mounts.
"""

import json
import os
import resource
import uuid
from pathlib import Path

import pytest
from django.db import connection

from observations.tests.photos.photo_files import encoded, quarters
from operations.tests.faults.tools import IMPORT_PEOPLE, figure
from operations.tests.services_plugin import wait_until

pytestmark = pytest.mark.services
COUNTS = """
from observations.models import Note, Photo, Praise, Takeaway
print(*(model.objects.count() for model in (Note, Photo, Praise, Takeaway, Message)))
"""
MORE = """
import json
walker = Person.objects.get(pk={walker})
request = people.a_request(walker.pk)
print(json.dumps({{"request": request, "email": walker.email, **people.signed_in(walker)}}))
"""
PRINT_SESSION_EXISTS = (
    "from django.contrib.sessions.models import Session\nprint(Session.objects.filter(session_key={key!r}).exists())"
)


def limit(group, size):
    """Let every process of this group write at most `size` bytes into a file."""
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            if os.getpgid(pid) == group:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        except ProcessLookupError:
            continue


def files(site):
    return [path for path in Path(site.folder, "media").rglob("*") if path.is_file()]


def submit_texts(person, walker):
    """Submit text on four pages and a photo. Return the responses."""
    walk, (stop, other, *_) = f"/walks/{walker['walk']}", walker["stops"]
    words, photo = {"text": "Every table <held> up"}, ("board.jpg", encoded(quarters()))
    ids = {"photo_id": uuid.uuid4()}
    return {
        "note": person.post(f"{walk}/go/{stop}/note/", words | {"note_id": uuid.uuid4()}),
        "praise": person.post(f"{walk}/praise/{stop}/", words | {"action": "send"}),
        "draft": person.post(f"{walk}/praise/{other}/", words | {"action": "save"}),
        "takeaway": person.post(f"{walk}/takeaway/", words),
        "photo": person.post(f"{walk}/go/{stop}/photos/", ids, file=photo, headers={"X-Upload": "1"}),
    }


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can do this to a running process")
def test_a_full_disk_loses_no_text_and_needs_no_restart(served):
    walker = served.people["walkers"][3]
    person = served.client(walker)
    draft = f"/walks/{walker['walk']}/praise/{walker['stops'][1]}/"
    kept = person.post(draft, {"action": "save", "text": "The timer"})  # "Saved" waits to be shown on the next page
    before, photos = served.run(COUNTS), files(served)
    limit(served.server, 0)
    reading = person.get("/walks/")
    full = submit_texts(person, walker)
    limit(served.server, resource.RLIM_INFINITY)
    assert (kept.status, reading.status, full["photo"].status, files(served)) == (302, 200, 422, photos)
    assert "There is no space for the photo right now" in full["photo"].text
    if connection.vendor == "sqlite":  # there the database is on the same disk
        pages = [full[name] for name in ("note", "praise", "draft", "takeaway")]
        assert [page.status for page in pages] == [422] * 4
        assert all("Every table &lt;held&gt; up" in page.text for page in pages)
        assert all("Your words are still here" in page.text for page in pages)
        assert served.run(COUNTS) == before
    again = submit_texts(served.client(walker), walker)
    assert [answer.status for answer in again.values()] == [302, 302, 302, 302, 201]
    assert len(files(served)) == len(photos) + 1
    refused = [answer for answer in full.values() if answer.status == 422]
    figure("full disk: forms that showed an error and kept the text, 5xx", f"{len(refused)}, 0", "any, 0")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can do this to a running process")
@pytest.mark.sqlite  # elsewhere the database is not on this disk
def test_on_a_full_disk_every_button_shows_an_error_and_keeps_the_text(served):
    more = json.loads(served.run(IMPORT_PEOPLE + MORE.format(walker=served.people["walkers"][2]["id"])))
    head, walker, stranger = served.client(served.people["heads"][0]), served.client(more), served.client()
    words = {"text": "Every table <held> up", "reason": "Every table <held> up"}
    pages = [head.get("/approvals/"), walker.get("/me/emails/"), stranger.get("/sign-in/")]
    assert {page.status for page in pages} == {200}
    limit(served.server, 0)
    kept = {
        "approve": head.post(f"/approvals/{more['request']}/approve/", words),
        "cancel": walker.post(f"/walks/{more['request']}/cancel/", words),
        "emails": walker.post("/me/emails/", words),
    }
    sign_in = stranger.post("/sign-in/", {"login": more["email"], "password": "a quiet pineapple"})
    sign_out = walker.post("/sign-out/")
    open_meanwhile = served.run(PRINT_SESSION_EXISTS.format(key=more["session"]))
    limit(served.server, resource.RLIM_INFINITY)
    assert {name: page.status for name, page in kept.items()} == dict.fromkeys(kept, 503)
    assert all("Every table &lt;held&gt; up" in page.text for page in kept.values())
    assert sign_in.status == 503
    assert "We can’t do that right now" in sign_in.text
    assert sign_in.seconds < 10  # it does not wait for a lock it cannot get
    assert sign_out.status == 503
    assert "You are signed out on this device" in sign_out.text
    assert open_meanwhile == "True"
    wait_until(lambda: served.run(PRINT_SESSION_EXISTS.format(key=more["session"])) == "False")
    assert head.post(f"/approvals/{more['request']}/approve/").status == 302
