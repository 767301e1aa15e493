"""Every form names errors in plain words, also where the field has no message of its own."""

import pytest
from allauth.account.forms import LoginForm
from django import forms

from school.models import School


class Numbers(forms.Form):
    """Fields without messages of their own."""

    name = forms.CharField(max_length=5)
    count = forms.IntegerField(min_value=1, max_value=9)
    day = forms.DateField()
    choice = forms.ChoiceField(choices=[("a", "A")])
    email = forms.EmailField()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Fill this in"),
        ({"name": "too long"}, "Use up to 5 characters (you have 8)"),
        ({"count": "0"}, "Write 1 or more"),
        ({"count": "10"}, "Write 9 or less"),
        ({"count": "many"}, "Write a whole number"),
        ({"day": "soon"}, "Write a date, for example 2026-11-12"),
        ({"choice": "b"}, "Choose one from the list"),
        ({"email": "amara"}, "Write an e-mail address, for example amara@school.example"),
    ],
)
def test_a_field_without_its_own_message_has_a_plain_message(typed, message):
    field = next(iter(typed), "name")
    assert Numbers(typed).errors[field] == [message]


def test_forms_of_libraries_use_the_same_words(db):
    assert LoginForm({}).errors["login"] == ["Fill this in"]


def test_number_fields_of_our_models_use_the_same_words():
    form = forms.modelform_factory(School, fields=["photo_days"])({"photo_days": "-1"})
    assert form.errors["photo_days"][0].startswith("Write ")
