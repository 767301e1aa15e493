"""docs/data-register.md names every column of every table, and what it says about erasing is true."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import CharField, Q, TextField
from django.db.models.functions import Lower

from learningwalks.privacy import my_data, retention
from notifications.models import Message, Reminder
from notifications.tests.factories import a_message
from observations.models import Praise
from school import people
from school.models import Person, Semester
from school.tests.factories import NOW, a_person
from walks.models import Stop, Walk
from walks.semester import report

from . import person_data, snapshot
from .person_data import create_everything_about
from .register import lines

OTHER_RETENTION_WORDS = {"account", "directory", "passing"}


def test_every_column_of_every_table_is_in_the_register_once():
    listed = sorted(f"{line.table}.{column}" for line in lines() for column in line.columns)
    models = apps.get_models(include_auto_created=True)
    known = {
        f"{model._meta.label_lower}.{field.name}"
        for model in models
        for field in [*model._meta.fields, *(f for f in model._meta.many_to_many if f.name == "focus")]
    }
    assert listed == sorted(known)


def test_every_rule_and_section_in_the_register_exists():
    rules = {rule.name for rule in retention.RULES} | OTHER_RETENTION_WORDS
    assert [line.rules for line in lines() if set(line.rules) - rules] == []
    assert [line.sections for line in lines() if set(line.sections) - {*my_data.SECTIONS, "–"}] == []
    named = {name for line in lines() for name in line.rules}
    assert {rule.name for rule in retention.RULES} - {"accounts"} <= named


def test_every_row_says_in_a_defined_way_what_erasing_does():
    ways = re.compile(r"(goes|blank|replaced)( \(.+\))?|stays: (fact|other|plain)( \(.+\))?")
    assert [line.erasing for line in lines() if not ways.fullmatch(line.erasing)] == []


# --- Erasing: every text of two people contains a marker word --------------------------------------
def rows_about(person):
    """Return {table: rows} of the person's own rows, whose texts get the person's marker."""
    return {
        "school.person": Q(pk=person.pk),
        "school.lesson": Q(teacher=person),
        "school.alias": Q(person=person),
        "school.hoursatschool": Q(person=person),
        "school.policychange": Q(by=person),
        "account.emailaddress": Q(user=person),
        "account.emailconfirmation": Q(email_address__user=person),
        "usersessions.usersession": Q(user=person),
        "admin.logentry": Q(user=person),
        "walks.walk": Q(walker=person),
        "walks.stop": Q(host=person),
        "walks.walkevent": Q(walk__walker=person) | Q(actor=person),
        "walks.opendoor": Q(host=person),
        "walks.excusal": Q(person=person),
        "observations.note": Q(stop__walk__walker=person),
        "observations.photo": Q(stop__walk__walker=person),
        "observations.takeaway": Q(walk__walker=person),
        "observations.praise": Q(author=person) | Q(host=person),
        "notifications.message": Q(recipient=person) | Q(author=person) | Q(pk__in=about_walks_of(person)),
        "notifications.reminder": Q(person=person),
        "notifications.mutedkind": Q(person=person),
    }


def about_walks_of(person):
    """Return mails to others about the person's walks."""
    abouts = [f"walk:{pk}" for pk in Walk.objects.of(person).values_list("pk", flat=True)]
    return Message.objects.filter(about__in=abouts).values("pk")


NOT_FREE_TEXT = {
    "kind",
    "key",
    "about",
    "message_id",
    "calendar_method",
    "error_code",
    "action",
    "session_key",
    "file",
    "object_id",
    "to_addr",
    "setting",
}


def texts(model):
    """Return the text columns of a table."""
    plain = [field for field in model._meta.fields if isinstance(field, CharField | TextField) and not field.choices]
    return [field for field in plain if field.name not in NOT_FREE_TEXT]


def mark_texts(person, tag):
    """Put a unique marker word into every text of the person."""
    for table, rows in rows_about(person).items():
        model = apps.get_model(table)
        for row in model._base_manager.filter(rows):
            words = {f.name: f"qz{tag}-{f.name}-{row.pk}-zq"[: f.max_length] for f in texts(model)}
            model._base_manager.filter(pk=row.pk).update(**words)


def marked_columns(tag):
    """Return {column: count} of one person's marker in the whole database."""
    rows = snapshot.rows().items()
    hits = [f"{key[0]}.{name}" for key, row in rows for name, value in row.items() if f"qz{tag}-" in str(value)]
    return {name: hits.count(name) for name in hits}


@pytest.fixture
def mail_template(settings):
    """A template for the mails of `a_message`."""
    person_data.use_test_mails(settings)


@pytest.fixture
def two_people(school, administrator, walker, host, colleague, settings, mail_template):
    """A person to be erased, who has left; a person who stays; and a colleague of both."""
    create_everything_about(walker, colleague, "erased")
    create_everything_about(host, colleague, "staying")
    mark_texts(walker, "erased")
    mark_texts(host, "staying")
    folder = Path(settings.MAIL_DIR)
    folder.mkdir()
    for tag, person in (("erased", walker), ("staying", host)):
        person.refresh_from_db()
        Person.objects.filter(pk=person.pk).update(email=Lower("email"))
        mail = f"To: {person.email}\nSubject: =?utf-8?q?Hello?=\n\nqz{tag}-mail-zq for {person.given_name}"
        (folder / f"{tag}.eml").write_text(mail)
    Person.objects.filter(pk=walker.pk).update(is_active=False)


def marked_files(tag, settings):
    """Count the stored files (photos and mails) that contain this person's marker."""
    kept = [*Path(settings.MEDIA_ROOT).rglob("*.jpg"), *Path(settings.MAIL_DIR).glob("*.eml")]
    return sum(f"qz{tag}-".encode() in path.read_bytes() for path in kept)


def totals(reader):
    """Return the semester report's totals by grade, and its rows without names."""
    built = report.build(reader, Semester.objects.get(), today=NOW.date())
    by_grade = [(name, tally.counts) for name, tally in built.by_grade]
    return by_grade, sorted((row.person_id, row.status, row.date, row.extra) for row in built.everybody)


def test_erasing_removes_every_text_of_the_person_and_no_text_of_others(
    two_people, walker, host, administrator, settings, django_capture_on_commit_callbacks
):
    before = marked_columns("erased")
    others = marked_columns("staying")
    totals_before = totals(administrator)
    assert len(before) >= 25 and marked_files("erased", settings) == marked_files("staying", settings) == 3
    with django_capture_on_commit_callbacks(execute=True):
        people.erase(walker, by=administrator, now=NOW)
    sent_praises = Praise.objects.filter(author=walker)
    assert (marked_columns("erased"), sent_praises.count()) == ({"observations.praise.text": 1}, 1)
    assert (marked_columns("staying"), totals(administrator)) == (others, totals_before)
    assert (marked_files("erased", settings), marked_files("staying", settings)) == (0, 3)
    assert not [row for key, row in snapshot.rows().items() if "amara" in str(row).lower()]


def test_erasing_removes_and_keeps_what_the_register_says(
    two_people, walker, administrator, django_capture_on_commit_callbacks
):
    before = {table: set(pks(table, rows)) for table, rows in rows_about(walker).items()}
    with django_capture_on_commit_callbacks(execute=True):
        people.erase(walker, by=administrator, now=NOW)
    remaining = {table: len(before[table] & set(pks(table, Q()))) for table in before}
    assert {table: n for table, n in remaining.items() if n} == {
        "school.person": 1,
        "school.policychange": 1,  # without words
        "walks.walk": 1,  # the finished one
        "walks.stop": 1,  # in their room, on a colleague's walk
        "walks.walkevent": 1,  # on a colleague's walk, without words
        "walks.excusal": 1,
        "observations.praise": 1,  # praise that belongs to its receiver
        "notifications.message": 2,  # to the colleague, without words
    }
    signed_in = [session.get_decoded().get("_auth_user_id") for session in Session.objects.all()]
    assert str(walker.pk) not in signed_in and len(signed_in) == 1
    assert not Authenticator.objects.filter(user=walker).exists()
    assert list(Stop.objects.filter(walk__walker=walker)) == [Praise.objects.get(author=walker).stop]
    person = Person.objects.get(pk=walker.pk)
    assert person.full_name == "A former colleague"
    assert not person.has_usable_password()
    assert person.headed_grades.count() == 0


def pks(table, rows):
    """Return the primary keys of some rows of a table."""
    return apps.get_model(table)._base_manager.filter(rows).values_list("pk", flat=True)


TEXTS_WITH_NAMES = [
    ("伟", "王", "王伟老师 will host", True),
    ("伟", "王", "请王老师来", True),
    ("Jonas", "Lindqvist", "Lindqvists Klasse", True),
    ("Ян", "Новак", "Кабинет Яна", True),
    ("أحمد", "نور", "صف لأحمد", True),
    ("Bo", "Ek", "Borrow a book at the ekdal", False),
    ("Bo", "Ek", "Bo's room", True),
    (
        "Jonas",
        "Lindqvist",
        "in lower lindqvist street",
        True,
    ),  # contains the name: removing too much is the lesser harm
    ("Ann", "Roy", "Joanna and Leroy", False),
]


@pytest.mark.parametrize(("given", "family", "text", "is_removed"), TEXTS_WITH_NAMES)
def test_a_mail_that_names_the_person_loses_its_text(
    mail_template, walker, administrator, given, family, text, is_removed
):
    person = a_person(walker.school, given, family, is_active=False, email="x@school.example")
    settled = {"body_text": text, "subject": "s", "body_html": "", "state": "sent", "sent_at": NOW, "settled_at": NOW}
    mail = a_message(walker, state=settled)
    people.erase(person, by=administrator, now=NOW)
    mail.refresh_from_db()
    assert (mail.body_text == "") == is_removed


def test_the_words_of_a_nudge_that_name_the_person_are_removed(walker, head, administrator):
    person = a_person(walker.school, "Lucía", "Reyes", is_active=False, email="x@school.example")
    common = {"kind": "nudge", "person": walker, "about_id": 1, "created_at": NOW, "due_at": NOW, "sent_by": head}
    named = Reminder.objects.create(key="named", words="Ask Lucía for a good time", **common)
    other = Reminder.objects.create(key="other", words="Ask me for a good time", **common)
    people.erase(person, by=administrator, now=NOW)
    named.refresh_from_db()
    other.refresh_from_db()
    assert (named.words, other.words, other.sent_by) == ("", "Ask me for a good time", head)


def test_the_test_data_has_every_model_that_points_to_a_person(school):
    pointing = {column.rpartition(".")[0] for column in my_data.SECTION_OF_COLUMN}
    links = {"school.grade", "school.team", "school.grade_heads", "school.team_members"}
    links |= {"school.person_groups", "school.person_user_permissions", "mfa.authenticator"}
    assert pointing - links <= set(rows_about(a_person(school)))
