"""Pasted lists of people: the heading names the columns; without one, they are in the usual order."""

import pytest

from school.forms.many_people import ManyPeopleForm
from school.models import Person
from school.people.person_lines import PersonLine

ANNA = PersonLine("Anna", "Müller", "anna@school.example")


@pytest.fixture
def pasted(administrator):
    """Return the form with this pasted list."""

    def paste(text):
        return ManyPeopleForm({"lines": text}, by=administrator)

    return paste


@pytest.mark.parametrize(
    "heading",
    [
        "Nachname;Vorname;E-Mail",
        "Last name\tFirst name\tE-mail",
        "Name; Vorname; Mailadresse",
        "Surname,Forename,Email address",
        "Nom;Prénom;Courriel",
        "APELLIDOS;NOMBRES;Correo electrónico",
        "Cognome;Nome;Indirizzo e-mail",
        "Achternaam;Voornaam;E-mailadres",
        "Efternamn;Förnamn;E-post",
        "Sukunimi;Etunimi;Sähköposti",
        "Nazwisko;Imię;Adres e-mail",
        "Příjmení;Jméno;E-mail",
        "Vezetéknév;Keresztnév;E-mail",
        "Soyadı;Adı;E-posta",
        "Фамилия;Имя;Электронная почта",
        "姓;名;メールアドレス",
    ],
)
def test_lists_with_the_family_name_first_are_read_correctly(pasted, heading):
    mark = next(mark for mark in "\t;," if mark in heading)
    form = pasted(f"{heading}\nMüller{mark}Anna{mark}Anna@school.example")
    assert form.is_valid(), form.errors
    assert form.people == [ANNA]


@pytest.mark.parametrize(
    "text",
    [
        "E-Mail\tVorname\tNachname\nanna@school.example\tAnna\tMüller",
        "Kürzel;Nachname;Vorname;Geb.;E-Mail\nMÜL;Müller;Anna;1980;anna@school.example",
        "\tNachname\tVorname\tE-Mail\n\tMüller\tAnna\tanna@school.example",
        "E-Mail;Name\nanna@school.example;Müller, Anna",
        'Full name,E-mail\n"Dr. Anna Müller",anna@school.example',
        "Titel;Vorname;Nachname;E-Mail\nDr.;Anna;Müller;<anna@school.example>",
        "Column;E-mail\nAnna Müller;anna@school.example",
    ],
)
def test_columns_may_be_in_any_order(pasted, text):
    form = pasted(text)
    assert form.is_valid(), form.errors
    line = form.people[0]
    assert (line.given_name, line.family_name, line.email) == ("Anna", "Müller", "anna@school.example")


def test_the_subject_is_saved_too(sign_in, administrator):
    text = "Nachname;Vorname;Fach;E-Mail\nMüller;Anna;Mathe;anna@school.example"
    sign_in(administrator).post("/people/many/", {"lines": text, "write": "1"})
    assert Person.objects.get(email="anna@school.example").subject == "Mathe"


def test_the_preview_says_which_column_is_which(sign_in, administrator):
    text = "Kürzel;Nachname;Vorname;E-Mail;Büro\nMÜL;Müller;Prof. Dr. Anna;anna@school.example;12"
    page = sign_in(administrator).post("/people/many/", {"lines": text}).content.decode()
    assert "Kürzel → code, Nachname → family name, Vorname → given name, E-Mail → e-mail." in " ".join(page.split())
    assert "Not used: Büro." in page
    assert "Titles are left out of the names: Prof. Dr." in page


@pytest.mark.parametrize(
    "line",
    [
        "Dr. Anna Müller <a@b.example>",
        "Dr. Anna Müller;a@b.example",
        "Müller, Dr. Anna <a@b.example>",
        "Anna;Müller, Dr.;a@b.example",
    ],
)
def test_the_preview_names_a_title_that_was_in_the_column_of_the_name(sign_in, administrator, line):
    page = sign_in(administrator).post("/people/many/", {"lines": line}).content.decode()
    assert "Titles are left out of the names: Dr." in page


def test_without_a_heading_the_preview_shows_the_assumed_order(sign_in, administrator):
    page = sign_in(administrator).post("/people/many/", {"lines": "Anna;Müller;anna@school.example"}).content.decode()
    assert "Read as given name, family name, e-mail." in page


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Dr. Anna Müller <a@b.example>", ("Anna", "Müller")),
        ("Dr. Anna;Müller;a@b.example", ("Anna", "Müller")),
        ("Müller, Dr. Anna <a@b.example>", ("Anna", "Müller")),
        ("Frau Prof. Dr. Anna Müller <a@b.example>", ("Anna", "Müller")),
        ("Dr.;Anna Müller;a@b.example", ("Anna", "Müller")),
        ("Drew Müller <a@b.example>", ("Drew", "Müller")),
        ("Sukarno <a@b.example>", ("Sukarno", "")),
        ("Sukarno;a@b.example", ("Sukarno", "")),
        (";Sukarno;a@b.example", ("Sukarno", "")),
        ("Dr. Sukarno <a@b.example>", ("Sukarno", "")),
        ("Ing Wong <a@b.example>", ("Ing", "Wong")),
        ("Ing;Wong;a@b.example", ("Ing", "Wong")),
        ("Wong, Ing <a@b.example>", ("Ing", "Wong")),
        ("Sr Maria <a@b.example>", ("Sr", "Maria")),
        ("Mag. Anna Müller <a@b.example>", ("Anna", "Müller")),
        ("Mag. Anna;Müller;a@b.example", ("Anna", "Müller")),
        ("Prof. Ing.;Anna Müller;a@b.example", ("Anna", "Müller")),
        ("Anna;Müller, Dr.;a@b.example", ("Anna", "Müller")),
        ("Anna;Müller Prof. Dr.;a@b.example", ("Anna", "Müller")),
        ("Anna Müller, Dr. <a@b.example>", ("Anna", "Müller")),
        ("Müller, Anna, Ph.D. <a@b.example>", ("Anna", "Müller")),
        ("Anna Müller Dr.;a@b.example", ("Anna", "Müller")),
        ("Anna;Ing;a@b.example", ("Anna", "Ing")),
    ],
)
def test_titles_are_not_part_of_a_name_and_one_name_is_enough(pasted, line, names):
    form = pasted(line)
    assert form.is_valid(), form.errors
    assert (form.people[0].given_name, form.people[0].family_name) == names


def test_a_line_may_lack_the_address_but_not_the_name(pasted):
    form = pasted("Nachname;Vorname;E-Mail\n;;anna@school.example\nMüller;Anna;")
    assert form.errors["lines"] == ["Line 2: the name is missing"]
    assert [line.full_name for line in form.people] == ["Anna Müller"]


def test_a_person_with_one_name_is_added(sign_in, administrator):
    page = sign_in(administrator)
    page.post("/people/new/", {"given_name": "Sukarno", "email": "s@school.example", "is_teacher": "on"})
    person = Person.objects.get(email="s@school.example")
    assert (person.full_name, person.sort_name) == ("Sukarno", "Sukarno")
    assert "Sukarno" in page.get("/people/").content.decode()
