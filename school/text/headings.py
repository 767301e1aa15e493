"""Headings of pasted lists in several languages. They say what each column contains."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from .typed import comparable

Words = Mapping[str, frozenset[str]]  # field -> headings that name it


def letters(heading: str) -> str:
    """Return only the letters and digits, so that "E-Mail" equals "email"."""
    return "".join(character for character in comparable(heading) if character.isalnum())


def words(**fields: str) -> Words:
    """Return the headings of each field, given as one text with commas between them."""
    return {field: frozenset(map(letters, names.split(","))) for field, names in fields.items()}


PERSON = words(
    given="given name, given names, first name, first names, forename, vorname, vornamen, rufname, prénom, prénoms, "
    "nombres, voornaam, fornavn, förnamn, etunimi, imię, imiona, jméno, křestní jméno, ime, keresztnév, utónév, isim, "
    "adı, prenume, имя, ім’я, име, όνομα, 名, 名字",
    family="family name, last name, last names, surname, surnames, nachname, familienname, zuname, nom de famille, "
    "apellido, apellidos, cognome, sobrenome, apelido, achternaam, efternavn, etternavn, efternamn, sukunimi, "
    "nazwisko, příjmení, priezvisko, prezime, priimek, vezetéknév, családnév, soyadı, soyad, фамилия, прізвище, "
    "фамилно име, επώνυμο, 姓",
    name="name, names, full name, teacher, lehrer, lehrkraft, lehrerin, nom, nom complet, nom et prénom, nombre, "
    "nombre completo, nome, nome completo, naam, navn, namn, nimi, név, ad, ad soyad, nume, 姓名, 氏名",
    email="email, email address, mail, mailadresse, emailadresse, mail address, courriel, adresse mail, adresse email, "
    "correo, correo electrónico, correu, posta elettronica, indirizzo email, eposta, epost, epostadres, eposti, "
    "sähköposti, adres email, почта, электронная почта, електронна пошта, имейл, "
    "メール, メールアドレス, 邮箱, 电子邮件",
    code="code, teacher code, short name, short, initials, abbreviation, kürzel, kurzname, lehrerkürzel, "
    "code enseignant, abréviation, código, iniciales, abreviatura, sigla, codice, afkorting, "
    "forkortelse, signatur, skrót, zkratka",
    subject="subject, subjects, fach, fächer, unterrichtsfach, matière, discipline, materia, asignatura, disciplina, "
    "vak, fag, ämne, przedmiot, předmět, predmet, tantárgy, ders, предмет",
)
LESSON = words(
    teacher="teacher, email, mail, email or name, name, lehrer, lehrerin, lehrkraft, kürzel, lehrerkürzel, "
    "teacher code, short name, initials, enseignant, professeur, "
    "profesor, profesora, docente, insegnante, professor, docent, leraar, lærer, lärare, opettaja, nauczyciel, učitel, "
    "nastavnik, tanár, öğretmen, учитель",
    day="day, weekday, tag, wochentag, jour, día, giorno, dia, dag, ugedag, päivä, dzień, den, dan, nap, gün, день",
    period="period, lesson, hour, stunde, stundennummer, heure, hora, periodo, ora, uur, lesuur, time, tunti, lekcja, "
    "godzina, hodina, sat, óra, saat, урок",
    room="room, raum, zimmer, salle, aula, sala, lokaal, lokale, rum, sal, luokka, učebna, učionica, terem, "
    "sınıf odası, derslik, кабинет",
    kind="kind, art, sorte, genre, clase de hora, soort, slags, typ",
    title="class, title, course, subject, klasse, fach, kurs, classe, cours, clase, curso, turma, klas, hold, luokka "
    "ryhmä, klasa, třída, razred, osztály, sınıf, класс",
)


def separator_of(line: str) -> str:
    """Return the character between the columns of the line."""
    return next((mark for mark in "\t;" if mark in line), ",")


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of a line, with single spaces."""
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        cells = line.split(separator)
    return [" ".join(cell.split()) for cell in cells]


def columns_of(cells: Sequence[str], fields: Words) -> dict[str, int]:
    """Return the column number of each field that a heading names."""
    found: dict[str, int] = {}
    for number, cell in enumerate(cells):
        field = next((name for name, known in fields.items() if name not in found and letters(cell) in known), None)
        if field is not None:
            found[field] = number
    return found
