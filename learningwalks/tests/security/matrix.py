"""How the access matrix asks: every address of the resolver, with ids of the world, as each persona."""

import re
from contextlib import contextmanager
from http.cookies import SimpleCookie

import time_machine
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse

from accounts.tests import addresses as account_pages
from notifications.tests import addresses as mail_pages
from observations.tests import addresses as observation_pages
from school.tests import addresses as settings_pages
from school.tests.access import SIGNED_IN, SIGNED_OUT
from walks.tests import addresses as walk_pages

from . import addresses as pages
from .world import NOW, undone

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
UNNAMED = re.compile(r"<path:(\w+)>|\(\?P<(\w+)>\.\*\)\$")  # a parameter in the route of a pattern without a name
PARTS = (pages, account_pages, observation_pages, walk_pages, mail_pages, settings_pages)
# What an address is about; each has its own series of objects, in the order of the answers in a row.
SERIES = walk_pages.SERIES | observation_pages.SERIES


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
    if parameter == "stop_id":
        return world.stops[which][0].pk
    if parameter in SERIES:
        return _joined("objects", world)[parameter][which].pk
    return _others(world)[parameter]


def _others(world):
    """Ids of what is in no series; looked up once for a world."""
    if not hasattr(world, "others"):
        world.others = _joined("ids", world)
    return world.others


def _joined(function, *given):
    """What every app's addresses.py answers to this, in one dictionary."""
    found = {}
    for part in PARTS:
        if hasattr(part, function):
            found |= getattr(part, function)(*given)
    return found


def typed(world, name, which):
    """What a person would send there: enough to reach the rule behind the form."""
    return _joined("forms", world, which).get(name, {})


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


ADDRESSES = {name: parameters for name, parameters, _route in addresses()}
LISTED = {}  # the addresses of each row
for one in ADDRESSES:
    LISTED.setdefault(listed_as(one), []).append(one)
TABLE = [row for part in PARTS for row in part.ROWS]


def times(row, persona):
    """What this persona asks: the walker about everything that the row tells apart; others about one of each answer.

    Which one is taken by turns.
    """
    numbers, names = row.answers[persona], LISTED[row.name]
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
