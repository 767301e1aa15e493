"""docs/security.md is correct: its tests exist, its limits match the settings, and no row is missing."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from observations.photos import image_worker

pytestmark = pytest.mark.not_on_postgresql
ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED_TESTS = sorted(set(re.findall(r"`(test_\w+)::(test_\w+)`", PAGE)))


def functions(module):
    """Return the tests of a file. Names must be unique, so that the page is unambiguous."""
    found = [path for app in ROOT.iterdir() for path in app.glob(f"**/tests/**/{module}.py") if app.name[0] != "."]
    assert len(found) == 1, f"{module}: {found}"
    return {node.name for node in ast.parse(found[0].read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_exists():
    modules = {module for module, _test in NAMED_TESTS}
    known = {module: functions(module) for module in modules}
    assert [f"{module}::{test}" for module, test in NAMED_TESTS if test not in known[module]] == []
    assert len(NAMED_TESTS) > 60


def test_every_promise_has_a_row():
    lines = re.findall(r"^\| (S\d+) \|.*$", PAGE, re.MULTILINE)
    assert lines == [f"S{number}" for number in range(1, 26)]


def test_the_limits_on_the_page_are_those_of_the_settings():
    assert settings.ACCOUNT_RATE_LIMITS["login_failed"] == "60/m/ip,5/5m/key"
    assert "five tries per account and five minutes" in PAGE
    assert "At 60 wrong tries in a minute" in PAGE
    assert image_worker.LIMITS[image_worker.resource.RLIMIT_DATA] == 300 * image_worker.MEGABYTE
    assert "300 MB, 4 processor seconds" in PAGE
    assert (settings.SESSION_COOKIE_AGE, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) == (12 * 3600, 10 * 60)
