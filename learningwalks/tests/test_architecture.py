"""The rules of docs/architecture.md that a machine can read from the source."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("learningwalks", "observations", "walks", "notifications", "school")
SOURCES = [
    path
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
]
PAGES = [ROOT / "learningwalks" / f"{n}.py" for n in ("staff", "pages", "setup_page", "demo_accounts", "people_urls")]
DOORS = [p for p in SOURCES if {"views", "forms"} & set(p.relative_to(ROOT).parts) or p.stem in ("views", "forms")]


def name(path):
    return str(path.relative_to(ROOT))


def attributes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


@pytest.mark.parametrize("path", DOORS + PAGES, ids=name)
def test_views_and_forms_reach_rows_only_through_visible_to(path):
    tree = ast.parse(path.read_text())
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    bare = [
        f"{name(path)}:{node.lineno}"
        for node in attributes(tree)
        if node.attr == "objects"
        and getattr(parents.get(node), "attr", "") not in ("visible_to", "none", "decidable_by", "of", "hosted_by")
        and getattr(parents.get(node), "attr", "") not in ("received_by", "sent_by", "own", "awaited")
    ]
    assert len(bare) == BARE.get(name(path), 0), bare


# Reviewed exceptions: rows that hang on something fetched the right way, or that no page shows.
BARE = {
    "walks/views/approvals.py": 1,  # walks `reaching` the decider
    "school/forms/people.py": 1,  # whether an address is taken, in any school
    "learningwalks/demo_accounts.py": 2,  # the demo's own four people, for nobody yet; the device that signed in
    "learningwalks/setup_page.py": 1,  # the device that signed in
}


@pytest.mark.parametrize("path", [p for p in SOURCES if name(p) != "walks/approval.py"], ids=name)
def test_a_walks_state_changes_only_in_approval(path):
    tree = ast.parse(path.read_text())
    assigned = [
        f"{name(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Attribute) and t.attr == "state" and "walk" in ast.unparse(t) for t in node.targets)
    ]
    assert (assigned, states_updated(tree)) == ([], [])


def states_updated(tree):
    """Lines of `Walk.objects…update(…, state=…)`, however many lines it takes."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "update"]
    of_walks = [n for n in calls if "Walk.objects" in ast.unparse(n.func)]
    return [n.lineno for n in of_walks if any(keyword.arg == "state" for keyword in n.keywords)]


def test_an_update_of_several_lines_is_seen():
    update = "Walk.objects.filter(\n    pk=pk, ends_at=end(pk),\n).update(\n    plan=now(),\n    state=State.WALKED,\n)"
    assert states_updated(ast.parse(update)) == [1]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_signals_and_no_logic_in_save(path):
    text = path.read_text()
    assert not re.search(r"from django\.db\.models import signals|@receiver\(|post_save|pre_save", text)
    saves = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == "save"]
    of_models = path.name == "models.py" or path.parent.name == "models"
    assert [n for n in saves if of_models] == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_stay_small(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_what_it_owns(path):
    if path.read_text().strip():
        assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_rules_read_no_clock(path):
    """Views, tasks, commands and the page's frame may ask what time it is; rules are told."""
    may = {"views", "commands", "tasks.py", "tests", "templatetags", "demo"}
    if may & set(path.relative_to(ROOT).parts) or path.parts[-2] == "learningwalks":
        return
    clocks = [node.lineno for node in attributes(ast.parse(path.read_text())) if ast.unparse(node) == "timezone.now"]
    assert len(clocks) == CLOCKS.get(name(path), 0)


# Where a clock is read below the views, and why that is right.
CLOCKS = {
    "observations/querysets.py": 1,  # the receiver reads a praise once its 30 seconds are over
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


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT / "templates"))
)
def test_templates_stay_small(template):
    assert len(template.read_text().splitlines()) <= 120
