"""The rules of docs/architecture.md that can be checked in the source."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.forms import ModelForm

from school.models import Person

ROOT = Path(settings.BASE_DIR)
APPS = ("learningwalks", "operations", "accounts", "observations", "walks", "notifications", "school")
SOURCES = [
    path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
]
VIEWS_AND_FORMS = [
    p for p in SOURCES if {"views", "forms"} & set(p.relative_to(ROOT).parts) or p.stem in ("views", "forms")
]


def name(path):
    return str(path.relative_to(ROOT))


@cache
def parsed(path):
    return ast.parse(path.read_text())


def attributes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def violations(rule, paths):
    """Return the files that break the rule, with the lines: {name: lines}."""
    found = {name(path): rule(path) for path in paths}
    return {path: lines for path, lines in found.items() if lines}


ALLOWED_METHODS = {
    "visible_to",
    "none",
    "decidable_by",
    "of",
    "hosted_by",
    "received_by",
    "open_to_host",
    "sent_by",
    "own",
    "pending_for",
}


def test_views_and_forms_reach_rows_only_through_visible_to():
    def direct_access(path):
        parents = {child: parent for parent in ast.walk(parsed(path)) for child in ast.iter_child_nodes(parent)}
        found = [node for node in attributes(parsed(path)) if node.attr == "objects"]
        return [node.lineno for node in found if getattr(parents.get(node), "attr", "") not in ALLOWED_METHODS]

    found = violations(direct_access, VIEWS_AND_FORMS)
    assert {path: len(lines) for path, lines in found.items()} == DIRECT_ACCESS, found


# Reviewed exceptions: rows that belong to something fetched with visible_to, or that no page shows.
DIRECT_ACCESS = {
    "walks/views/approvals.py": 3,  # walks `addressed_to` the decider, now or earlier
    "walks/views/coming.py": 2,  # the same
    "school/forms/many_people.py": 1,  # whether an address is taken, in any school
    "learningwalks/views/unavailable.py": 1,  # ends sessions that could not be ended at sign-out
    "learningwalks/demo/views.py": 2,  # the demo's four people, before anyone is signed in; the device that signed in
    "accounts/views/second_step.py": 1,  # the app that was just set up
    "accounts/views/first_school.py": 1,  # the device that signed in
}


def assigns_state(node):
    """Return whether the node is `walk.state = …`, for any variable name."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(t, ast.Attribute) and t.attr == "state" and "walk" in ast.unparse(t) for t in targets)


def test_a_walks_state_changes_only_in_transitions():
    def changed(path):
        return [n.lineno for n in ast.walk(parsed(path)) if assigns_state(n)] + states_updated(parsed(path))

    assert violations(changed, [path for path in SOURCES if name(path) != "walks/workflow/transitions.py"]) == {}


def states_updated(tree):
    """Return the lines of `Walk.objects…update(…, state=…)`, also if it spans several lines."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "update"]
    of_walks = [n for n in calls if "Walk.objects" in ast.unparse(n.func)]
    return [n.lineno for n in of_walks if any(keyword.arg == "state" for keyword in n.keywords)]


def test_the_state_check_finds_an_update_over_several_lines():
    update = "Walk.objects.filter(\n    pk=pk, ends_at=end(pk),\n).update(\n    plan=now(),\n    state=State.WALKED,\n)"
    assert states_updated(ast.parse(update)) == [1]


# --- Only school/people/__init__.py writes whether a person is active, and their address (docs/adr/0013) -----------
ACCOUNT_FIELDS = {"is_active", "left_at", "email"}
WRITERS = {"save", "update", "bulk_update", "bulk_create", "update_or_create", "get_or_create", "setattr"}
WRITERS |= {f"a{writer}" for writer in WRITERS} | {"__setattr__"}
PERSON_NAMES = re.compile(
    r"(person|user|people|by|me|walker|host|administrator|colleague|head|teacher)s?", re.IGNORECASE
)
IN_SQL = re.compile(r"\b(UPDATE|INSERT INTO|DELETE FROM)\b.*school_person", re.IGNORECASE | re.DOTALL)


def texts(tree):
    """Return every string in the source."""
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def writes_an_account(node):
    """Return whether this writes a field of an account, or may do so through a name known only at run time."""
    if isinstance(node, ast.Attribute):
        return node.attr in ACCOUNT_FIELDS and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Dict):
        return bool({"is_active", "left_at"} & {getattr(key, "value", None) for key in node.keys})
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return IN_SQL.search(node.value) is not None
    return isinstance(node, ast.Call) and called_to_write(node)


def called_to_write(call):
    """Return whether a call names such a field, or writes to a person without naming fields."""
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if called not in WRITERS:
        return called == "delete" and "Person.objects" in ast.unparse(call.func)
    given = {keyword.arg for keyword in call.keywords}
    named = given | {text for value in [*call.args, *call.keywords] for text in texts(value)}
    if named & ACCOUNT_FIELDS:
        return True
    if "setattr" in called:
        return not all(isinstance(name, ast.Constant) for name in call.args[-2:-1])
    if called in ("save", "asave"):
        return (
            "update_fields" not in given
            and PERSON_NAMES.fullmatch(ast.unparse(call.func).rpartition(".")[0]) is not None
        )
    return None in given and "Person" in ast.unparse(call.func)


def accounts_written(tree):
    return [node.lineno for node in ast.walk(tree) if writes_an_account(node)]


def test_only_one_module_writes_who_is_active_and_their_addresses():
    elsewhere = [path for path in SOURCES if name(path) != "school/people/__init__.py"]
    elsewhere += [path for folder in ("scripts", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = violations(lambda path: accounts_written(parsed(path)), elsewhere)
    assert {path: len(lines) for path, lines in found.items()} == OTHER_FIELDS, found


# Reviewed exceptions: the field does not belong to an account, or the account is new.
OTHER_FIELDS = {
    "school/models/managers.py": 1,  # a new account for createsuperuser
    "school/policy.py": 1,  # setattr on the school
    "accounts/membership.py": 1,  # allauth's list of verified addresses, which follows the account's
    "learningwalks/demo/directory.py": 2,  # the accounts of the demo’s new school, one of them without an address
    "learningwalks/demo/walks.py": 1,  # when a walker left a room: Stop.left_at
    "walks/workflow/ending.py": 3,  # Stop.left_at
    "walks/workflow/afterwards.py": 3,  # Stop.left_at
    "walks/workflow/walking.py": 2,  # Stop.left_at
    "bench/facts.py": 1,  # Stop.left_at
    "bench/real_school.py": 1,  # the school exists only while it is measured
}


@pytest.mark.parametrize(
    "source",
    [
        "person.is_active = False",
        "person.given_name, person.left_at = '', None",
        "for person.email in addresses: pass",
        "del person.left_at",
        "Person.objects.filter(\n    pk=1,\n).update(\n    theme='dark',\n    is_active=False,\n)",
        "rows.update(**{'left_at': now})",
        "fields = {'is_active': False}",
        "Person.objects.filter(pk=1).update(**fields)",
        "Person.objects.bulk_update(people, ['email'])",
        "Person.objects.update_or_create(pk=1, defaults={'email': new})",
        "person.save(update_fields=['is_active'])",
        "walker.save()",
        "setattr(person, 'email', new)",
        "setattr(person, field, new)",
        "object.__setattr__(person, field, new)",
        "cursor.execute('UPDATE \"school_person\" SET email = NULL')",
        "Person.objects.filter(pk=1).delete()",
    ],
)
def test_the_account_check_finds_every_way_to_write_to_an_account(source):
    assert accounts_written(ast.parse(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        "if person.is_active and person.left_at is None: tell(person.email)",
        "Person.objects.filter(is_active=True, email=address).update(theme='dark')",
        "person.save(update_fields=['theme'])",
        "walk.save()",
        "Walk.objects.filter(walker=person).update(**fields)",
    ],
)
def test_the_account_check_ignores_code_that_only_reads(source):
    assert accounts_written(ast.parse(source)) == []


def test_no_form_writes_who_is_active_or_their_addresses():
    """Django's admin only asks for them when it adds an account, and shows them afterwards (test_admin.py)."""
    forms = [form for form in every_subclass(ModelForm) if form._meta.model is Person]
    assert [form for form in forms if ACCOUNT_FIELDS & set(form.base_fields)] == []


def every_subclass(parent):
    children = parent.__subclasses__()
    return children + [descendant for child in children for descendant in every_subclass(child)]


def test_no_signals_and_no_logic_in_save():
    def signals_and_saves(path):
        saves = [n.lineno for n in ast.walk(parsed(path)) if isinstance(n, ast.FunctionDef) and n.name == "save"]
        of_models = path.name == "models.py" or path.parent.name == "models"
        signals = re.findall(
            r"from django\.db\.models import signals|@receiver\(|m2m_changed|(?:pre|post)_(?:save|delete)\.connect",
            path.read_text(),
        )
        return signals + (saves if of_models else [])

    assert violations(signals_and_saves, SOURCES) == {}


def test_files_stay_small():
    assert violations(lambda path: path.read_text().splitlines()[350:], SOURCES) == {}


def test_every_module_has_a_docstring():
    assert violations(lambda path: path.read_text().strip() and not ast.get_docstring(parsed(path)), SOURCES) == {}


def test_rules_read_no_clock():
    """Views, tasks, commands and template tags may ask what time it is; rules get it as `now`."""

    def clocks(path):
        readers = {"views", "commands", "tasks.py", "tests", "templatetags", "demo"}
        if readers & set(path.relative_to(ROOT).parts):
            return []
        return [node.lineno for node in attributes(parsed(path)) if ast.unparse(node) == "timezone.now"]

    found = violations(clocks, SOURCES)
    assert {path: len(lines) for path, lines in found.items()} == CLOCK_READERS, found


# Reviewed exceptions: who reads the clock below the views, and why.
CLOCK_READERS = {
    "observations/querysets.py": 1,  # the receiver can read praise once its 30 seconds are over
    "learningwalks/celery.py": 1,  # the heartbeat of a process that has started
    "learningwalks/privacy/retention.py": 1,  # the time at which each account is erased automatically
    "accounts/sessions.py": 2,  # the middleware, before each request
    "operations/beat.py": 3,  # a scheduler
    "operations/health.py": 1,  # a page
    "operations/metrics.py": 1,  # a page
    "operations/mail_server.py": 1,  # the date of a test mail
}

# --- Only school/calendar.py turns dates into days of the timetable, periods and times -----------------------------
ROWS = re.compile(r"(Period|DayType)\.objects|\.(periods|day_types)\.(all|filter|order_by|get)$")
BELL = re.compile(r"(^|[._])(period|bell|p)$")


def reads_the_bells(node):
    """Return whether the code reads periods or days of the timetable, or computes with the bells of a period."""
    if not isinstance(node, ast.Attribute):
        return False
    if node.attr in ("starts_at", "ends_at"):
        return BELL.search(ast.unparse(node.value)) is not None
    return ROWS.search(ast.unparse(node)) is not None and not ROWS.search(ast.unparse(node.value))


def lines_that_read_the_bells(tree):
    return [node.lineno for node in ast.walk(tree) if reads_the_bells(node)]


def test_only_the_calendar_reads_periods_and_days_of_the_timetable():
    elsewhere = [path for path in SOURCES if name(path) != "school/calendar.py"]
    found = violations(lambda path: lines_that_read_the_bells(parsed(path)), elsewhere)
    assert {path: len(lines) for path, lines in found.items()} == BELLS_READ, found


# Reviewed exceptions: none of them asks what happens on a date.
BELLS_READ = {
    "school/directory.py": 2,  # reads the rows for the calendar
    "school/day_settings.py": 3,  # removes days, and sets their bells
    "school/forms/cycle.py": 3,  # the times of a new bell schedule, and days as choices of a field
    "school/timetable/lesson_lines.py": 3,  # the words by which a pasted line may call a day or a period
    "school/forms/lessons.py": 4,  # days and periods as choices of a field
    "walks/forms/approvals.py": 4,  # the periods of the school as choices of a field
    "accounts/first_school.py": 2,  # creates the first rows
    "learningwalks/demo/directory.py": 1,  # creates the rows of the demo
    "learningwalks/demo/refresh.py": 2,  # reads the demo's rows to copy its lessons to another semester
}


@pytest.mark.parametrize(
    "source",
    [
        "Period.objects.filter(school=school)",
        "DayType.objects.visible_to(person)",
        "school.day_types.all()",
        "school.periods.filter(pk=1)",
        "at_local(school, date, period.starts_at)",
        "[p.ends_at for p in calendar.periods]",
        "walk.suggested_period.starts_at",
    ],
)
def test_the_check_finds_every_way_to_read_the_bells(source):
    assert lines_that_read_the_bells(ast.parse(source)) != []


@pytest.mark.parametrize("source", ["walk.starts_at", "calendar.times(date, period)", "calendar.periods_on(date)"])
def test_the_check_ignores_walks_and_the_calendar(source):
    assert lines_that_read_the_bells(ast.parse(source)) == []


# Every number and choice on models about visits, reviewed: none of them rates a teacher.
REVIEWED = {
    "observations.Photo.width",
    "observations.Photo.height",
    "observations.Praise.send_count",
    "observations.Takeaway.outcome",
    "walks.Stop.position",
    "walks.Stop.minutes",
}


def test_no_field_could_hold_a_score_about_a_teacher():
    numbers = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in [*apps.get_app_config("observations").get_models(), apps.get_model("walks.Stop")]
        for field in model._meta.concrete_fields
        if not field.primary_key
        and not field.is_relation
        and (
            field.choices or "Integer" in type(field).__name__ or type(field).__name__ in ("FloatField", "DecimalField")
        )
    }
    assert numbers == REVIEWED


def test_no_comment_switches_the_formatter_off():
    marks = ("fmt" + ": skip", "fmt" + ": off")

    def marked_lines(path):
        return [number for number, line in enumerate(path.read_text().splitlines(), 1) if any(m in line for m in marks)]

    everywhere = [path for app in (*APPS, "bench", "scripts") for path in (ROOT / app).rglob("*.py")]
    assert violations(marked_lines, everywhere) == {}


def long_lines(path):
    lines = enumerate(path.read_text().splitlines(), 1)
    return [number for number, line in lines if len(line) > 120 and 'url("data:' not in line]


def test_lines_of_templates_stay_short():
    """Counts characters, not lines: the formatter gives each attribute of a long tag its own line."""
    assert violations(long_lines, (ROOT / "templates").rglob("*.html")) == {}


def test_lines_of_styles_and_scripts_stay_short():
    static = ROOT / "static"
    assert violations(long_lines, [*(static / "css").glob("*.css"), *(static / "js").glob("*.js")]) == {}
