"""The rules of docs/architecture.md that a machine can read from the source."""

import ast
import re
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("learningwalks", "operations", "accounts", "observations", "walks", "notifications", "school")
SOURCES = [
    path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
]
DOORS = [p for p in SOURCES if {"views", "forms"} & set(p.relative_to(ROOT).parts) or p.stem in ("views", "forms")]


def name(path):
    return str(path.relative_to(ROOT))


@cache
def parsed(path):
    return ast.parse(path.read_text())


def attributes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def breaking(rule, paths):
    """Which files break the rule, and where: {name: lines}, without those that do not."""
    found = {name(path): rule(path) for path in paths}
    return {path: lines for path, lines in found.items() if lines}


THROUGH = {
    "visible_to", "none", "decidable_by", "of", "hosted_by", "received_by", "sent_by", "own", "awaited",
}  # fmt: skip


def test_views_and_forms_reach_rows_only_through_visible_to():
    def bare(path):
        parents = {child: parent for parent in ast.walk(parsed(path)) for child in ast.iter_child_nodes(parent)}
        found = [node for node in attributes(parsed(path)) if node.attr == "objects"]
        return [node.lineno for node in found if getattr(parents.get(node), "attr", "") not in THROUGH]

    found = breaking(bare, DOORS)
    assert {path: len(lines) for path, lines in found.items()} == BARE, found


# Reviewed exceptions: rows that hang on something fetched the right way, or that no page shows.
BARE = {
    "walks/views/approvals.py": 3,  # walks `reaching` the decider, and requests that did
    "school/forms/people.py": 1,  # whether an address is taken, in any school
    "learningwalks/views/unavailable.py": 1,  # ends sessions that could not be ended at the sign-out itself
    "learningwalks/demo/views.py": 2,  # the demo's own four people, for nobody yet; the device that signed in
    "accounts/views/second_step.py": 1,  # the app that was set up a moment ago
    "accounts/views/first_school.py": 1,  # the device that signed in
}


def assigns_state(node):
    """`walk.state = …`, whatever the walk is called."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(t, ast.Attribute) and t.attr == "state" and "walk" in ast.unparse(t) for t in targets)


def test_a_walks_state_changes_only_in_transitions():
    def changed(path):
        return [n.lineno for n in ast.walk(parsed(path)) if assigns_state(n)] + states_updated(parsed(path))

    assert breaking(changed, [path for path in SOURCES if name(path) != "walks/workflow/transitions.py"]) == {}


def states_updated(tree):
    """Lines of `Walk.objects…update(…, state=…)`, however many lines it takes."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "update"]
    of_walks = [n for n in calls if "Walk.objects" in ast.unparse(n.func)]
    return [n.lineno for n in of_walks if any(keyword.arg == "state" for keyword in n.keywords)]


def test_an_update_of_several_lines_is_seen():
    update = "Walk.objects.filter(\n    pk=pk, ends_at=end(pk),\n).update(\n    plan=now(),\n    state=State.WALKED,\n)"
    assert states_updated(ast.parse(update)) == [1]


def test_no_signals_and_no_logic_in_save():
    def hidden(path):
        saves = [n.lineno for n in ast.walk(parsed(path)) if isinstance(n, ast.FunctionDef) and n.name == "save"]
        of_models = path.name == "models.py" or path.parent.name == "models"
        signals = re.findall(r"from django\.db\.models import signals|@receiver\(|post_save|pre_save", path.read_text())
        return signals + (saves if of_models else [])

    assert breaking(hidden, SOURCES) == {}


def test_files_stay_small():
    assert breaking(lambda path: path.read_text().splitlines()[350:], SOURCES) == {}


def test_every_module_says_what_it_owns():
    assert breaking(lambda path: path.read_text().strip() and not ast.get_docstring(parsed(path)), SOURCES) == {}


def test_rules_read_no_clock():
    """Views, tasks, commands and template tags may ask what time it is; rules get it as `now`."""

    def clocks(path):
        may = {"views", "commands", "tasks.py", "tests", "templatetags", "demo"}
        if may & set(path.relative_to(ROOT).parts):
            return []
        return [node.lineno for node in attributes(parsed(path)) if ast.unparse(node) == "timezone.now"]

    found = breaking(clocks, SOURCES)
    assert {path: len(lines) for path, lines in found.items()} == CLOCKS, found


# Where a clock is read below the views, and why that is right.
CLOCKS = {
    "observations/querysets.py": 1,  # the receiver reads a praise once its 30 seconds are over
    "learningwalks/celery.py": 1,  # a process that says that it has started
    "learningwalks/privacy/retention.py": 1,  # accounts that are erased by themselves: the hour at which each goes
    "accounts/sessions.py": 2,  # the middleware, before each request
    "operations/beat.py": 3,  # a process that lives by the clock
    "operations/health.py": 1,  # a page
    "operations/metrics.py": 1,  # a page
    "operations/mail_server.py": 1,  # the date of a mail to try the server with
}

# Every number and choice on a model that hangs on a visit, reviewed: none of them says anything about a teacher.
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


def test_templates_stay_small():
    templates = (ROOT / "templates").rglob("*.html")
    assert breaking(lambda path: path.read_text().splitlines()[120:], templates) == {}
