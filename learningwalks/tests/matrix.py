"""How the access matrix asks: every address of the resolver, with ids of the world, as each persona."""

import re
from collections import namedtuple
from contextlib import contextmanager
from http.cookies import SimpleCookie

import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse

from notifications import preferences
from school.models import Room
from school.tests.factories import known
from walks.models import Practice

from .access_rows import ROWS
from .world import NOW, STATES, undone

SIGNED_IN = (
    "walker", "host", "second_host", "colleague", "head", "other_head", "administrator", "admin_walker", "keeper",
    "stranger", "strange_admin",
)  # fmt: skip
SIGNED_OUT = ("anonymous", "left")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
UNNAMED = re.compile(r"<path:(\w+)>|\(\?P<(\w+)>\.\*\)\$")  # a parameter in the route of a pattern without a name
# What an address is about; each has its own series of objects, in the order of a row's numbers.
SERIES = {
    "walk_id": STATES,
    "note_id": ("live", "walked", "complete", "removed"),
    "photo_id": ("live", "walked", "complete", "kept"),
    "praise_id": ("draft", "walked", "complete", "in_person"),
    "takeaway_id": ("complete",),
}


def addresses(resolver=None, namespace="", route=""):
    """Every (name, parameters, route) of the resolver; a pattern without a name is known by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield (
                namespace + pattern.name if pattern.name else f"/{here}",
                tuple(pattern.pattern.converters or _groups(here)),
                here,
            )
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, here)


def listed_as(name):
    """The row an address belongs to: Django's admin has the same five pages for every model."""
    name = re.sub(r"^admin:[a-z]+_[a-z]+_(changelist|add|history|delete|change)$", r"admin:*_\1", name)
    return re.sub(r"^/admin/[a-z]+/[a-z]+/<", "/admin/*/<", name)


def _groups(route):
    return re.findall(r"\(\?P<(\w+)>", route)


def series_of(parameters):
    """The objects an address can be about; one nameless object when it is about none of the series."""
    return next((SERIES[name] for name in parameters if name in SERIES), ("",))


def address(world, name, parameters, which):
    """The address about this object of its series."""
    if name.startswith("/"):
        return UNNAMED.sub(lambda found: _value(world, found[1] or found[2], which), name)
    return reverse(name, kwargs={parameter: _value(world, parameter, which) for parameter in parameters})


def nowhere(world, name, parameters, which):
    """The same address with ids that nothing has."""
    values = {parameter: str(_value(world, parameter, which)) for parameter in parameters}
    for parameter in set(values) & {*SERIES, "stop_id", "person_id", "practice_id", "row_id"}:
        is_uuid = "-" in values[parameter]
        values[parameter] = re.sub("[0-9a-f]", "9", values[parameter]) if is_uuid else "999999"
    return reverse(name, kwargs=values)


def _value(world, parameter, which):
    if parameter == "walk_id":
        return world.walks[which].pk
    if parameter == "stop_id":
        return world.stops[which][0].pk
    if parameter in SERIES:
        return {
            "note_id": world.notes, "photo_id": world.photos, "praise_id": world.praises,
            "takeaway_id": world.takeaways,
        }[parameter][which].pk  # fmt: skip
    return _others(world)[parameter]


def _others(world):
    """Ids of what is in no series; looked up once for a world."""
    if not hasattr(world, "others"):
        world.others = _look_up(world)
    return world.others


def _look_up(world):
    token = (
        preferences.unsubscribe_url(world.people["walker"].pk, preferences.kinds(world.people["walker"])[0].name)
        .rstrip("/")
        .rpartition("/")[2]
    )
    return {
        "person_id": world.people["host"].pk,
        "kind": "rooms",
        "practice_id": Practice.objects.filter(school=world.school).latest("pk").pk,
        "row_id": Room.objects.filter(school=world.school).latest("pk").pk,
        "token": token,
        "name": "20261111.eml",
        "key": "abc",
        "uidb36": "1",
        "object_id": "999999",
        "content_type_id": str(ContentType.objects.get_by_natural_key("school", "team").pk),
        "app_label": "school",
        "url": "nowhere/",
    }


def typed(world, name, which):
    """What a person would send there: enough to reach the rule behind the form."""
    stop = world.stops[which][0].pk if which in world.stops else ""
    return {
        "walks:reply": {"words": "Thursday is fine."},
        "walks:excuse": {"reason": "on leave"},
        "walks:adjust": {"date": "2026-11-13", "period": world.walks["draft"].period_id, "stop": _rooms(world)},
        "walks:ask_change": {"words": "Could you add a room?"},
        "walks:new": {"op": "draft", "date": "2026-11-13", "period": world.walks["draft"].period_id},
        "walks:edit": {"op": "draft"},
        "walks:approve_all": {"walk": [f"{walk.pk}:{walk.calendar_sequence}" for walk in world.walks.values()]},
        "observations:save_note": {"text": "Every table held up the answer."},
        "observations:add_room": {"room": known(world.school, Room, code="208").pk},
        "observations:log": {"visited": [stop], "date": "2026-11-10", "time": "08:00", "minutes": "20"},
        "observations:takeaway": {"text": "Boards"},
        "observations:outcome": {"outcome": "tried"},
        "observations:praise": {"text": "Thank you for the boards, Jonas.", "action": "save"},
        "observations:autosave_praise": {"text": "Thank you"},
        "observations:said_in_person": {"text": ""},
        "observations:delivery": {"arrived": "yes"},
        "observations:describe_photo": {"description": "Boards"},
        "me": {"theme": "dark"},
    }.get(name, {})


def _rooms(world):
    return [known(world.school, Room, code=code).pk for code in ("204", "206")]


def ask(world, persona, method, url, data=None):
    """One request at NOW; whatever it does is undone."""
    client = world.clients[persona]
    cookies = client.cookies.output(header="", sep=";")
    with time_machine.travel(NOW, tick=False), undone():
        sent = {"csrfmiddlewaretoken": "x", **(data or {})} if method == "POST" else {}
        response = getattr(client, method.lower())(url, sent)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
    client.cookies = SimpleCookie(cookies)
    return response


@contextmanager
def written():
    """The statements that changed rows (of anything but sessions) meanwhile."""
    found = []

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if WRITES.match(sql) and "django_session" not in sql and context["cursor"].rowcount != 0:
            found.append(sql)
        return result

    with connection.execute_wrapper(watch):
        yield found


GROUPS = {
    "teachers": ["walker", "host", "second_host", "colleague", "stranger"],
    "heads": ["head", "other_head"],
    "admins": ["administrator", "admin_walker", "keeper"],
    "signed out": list(SIGNED_OUT),
}
ADDRESSES = {name: parameters for name, parameters, _route in addresses()}
LISTED = {}  # the addresses of each row
for one in ADDRESSES:
    LISTED.setdefault(listed_as(one), []).append(one)
Row = namedtuple("Row", "name method expected")


def rows():
    """The table as (name, method, {persona: numbers})."""
    found, name, method = {}, "", ""
    for line in ROWS.strip().splitlines():
        rest = line[42:].strip()
        method = line[37:42].strip() or method
        if not line.startswith(" "):
            name, method, rest = line.split(None, 2)
        who, numbers = re.split(r"\s{2,}", rest)
        said = found.setdefault((name, method), {})
        for one in who.split(", "):
            said.update(dict.fromkeys(GROUPS.get(one, [one]), numbers.split()))
    return [Row(*key, _everybody(said)) for key, said in found.items()]


def _everybody(said):
    others = said.pop("others", None)
    return {**{p: others for p in SIGNED_IN if others}, **{p: ["in"] for p in SIGNED_OUT}, **said}


TABLE = rows()


def times(row, persona):
    """What this persona asks: the walker about everything that the row tells apart; others about one of each answer.

    Which one is taken by turns.
    """
    numbers, names = row.expected[persona], LISTED[row.name]
    turn = TABLE.index(row) + [*SIGNED_IN, *SIGNED_OUT].index(persona)
    if persona == "keeper":
        names = names if row.name == "admin:*_changelist" else names[:1]
    else:
        names = [names[turn % len(names)]]
    series = series_of(ADDRESSES[names[0]])
    chosen = list(zip(series, numbers * len(series) if len(numbers) == 1 else numbers, strict=True))
    if persona != "walker" or len(set(numbers)) == 1:
        alike = [[one for one in chosen if one[1] == number] for number in dict.fromkeys(numbers)]
        chosen = [those[turn % len(those)] for those in alike]
    return [(name, *one) for name in names for one in chosen]
