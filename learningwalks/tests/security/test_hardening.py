"""Hostile input everywhere: it never becomes markup, a formula, a header, a right, a state or a redirect."""

import csv
import io
import random
import re
from functools import cache
from http.cookies import SimpleCookie

import pytest
import time_machine
from django.conf import settings as project
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from openpyxl import load_workbook

from notifications.models import Message
from notifications.sending import mime
from school.models import DayType, Grade, Hallway, Period, Person, Room, School
from school.tests.factories import row_of
from walks.mail import invitations
from walks.models import Practice, Walk
from walks.workflow import approval, transitions

from .matrix import ADDRESSES, TABLE, address, form_data, missing_headers, request_as, series_of
from .payloads import FORGED_FIELDS, FORMULAS, HOSTILE_TEXTS, REDIRECT_FIELDS
from .world import NOW, STATES, a_world, fast_requests, rolled_back

pytestmark = pytest.mark.django_db
ACTORS = ("walker", "head", "administrator", "host")
REFUSED = (403, 404, 405)
ONE_ACTOR = connection.vendor != "sqlite"  # on PostgreSQL only the data matters: one person per form is enough
OF_A_WALK = [row.name for row in TABLE if row.method == "POST" and "walk_id" in ADDRESSES.get(row.name, ())]
# Forms of libraries, and ours for signing in, signing out and the first school. The access matrix posts them.
NOT_POSTED = {
    "/account/email/",
    "/account/login/",
    "/account/logout/",
    "/admin/(?P<url>.*)$",
    "/admin/*/<path:object_id>/",
    "account_change_password",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_confirm_reauthentication_code",
    "account_email",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_request_login_code",
    "account_request_reauthentication_code",
    "account_reset_password",
    "account_reset_password_from_key",
    "account_set_password",
    "account_signup",
    "admin:*_add",
    "admin:*_change",
    "admin:*_changelist",
    "admin:*_delete",
    "admin:*_history",
    "admin:app_list",
    "admin:autocomplete",
    "admin:index",
    "admin:jsi18n",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:view_on_site",
    "demo-sign-in",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "setup",
    "sign-in",
    "sign-out",
    "usersessions_list",
}
HEADERS = {
    "Subject",
    "From",
    "To",
    "Reply-To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world, once for this module."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), rolled_back(), override_settings(MEDIA_ROOT=media, ADMINISTRATOR_MFA=False):
        yield a_world()


def product_forms(world):
    """Return every form of the product with valid data: URL, data, persona."""
    to_thank = world.stops["walked"][1]  # its host has no praise yet; the others have
    for name in ("observations:praise", "observations:autosave_praise", "observations:thank_in_person"):
        yield name, reverse(name, args=[to_thank.walk_id, to_thank.pk]), form_data(world, name, "walked")
    filled = complete_data(world)
    for row in TABLE:
        if row.method == "POST" and row.name not in NOT_POSTED:
            series = series_of(ADDRESSES[row.name])
            for which in series[-3:] if len(series) > 4 else series[1:3] or series:
                url = address(world, row.name, ADDRESSES[row.name], which)
                yield row.name, url, filled.get(row.name) or form_data(world, row.name, which)


def days_form(world):
    """Return a form that changes the days of the week to six numbered days."""
    names = {f"name_{day.pk}": day.name for day in DayType.objects.filter(school=world.school)}
    return names | {"kind": "numbered", "weekdays": [0, 1, 2, 3, 4], "days": 6}


def complete_data(world):
    """Return complete data for forms of administrators, by the form's name."""
    grade = Grade.objects.get(school=world.school, name="Grade 7")
    person = {"given_name": "New", "family_name": "Person", "email": "new@1.example", "grade": grade.pk}
    return {
        "accounts:new_person": person,
        "accounts:person": person | {"email": "jonas.lindqvist@1.example", "is_teacher": "on"},
        "accounts:many_people": {"lines": "New Person <new@1.example>", "write": "1"},
        "school:days": days_form(world),
        "school:new_row": {"code": "X1", "hallway": Hallway.objects.get(building__school=world.school).pk},
        "walks:catalogue_new": {"name": "Wonder", "group": Practice.objects.all()[0].group},
    }


# --- Fields that no form has ------------------------------------------------------------------
@cache
def tables():
    """Return our own tables, except those about mails and sessions."""
    names = connection.introspection.table_names()
    return [name for name in names if name.split("_")[0] in ("school", "walks", "observations")]


RANDOM = ("id", "uid", "page", "password", "directory_version")


def contents():
    """Return all rows of the product, without random values."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            keep = [n for n, name in enumerate(names) if name not in RANDOM]
            found[table] = sorted(str([row[n] for n in keep]) for row in cursor.fetchall())
    return found


def post_and_roll_back(world, persona, url, data, **headers):
    """Post, and return the response and the rows after it (none if it was refused); then roll back."""
    client = world.clients[persona]
    cookies = client.cookies.output(header="", sep=";")
    with time_machine.travel(NOW, tick=False), rolled_back():
        response = client.post(url, {"csrfmiddlewaretoken": "x", **data}, **headers)
        found = {} if response.status_code in REFUSED or ONE_ACTOR else contents()
    client.cookies = SimpleCookie(cookies)
    return response, found


@pytest.fixture(scope="module")
def open_forms(world):
    """Every form with a person for whom it opens: name, URL, data, persona, result."""
    with fast_requests():
        return [form for name, url, data in product_forms(world) for form in _openings(world, name, url, data)]


def _openings(world, name, url, data):
    """Yield the personas for whom the form opens."""
    for who in ACTORS:
        response, rows = post_and_roll_back(world, who, url, data)
        if response.status_code not in REFUSED:
            yield name, url, data, who, response, rows
            if ONE_ACTOR:
                return


def test_every_form_except_those_of_libraries_opens_for_at_least_one_person(open_forms):
    forms = {row.name for row in TABLE if row.method == "POST"}
    assert forms - {form[0] for form in open_forms} == NOT_POSTED


def test_complete_data_is_accepted(world, open_forms):
    taken = {name for name, _url, _data, _who, response, _rows in open_forms if response.status_code == 302}
    assert set(complete_data(world)) - taken == set()


def _answer(response):
    """Return the response without a new row's id: PostgreSQL never reuses an id."""
    return response.status_code, re.sub(r"\d+", "#", response.get("Location", ""))


@pytest.mark.not_on_postgresql
def test_fields_that_no_form_has_change_nothing(world, open_forms):
    people = {"colleague": world.people["colleague"].pk, "elsewhere": world.elsewhere.pk}
    extra = {name: value.format(**people) for name, value in FORGED_FIELDS.items()} | REDIRECT_FIELDS
    different = []
    with fast_requests():
        for name, url, data, persona, plain, expected in open_forms:
            more, found = post_and_roll_back(world, persona, url, extra | data, HTTP_REFERER=REDIRECT_FIELDS["next"])
            if _answer(plain) != _answer(more):
                different.append((name, persona, _answer(plain), _answer(more)))
            changed = [table for table in expected if expected[table] != found.get(table)]
            if name == "walks:door_sign_new_code":  # each time another random code
                changed = [table for table in changed if table != "walks_doorsign"]
            different += [(name, persona, changed)] if changed else []
    assert different == []


# --- States ----------------------------------------------------------------------------------
# A walk's transitions, written from the product’s rules and not taken from the code.
STATE_CHANGES = {
    ("draft", "requested"),
    ("requested", "draft"),
    ("changes_asked", "draft"),
    ("requested", "changes_asked"),
    ("changes_asked", "requested"),
    ("requested", "approved"),
    ("changes_asked", "approved"),
    ("approved", "requested"),
    ("approved", "changes_asked"),
    ("approved", "walked"),
    ("walked", "complete"),
    ("complete", "walked"),
    ("draft", "cancelled"),
    ("requested", "cancelled"),
    ("changes_asked", "cancelled"),
    ("approved", "cancelled"),
}


def test_the_transitions_are_those_of_the_product():
    steps = {(str(origin), str(step.target)) for step in transitions.TABLE.values() for origin in step.origin}
    # An unplanned walk, and a visit through an open door: the draft is made in the same transaction.
    never_shown = {("draft", "walked"), ("draft", "approved")}
    assert {(a, b) for a, b in steps if a != b} == STATE_CHANGES | never_shown


@pytest.mark.not_on_postgresql
def test_no_post_skips_a_state(world):
    """Whatever is posted about a walk in any state: only these transitions happen."""
    found = set()
    with fast_requests():
        for name in OF_A_WALK:
            for which in STATES:
                found |= _state_changes(world, name, which, "walker")
                found |= (
                    _state_changes(world, name, which, "head") if which in ("requested", "asked", "heads") else set()
                )
    assert found - STATE_CHANGES == set()
    assert {("draft", "requested"), ("requested", "approved"), ("approved", "walked")} <= found


def _data_about_walk(world, name, which):
    """Return what is posted about a walk; the planner gets a whole plan and Send."""
    rooms = [row_of(world.school, Room, code=code).pk for code in ("204", "206")]
    plan = {"op": "send", "stop": rooms, "own_focus": "Wait time"}
    return plan if name == "walks:edit" else form_data(world, name, which)


def _state_changes(world, name, which, persona):
    url, walk = address(world, name, ADDRESSES[name], which), world.walks[which]
    before = Walk.objects.values_list("state", flat=True).get(pk=walk.pk)
    with time_machine.travel(NOW, tick=False), rolled_back():
        world.clients[persona].post(url, _data_about_walk(world, name, which))
        now = Walk.objects.filter(pk=walk.pk).values_list("state", flat=True).first()
    return {(before, now)} - {(before, before), (before, None)}


def test_random_posts_cause_only_valid_transitions(world):
    chance = random.Random(7)
    with fast_requests(), time_machine.travel(NOW, tick=False) as clock:
        for _n in range(150):
            name, which = chance.choice(OF_A_WALK), chance.choice(STATES)
            persona = chance.choice(["walker", "walker", "head", "administrator", "colleague"])
            if Walk.objects.filter(pk=world.walks[which].pk).exists():
                world.clients[persona].post(
                    address(world, name, ADDRESSES[name], which), _data_about_walk(world, name, which)
                )
            clock.shift(20)
    for walk in Walk.objects.prefetch_related("events", "stops"):
        _check_history(walk)


def _check_history(walk):
    """Every event was possible at its time; nobody decides on their own walk; "complete" means complete."""
    for event in walk.events.all():
        own = event.action not in DECISIONS
        assert (event.actor_id == walk.walker_id) == own
    if walk.state == "complete":
        assert walk.takeaway_at
        assert all(stop.thanked_at for stop in walk.stops.all() if stop.visited)
    if walk.state in ("approved", "walked", "complete"):
        assert walk.decided_by_id not in (None, walk.walker_id)


DECISIONS = {
    *("approve", "adjust", "ask_change"),
    *("undo_approval", "take_back_question", "change_approved", "reconsider", "cancel_approved"),
}


# --- Headers -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example"]
)
def test_a_forged_host_is_refused_with_the_headers_in_place(client, db, host):
    response = client.get("/account/password/reset/", HTTP_HOST=host)
    assert (response.status_code, missing_headers(response, signed_in=False)) == (400, [])


def test_cookies_are_httponly_and_samesite(client, walker):
    client.post("/sign-in/", {"login": walker.email, "password": "correct horse battery"})
    kept = {name: (bool(morsel["httponly"]), morsel["samesite"]) for name, morsel in client.cookies.items()}
    assert kept["sessionid"] == (True, "Lax")
    assert kept["csrftoken"] == (True, "Lax")


TOO_LARGE = [str(2**63), "9" * 25, "9" * 5000]  # above SQLite's integers, and above what int() accepts
PARAMETERS = (
    "semester",
    "page",
    "grade",
    "walk",
    "day",
    "sort",
    "status",
    "q",
    "role",
    "again",
    "period",
    "date",
    "stop",
    "route",
    "focus",
    "order",
    "to",
    "note",
    "new",
    "edit",
)
PAGES = (
    "/report/",
    "/report.csv",
    "/approvals/",
    "/people/",
    "/walks/new/",
    "/walks/",
    "/settings/timetable/",
    "/settings/rooms/",
    "/praise/",
    "/praise/sent/",
    "/ideas/",
    "/",
)


@pytest.mark.parametrize("number", [*TOO_LARGE[::2], "9" * 25 + "\x00", "٣\x00", "1e3\x00"])
def test_strange_numbers_in_urls_return_404(world, number):
    got = {}
    with fast_requests():
        for pattern in ("/walks/{}/", "/walks/{}/go/{}/", "/approvals/{}/", "/people/{}/", "/settings/rooms/{}/"):
            got[pattern] = request_as(world, "administrator", "GET", pattern.format(number, number)).status_code
        for page in PAGES:
            query = "&".join(f"{name}={number}" for name in PARAMETERS)
            got[page] = request_as(world, "administrator", "GET", f"{page}?{query}").status_code
            got[page, "teacher"] = request_as(world, "walker", "GET", f"{page}?{query}").status_code
    assert {key: status for key, status in got.items() if status not in (200, 302, 404)} == {}


NUMBER_FIELDS = {
    "teams",
    "headed_grades",
    "grade",
    "many_grade",
    "period",
    "suggested_period",
    "cover",
    "photo",
    "semester",
    "source",
    "target",
    "hallway",
    "building",
    "room",
    "stop",
    "order",
    "focus",
    "visited",
    "minutes",
    "position",
    "weekdays",
    "days",
    "walk",
    "version",
    "shown_clashes",
    "shown_time",
    "tag",
    "page",
    "note_id",
    "typed_at",
    "photo_days",
    "visitor_limit",
    "fortnight_visit_limit",
    "walk_minutes_max",
}


@pytest.mark.not_on_postgresql
def test_a_number_that_is_too_large_is_refused_in_every_form(world, open_forms):
    number = TOO_LARGE[0]
    answers = {}
    with fast_requests():
        for name, url, data, persona, *_plain in open_forms:
            sent = data | {key: [number, f"{number}:{number}"] for key in NUMBER_FIELDS}
            answers[name, persona] = request_as(world, persona, "POST", url, sent).status_code
            sent = data | {key: [number] for key in ("teams", "headed_grades", "visited", "focus")}
            answers[name, persona, "list"] = request_as(world, persona, "POST", url, sent).status_code
    assert {key: status for key, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_planner_button_with_a_too_large_number_does_nothing(world, number):
    plan, answers = form_data(world, "walks:new", "draft"), {}
    room_id = row_of(world.school, Room, code="204").pk
    for op in (
        "up:{}",
        "remove:{}",
        "at:2026-11-13:{}",
        "route:{}",
        "route:hallway-{}",
        "swap:{}:{}",
        f"swap:{room_id}:{{}}",
    ):
        data = plan | {"op": op.format(number, number), "stop": [room_id], "order": [room_id]}
        answers[op] = request_as(world, "walker", "POST", "/walks/new/", data).status_code
    assert set(answers.values()) == {200}


# --- Hostile names and texts ---------------------------------------------------------------------
@pytest.mark.parametrize("payload", HOSTILE_TEXTS)
def test_hostile_text_is_refused_or_becomes_a_clean_mail(world, open_forms, payload):
    """Type the text into every text field of every form. No page fails, and mails have only the headers we write."""
    text = HOSTILE_TEXTS[payload]
    answers = {}
    with fast_requests():
        for name, url, data, persona, *_plain in open_forms:
            words = {key: text for key in data if key in TEXT_FIELDS}
            if words and name not in answers:
                with time_machine.travel(NOW, tick=False), rolled_back():
                    answers[name] = world.clients[persona].post(url, data | words).status_code
                    _mails_are_clean()
    assert {name: status for name, status in answers.items() if status not in (200, 204, 302, 409, 422)} == {}
    assert len(answers) > 12


TEXT_FIELDS = {
    "words",
    "text",
    "own_focus",
    "reason",
    "description",
    "given_name",
    "family_name",
    "name",
    "code",
    "lines",
    "subject",
    "staff_number",
}


NO_PAGE = {"observations:autosave_praise"}  # only a script calls it, and the script keeps the text


@pytest.mark.not_on_postgresql
@pytest.mark.parametrize("length", [130, 5000])
def test_no_text_is_cut_silently(world, open_forms, length):
    """Wherever a short text would be stored, a long one is stored whole or stays on the returned page."""
    text = "ab" * (length // 2) + "Zend"
    cut = []
    with fast_requests():
        for name, url, data, persona, *_plain in open_forms:
            for field in sorted(TEXT_FIELDS & (set(data) | MORE_TEXT_FIELDS.get(name, set()))):
                response, stored = _typed_into(world, persona, url, data | {field: text})
                whole = all(text in row for row in stored)
                kept = stored or name in NO_PAGE or text in response.content.decode()
                takes_text = kept or _typed_into(world, persona, url, data | {field: "ab" * 10})[1]
                if not whole or (takes_text and not kept):
                    cut.append((name, field, response.status_code))
    assert cut == []


def _typed_into(world, persona, url, data):
    """Return the response, and the rows that contain the text or a part of it."""
    response, rows = post_and_roll_back(world, persona, url, data)
    return response, [row for table in rows.values() for row in table if "ab" * 10 in row]


MORE_TEXT_FIELDS = {
    "walks:new": {"own_focus"},
    "walks:edit": {"own_focus"},
    "observations:log_unplanned": {"own_focus"},
    "accounts:new_person": {"subject", "code"},
}


CHECKED_MAILS = set()  # rows of mails already found clean; a mail depends only on its row


def _mails_are_clean():
    """Check every waiting mail; build identical ones only once."""
    for message in Message.objects.filter(state="queued"):
        row = tuple(getattr(message, field.attname) for field in Message._meta.concrete_fields)
        if row in CHECKED_MAILS:
            continue
        data = mime.build(message, now=NOW).data
        names = [line.split(b":")[0].decode() for line in data.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] > b" "]
        assert set(names) <= HEADERS
        assert len(names) == len(set(names))
        assert b"\n" not in data.replace(b"\r\n", b"")
        CHECKED_MAILS.add(row)


@pytest.mark.parametrize("payload", HOSTILE_TEXTS)
def test_hostile_names_from_elsewhere_make_clean_mails_and_calendars(world, payload):
    """An import or an older version may have stored them; the mail is the last line of defence."""
    walk, name = world.walks["requested"], HOSTILE_TEXTS[payload][:60].replace("\0", "")
    Person.objects.filter(school=world.school).update(given_name=name, family_name=name, subject=name)
    Room.objects.filter(school=world.school, code="204").update(code=name[:6])
    Period.objects.filter(school=world.school).update(name=name[:30])
    School.objects.update(name=name)
    walk = Walk.objects.get(pk=walk.pk)
    approval.approve(walk, by=Person.objects.get(pk=world.people["head"].pk), now=NOW)
    _mails_are_clean()
    lines = invitations.calendar_text(walk, method=invitations.PUBLISH, now=NOW)
    lines = (lines.decode() if isinstance(lines, bytes) else lines).replace("\r\n ", "")
    assert not re.search(r"^(Bcc|X-Evil)", lines, re.MULTILINE)


@pytest.mark.parametrize(
    "address_text", ["a@b.example\nBcc: c@d.example", "a@b.example,c@d.example", '"a" <a@b.example>', "a b@c"]
)
def test_several_addresses_in_one_field_are_refused(world, address_text):
    data = complete_data(world)["accounts:new_person"] | {"email": address_text}
    assert request_as(world, "administrator", "POST", "/people/new/", data).status_code == 422


# --- Files ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_an_export_is_a_formula(world, formula):
    Person.objects.filter(pk=world.people["colleague"].pk).update(given_name=formula, family_name=formula)
    Grade.objects.filter(school=world.school, name="Grade 7").update(name=formula)
    world.people["colleague"].excusals.update(reason=formula)
    text = request_as(world, "administrator", "GET", "/report.csv").body.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(request_as(world, "administrator", "GET", "/report.xlsx").body))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    cells += [
        str(cell.value or "") for row in book.active.iter_rows() for cell in row if not isinstance(cell.value, int)
    ]
    assert formula.strip(" \t\r\n\u00a0'=+-@＝＋－＠") in "".join(cells)
    assert [cell for cell in cells if re.match(r"[\s\u00a0]*[=+\-@＝＋－＠]", cell)] == []
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


def test_links_in_mails_lead_to_the_configured_site_only(world):
    client = world.clients["walker"]
    with time_machine.travel(NOW, tick=False), rolled_back():
        client.post(f"/walks/{world.walks['asked'].pk}/reply/", {"words": "Yes"}, HTTP_X_FORWARDED_HOST="evil.example")
        texts = "\n".join(m.body_text + m.body_html + m.calendar_text for m in Message.objects.all())
    assert {link for link in re.findall(r"https?://[^/\s\"'<]+", texts) if "w3.org" not in link} == {project.SITE_URL}
