"""Rules for every form: no field cuts typed text, and every choice of rows uses the safe field."""

import re
from pathlib import Path

import pytest
from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings

from school.forms.fields import SeveralField

APPS = ("school", "walks", "notifications", "observations", "accounts", "operations", "learningwalks")


def test_no_field_makes_the_browser_cut_text(db):
    class Short(forms.Form):
        name = forms.CharField(max_length=5)
        words = forms.CharField(max_length=5, widget=forms.Textarea)

    pages = [str(Short({"name": "too long"})), str(LoginForm())]
    assert [page for page in pages if "maxlength" in page] == []


def test_no_template_or_script_cuts_a_text():
    files = [*Path("templates").rglob("*.html"), *Path("static/js").glob("*.js")]
    assert [file.name for file in files if re.search("maxlength", file.read_text(), re.IGNORECASE)] == []


def product_forms(kind=forms.BaseForm):
    """Return every form class of ours."""
    for found in kind.__subclasses__():
        if found.__module__.startswith(APPS) and ".tests." not in found.__module__:
            yield found
        yield from product_forms(found)


def test_choices_of_several_rows_take_any_number():
    import learningwalks.urls  # noqa: F401 (loads every form)

    found = list(product_forms())
    assert len(found) > 20
    fields = [field for form in found for field in form.base_fields.values()]
    multiple = [field for field in fields if isinstance(field, forms.ModelMultipleChoiceField)]
    assert {type(field) for field in multiple} == {SeveralField}


@pytest.fixture
def as_administrator(sign_in, administrator):
    """The administrator, signed in."""
    return sign_in(administrator)


def test_a_too_long_room_code_is_named_and_kept(as_administrator):
    answer = as_administrator.post("/settings/rooms/new/", {"code": "S" * 41})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert f"Room {'S' * 41} is 41 characters long; a room’s code has at most 40" in shown
    assert f'value="{"S" * 41}"' in shown


def test_the_error_names_the_field_that_is_too_long(as_administrator):
    shown = as_administrator.post("/settings/teams/new/", {"name": "x" * 61}).content.decode()
    assert "Name: use up to 60 characters (you have 61)" in shown


def test_forms_use_our_renderer():
    assert settings.FORM_RENDERER == "learningwalks.rendering.FormRenderer"
