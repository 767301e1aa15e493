"""Accounts: who may add and change them, and what administrators cannot do to themselves."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from school import people
from school.errors import NotAllowedError, RuleError
from school.models import Grade, Person, School
from school.people import PersonDetails
from school.people.identity import AddressTakenError
from school.tests.concurrency import in_two_threads, move_database_to_disk
from school.tests.factories import NOW, a_person

NORA = PersonDetails("Nora", "Eklund", "Nora.Eklund@school.example", subject="PE")


def details_of(person, **changes):
    """Return the person's details as from the form, with changes."""
    same = {name: getattr(person, name) for name in ("given_name", "family_name", "email", "subject", "grade")}
    return PersonDetails(
        **same | {"is_teacher": person.is_teacher, "is_administrator": person.is_administrator} | changes
    )


@pytest.mark.parametrize("persona", ["walker", "head", "stranger"])
def test_only_administrators_add_people(persona, request):
    with pytest.raises(NotAllowedError):
        people.add(NORA, by=request.getfixturevalue(persona), now=NOW)


def test_nobody_gets_the_right_to_djangos_admin(administrator):
    person = people.add(PersonDetails("A", "B", "a@b.example", is_administrator=True), by=administrator, now=NOW)
    assert not person.is_staff
    assert not person.is_superuser


def test_an_operators_account_owes_no_walk(school):
    superuser = Person.objects.create_superuser("superuser@school.example", given_name="Ines", family_name="Duarte")
    assert superuser.school == school
    assert list(Person.objects.teachers()) == []


def test_createsuperuser_creates_no_school(db):
    with pytest.raises(CommandError, match="Open /setup/ first"):
        call_command("createsuperuser", "--noinput", email="k@school.example", given_name="I", family_name="D")
    assert School.objects.count() == 0


def test_an_address_belongs_to_one_person_whatever_the_case(administrator, walker):
    with pytest.raises(AddressTakenError):
        people.add(PersonDetails("A", "B", walker.email.upper()), by=administrator, now=NOW)


def test_an_administrator_of_another_school_changes_nothing(walker, stranger):
    elsewhere = a_person(stranger.school, "Ada", "Wolf", is_administrator=True)
    with pytest.raises(NotAllowedError):
        people.change(walker, details_of(walker), by=elsewhere, now=NOW)


def test_the_headed_grades_are_saved(administrator, walker, school):
    grade = Grade.objects.get(school=school, name="Grade 8")
    people.change(walker, details_of(walker, grade=grade, headed_grades=[grade]), by=administrator, now=NOW)
    assert list(Person.objects.get(pk=walker.pk).headed_grades.all()) == [grade]


def test_administrators_cannot_give_up_their_own_right(administrator, school):
    a_person(school, "Mei", "Tanaka", is_administrator=True)
    with pytest.raises(people.KeepAdministratorError):
        people.change(administrator, details_of(administrator, is_administrator=False), by=administrator, now=NOW)


def test_administrators_cannot_mark_themselves_as_left(administrator, school):
    a_person(school, "Mei", "Tanaka", is_administrator=True)
    with pytest.raises(people.KeepAdministratorError):
        people.leave(administrator, by=administrator, now=NOW)


def test_two_administrators_cannot_remove_each_other(administrator, school):
    other = a_person(school, "Mei", "Tanaka", is_administrator=True)
    people.leave(administrator, by=other, now=NOW)
    with pytest.raises(NotAllowedError):
        people.leave(other, by=administrator, now=NOW)  # who was an administrator when the page was opened
    assert people.is_last_administrator(other)


def test_a_theme_is_one_of_three(walker):
    people.choose_theme(walker, "dark")
    with pytest.raises(RuleError):
        people.choose_theme(walker, "pink")
    walker.refresh_from_db()
    assert walker.theme == "dark"


@pytest.mark.django_db(transaction=True)
def test_one_of_two_people_added_at_once_with_the_same_address_is_refused(administrator, tmp_path, monkeypatch):
    move_database_to_disk(tmp_path, monkeypatch)

    def add_nora():
        try:
            people.add(NORA, by=administrator, now=NOW)
        except AddressTakenError:
            return "refused"
        return "added"

    assert sorted(in_two_threads(add_nora)) == ["added", "refused"]


def test_the_database_keeps_one_person_for_an_address_whatever_the_case(school, walker):
    with pytest.raises(IntegrityError):
        a_person(school, "Ada", "Wolf", email=walker.email.upper())
