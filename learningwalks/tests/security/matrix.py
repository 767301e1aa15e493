"""The requests of the access matrix: every URL of the resolver, with ids of the world, as each persona."""

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
from .world import NOW, rolled_back

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
UNNAMED = re.compile(r"<path:(\w+)>|\(\?P<(\w+)>\.\*\)\$")  # the parameter of a pattern without a name
PARTS = (pages, account_pages, observation_pages, walk_pages, mail_pages, settings_pages)
# What a URL is about. Each has a series of objects, in the order of the answers in a row.
SERIES = walk_pages.SERIES | observation_pages.SERIES


def addresses(resolver=None, namespace="", route=""):
    """Yield every (name, parameters, route) of the resolver. A pattern without a name is identified by its route."""
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


def row_name(name):
    """Return the row of a URL: Django's admin has the same five pages for every model."""
    name = re.sub(r"^admin:[a-z]+_[a-z]+_(changelist|add|history|delete|change)$", r"admin:*_\1", name)
    return re.sub(r"^/admin/[a-z]+/[a-z]+/<", "/admin/*/<", name)


def _groups(route):
    return re.findall(r"\(\?P<(\w+)>", route)


def series_of(parameters):
    """Return the series of objects that a URL can be about, or one nameless object."""
    return next((SERIES[name] for name in parameters if name in SERIES), ("",))


def address(world, name, parameters, which):
    """Return the URL for this object of its series."""
    if name.startswith("/"):
        return UNNAMED.sub(lambda found: _value(world, found[1] or found[2], which), name)
    return reverse(name, kwargs={parameter: _value(world, parameter, which) for parameter in parameters})


def url_of_missing_object(world, name, parameters, which):
    """Return the same URL with ids that do not exist."""
    values = {parameter: str(_value(world, parameter, which)) for parameter in parameters}
    for parameter in set(values) & {*SERIES, "stop_id", "person_id", "practice_id", "door_id", "row_id"}:
        is_uuid = "-" in values[parameter]
        values[parameter] = re.sub("[0-9a-f]", "9", values[parameter]) if is_uuid else "999999"
    return reverse(name, kwargs=values)


def _value(world, parameter, which):
    if parameter == "stop_id":
        return world.stops[which][0].pk
    if parameter in SERIES:
        return _merged("objects", world)[parameter][which].pk
    return _others(world)[parameter]


def _others(world):
    """Return ids of objects outside all series, looked up once per world."""
    if not hasattr(world, "others"):
        world.others = _merged("ids", world)
    return world.others


def _merged(function, *given):
    """Merge what every app's addresses.py returns for this function."""
    found = {}
    for part in PARTS:
        if hasattr(part, function):
            found |= getattr(part, function)(*given)
    return found


def form_data(world, name, which):
    """Return form data that is valid enough to reach the rule behind the form."""
    return _merged("forms", world, which).get(name, {})


def request_as(world, persona, method, url, data=None):
    """Send one request at NOW, and roll back whatever it does."""
    client = world.clients[persona]
    cookies = client.cookies.output(header="", sep=";")
    with time_machine.travel(NOW, tick=False), rolled_back():
        sent = {"csrfmiddlewaretoken": "x", **(data or {})} if method == "POST" else {}
        response = getattr(client, method.lower())(url, sent)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
    client.cookies = SimpleCookie(cookies)
    return response


def missing_headers(response, *, signed_in):
    """Return the security headers that the response lacks or has with another value."""
    policy = response.get("Content-Security-Policy", "")
    wanted = {
        "nosniff": response.get("X-Content-Type-Options") == "nosniff",
        "frames": "frame-ancestors 'none'" in policy,
        "policy": "unsafe" not in policy and "default-src 'none'" in policy,
        "referrer": response.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "no-store": not signed_in or "no-store" in response.get("Cache-Control", ""),
    }
    return [name for name, fine in wanted.items() if not fine]


@contextmanager
def recorded_writes():
    """Record the statements that change rows (except sessions)."""
    found = []

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if WRITES.match(sql) and "django_session" not in sql and context["cursor"].rowcount != 0:
            found.append(sql)
        return result

    with connection.execute_wrapper(watch):
        yield found


ADDRESSES = {name: parameters for name, parameters, _route in addresses()}
URLS_BY_ROW = {}  # the URLs of each row
for url_name in ADDRESSES:
    URLS_BY_ROW.setdefault(row_name(url_name), []).append(url_name)
TABLE = [row for part in PARTS for row in part.ROWS]


def requests_for(row, persona):
    """Return what to request as this persona: URL name, object and expected status.

    The walker requests all objects of the row, others one object for each expected status. Which one rotates over the
    personas.
    """
    numbers = row.answers[persona]
    names = URLS_BY_ROW[row.name]
    turn = TABLE.index(row) + [*SIGNED_IN, *SIGNED_OUT].index(persona)
    if persona == "superuser":
        names = names if row.name == "admin:*_changelist" else names[:1]
    else:
        names = [names[turn % len(names)]]
    series = series_of(ADDRESSES[names[0]])
    chosen = list(zip(series, numbers * len(series) if len(numbers) == 1 else numbers, strict=True))
    if persona != "walker" or len(set(numbers)) == 1:
        groups = [[pair for pair in chosen if pair[1] == number] for number in dict.fromkeys(numbers)]
        chosen = [group[turn % len(group)] for group in groups]
    return [(name, which, status) for name in names for which, status in chosen]
