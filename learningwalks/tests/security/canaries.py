"""Search every page, file and mail for the private words of the world, as each persona."""

import io
import re
import zipfile
from html import unescape
from urllib.parse import urlsplit

import time_machine
from django.urls import reverse

from notifications.models import Message

from .matrix import ADDRESSES, SERIES, TABLE, address, row_name
from .world import NOW, rolled_back

CANARY = re.compile(r"qz([a-z-]+?)zq")
LINK = re.compile(r"""(?:href|src|action|hx-get)=["']([^"'#]+)""")
PAGES_OF_ONE_KIND = 2  # pages that differ only in their query or id; opening all of them would take too long
LISTS = ("/admin/", "/settings/", "/people/", "/report/excuse/")
NOT_FOLLOWED = ("/static/", "/sign-out/", "/account/", "/sign-in/", "/admin/logout/", "/admin/jsi18n/")


def words_found_by(world, persona, *, at=NOW, walks=None, pages=None):
    """Return the private words that this persona can find, and the page on which each was found first.

    Add the path and HTML of every page to the list `pages`, if there is one.
    """
    client = world.clients[persona]
    found = {}
    done = {}
    waiting = [*_all_pages(world, walks or world.walks), "/", *(["/admin/"] if persona == "superuser" else [])]
    while waiting:
        url = waiting.pop(0)
        path = urlsplit(url).path
        kind = re.sub(r"\d+", "#", path) if path.startswith(LISTS) else path
        if url in done.setdefault(kind, []) or len(done[kind]) >= PAGES_OF_ONE_KIND or path.startswith(NOT_FOLLOWED):
            continue
        done[kind].append(url)
        with time_machine.travel(at, tick=False), rolled_back():
            response = client.get(url)
            content = b"".join(response.streaming_content) if response.streaming else response.content
        if pages is not None and "html" in response["Content-Type"]:
            pages.append((path, content.decode()))
        text = as_text(content, response)
        for name in CANARY.findall(text):
            found.setdefault(name, url)
        if response.status_code in (301, 302):
            waiting.append(response.url)
        elif response["Content-Type"].startswith("text/html"):
            waiting += [link for link in map(unescape, LINK.findall(text)) if _is_internal(link)]
    return found


def _is_internal(link):
    return link.startswith("/") and not link.startswith("//")


def as_text(content, response=None):
    """Return all text of a response: its headers, and its page or the files of its archive. Unfold calendar lines."""
    headers = str(dict(response.headers)) if response is not None else ""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return headers + "".join(as_text(archive.read(name)) for name in archive.namelist())
    return headers + content.decode("utf-8", "replace").replace("\r\n ", "")


def _all_pages(world, walks):
    """Yield every page with every id, whether or not a link leads there."""
    readable = {row.name for row in TABLE if row.method == "GET"} - {"observations:finish"}
    for name, parameters in ADDRESSES.items():
        if row_name(name) not in readable or name.startswith(("admin:", "/admin", "account_", "mfa_", "/account")):
            continue
        if "stop_id" in parameters and name not in ("observations:room", "observations:praise"):
            continue  # these only redirect to the room
        yield from _pages_of_objects(world, name, parameters, walks)


def _pages_of_objects(world, name, parameters, walks):
    if "stop_id" in parameters:
        for walk in walks:
            for stop in world.stops[walk]:
                yield reverse(name, kwargs={"walk_id": stop.walk_id, "stop_id": stop.pk})
    elif "walk_id" in parameters:
        yield from (address(world, name, parameters, walk) for walk in walks)
    elif set(parameters) & set(SERIES):
        objects = {"photo_id": world.photos, "praise_id": world.praises}[parameters[0]]
        yield from (address(world, name, parameters, which) for which in objects)
    elif "person_id" in parameters:
        yield from (reverse(name, kwargs={"person_id": person.pk}) for person in world.people.values())
    else:
        yield address(world, name, parameters, "")


def words_in_mails(world):
    """Return the private words in mails, sent or waiting, with their recipients."""
    names = {person.pk: name for name, person in world.people.items()}
    found = {}
    for mail in Message.objects.all():
        parts = (mail.key, mail.subject, mail.body_text, mail.body_html, mail.calendar_text, mail.from_name, mail.about)
        for name in CANARY.findall("\n".join(parts).replace("\r\n ", "")):
            found.setdefault(name, set()).add(names[mail.recipient_id])
    return found


def private_forms(world, text):
    """Return every form that takes private words, filled in: persona, URL, data."""
    stop, other = world.stops["live"][0], world.stops["walked"][1]
    room_url, praise_url = f"/walks/{stop.walk_id}/go/{stop.pk}", f"/walks/{other.walk_id}/praise/{other.pk}/"
    asked, requested = world.walks["asked"], world.walks["requested"]
    return [
        ("walker", f"{room_url}/note/", {"text": text}),
        ("walker", f"{room_url}/note/", {"text": text * 1000}),
        ("walker", f"/photos/{world.photos['live'].pk}/describe/", {"description": text}),
        ("walker", f"{praise_url}autosave/", {"text": text}),
        ("walker", praise_url, {"text": text * 1000}),
        ("walker", praise_url, {"text": text}),
        ("walker", f"/walks/{other.walk_id}/takeaway/", {"text": text}),
        ("walker", f"/walks/{other.walk_id}/takeaway/", {"text": text * 100}),
        ("walker", "/walks/new/", {"op": "draft", "date": "2026-11-13", "period": asked.period_id, "own_focus": text}),
        ("walker", f"/walks/{asked.pk}/reply/", {"words": text}),
        ("head", f"/approvals/{requested.pk}/ask/", {"words": text}),
        ("stranger", f"{room_url}/note/", {"text": text}),
        ("anonymous", praise_url, {"text": text}),
    ]
