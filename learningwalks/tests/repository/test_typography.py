"""Text for users has typographic apostrophes (’)."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
APPS = ("learningwalks", "operations", "accounts", "walks", "observations", "notifications", "school")
STRAIGHT = re.compile(r"(?<=[\w}”)])'(?=\w)|(?<=s)'(?=[\s.,;:!?])")
IN_TEMPLATES = re.compile(
    r'\{%\s*translate\s+"([^"]*)"|\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate|_\("([^"]*)"\)', re.DOTALL
)
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
ALLOWED = "may open Django's admin"  # a column's name, which migrations repeat


def template_sentences():
    """Yield every sentence of the templates, with its file."""
    for file in (ROOT / "templates").rglob("*.*"):
        for found in IN_TEMPLATES.finditer(file.read_text()):
            yield file.name, "".join(filter(None, found.groups()))


def code_sentences():
    """Yield every sentence of the code, with its file."""
    for file in (file for app in APPS for file in (ROOT / app).rglob("*.py")):
        if "tests" in file.parts or "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield file.name, argument.value


def test_every_apostrophe_is_typographic():
    assert all(STRAIGHT.search(words) for words in ("can't", "{{ name }}'s", "%(name)s's", "the teachers'."))
    sentences = [*template_sentences(), *code_sentences()]
    assert len(sentences) > 1000
    assert [(file, words) for file, words in sentences if STRAIGHT.search(words) and words != ALLOWED] == []
