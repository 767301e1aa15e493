"""The people of the demo school, and the accounts that everybody may use. Nobody here exists."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from school.demo import DOMAIN

PASSWORD = "learning-walks"  # noqa: S105 (printed on the demo's sign-in page)

GRADES = [("Grade 5", 13), ("Grade 6", 16), ("Grade 7", 21), ("Grade 8", 19), ("Arts & PE", 15)]
SUBJECTS = ["Maths", "English", "Science", "History", "Spanish", "Geography"]
ARTS = ["Art", "Music", "Drama", "PE", "Design"]
TEAMS = ["Maths team", "Languages team", "Science team", "Arts & PE team"]

# The accounts that the sign-in page offers: (mailbox, given, family, grade, subject).
WALKER = ("walker", "Amara", "Osei", "Grade 7", "Science")
HOST = ("host", "Jonas", "Lindqvist", "Grade 7", "Maths")
HEAD = ("head", "Lucía", "Reyes", "Grade 7", "English")
ADMINISTRATOR = ("admin", "Daniel", "Whitfield", "", "")
ACCOUNTS = {
    f"{WALKER[0]}@{DOMAIN}": _("teacher"),
    f"{HOST[0]}@{DOMAIN}": _("visited teacher"),
    f"{HEAD[0]}@{DOMAIN}": _("Head of Grade"),
    f"{ADMINISTRATOR[0]}@{DOMAIN}": _("administrator"),
}

OTHER_HEADS = [
    ("Miriam", "Abdi", "Grade 5"),
    ("Kofi", "Boateng", "Grade 6"),
    ("Oliver", "Grant", "Grade 8"),
    ("Sofia", "Marchetti", "Arts & PE"),
]

GIVEN = [
    "Ben",
    "Ruth",
    "Tom",
    "Samuel",
    "Ana",
    "Leila",
    "Priya",
    "Mei",
    "Hana",
    "David",
    "Ngozi",
    "Ines",
    "Piotr",
    "Grace",
    "Yusuf",
    "Clara",
    "Dmitri",
    "Nadia",
    "Felix",
    "Aoife",
    "Hassan",
    "Ingrid",
    "Jamal",
    "Keiko",
    "Lars",
    "Maya",
    "Niko",
    "Olga",
    "Pavel",
    "Quentin",
    "Rosa",
    "Stefan",
    "Tara",
    "Umar",
    "Vera",
    "Wanda",
    "Xavier",
    "Yara",
    "Zane",
    "Adele",
    "Bruno",
    "Chloe",
    "Diego",
    "Elif",
    "Farid",
    "Gita",
    "Henrik",
    "Isla",
    "Javier",
    "Katya",
    "Liam",
    "Marta",
    "Nils",
    "Orla",
    "Pia",
    "Rafael",
    "Selma",
    "Theo",
    "Uma",
    "Viktor",
    "Wren",
    "Yonas",
    "Zara",
    "Anton",
    "Bela",
    "Carmen",
    "Dafne",
    "Emil",
    "Freya",
    "Goran",
    "Helen",
    "Idris",
    "Jana",
    "Kamal",
    "Lena",
    "Milan",
    "Nora",
    "Oscar",
    "Petra",
    "Rashid",
]

FAMILY = [
    "Achterberg",
    "Adeyemi",
    "Becker",
    "Brandt",
    "Duarte",
    "Haddad",
    "Nair",
    "Tanaka",
    "Kovač",
    "Mwangi",
    "Okafor",
    "Silva",
    "Nowak",
    "Mensah",
    "Demir",
    "Fischer",
    "Volkov",
    "Petrova",
    "Wagner",
    "Byrne",
    "Karimi",
    "Larsen",
    "Carter",
    "Sato",
    "Holm",
    "Sharma",
    "Virtanen",
    "Ivanova",
    "Horak",
    "Dubois",
    "Moreno",
    "Novak",
    "Doyle",
    "Farouk",
    "Sorensen",
    "Zieliński",
    "Leclerc",
    "Nasser",
    "Murphy",
    "Laurent",
    "Costa",
    "Evans",
    "Herrera",
    "Yildiz",
    "Rahimi",
    "Patel",
    "Berg",
    "Fraser",
    "Ortega",
    "Popova",
    "Walsh",
    "Kaczmarek",
    "Jensen",
    "Quinn",
    "Weber",
    "Mendes",
    "Aydin",
    "Papas",
    "Iyer",
    "Szabo",
    "Lindgren",
    "Tesfaye",
    "Hussein",
    "Keller",
    "Varga",
    "Navarro",
    "Christou",
    "Olsson",
    "Nyberg",
    "Babić",
    "Archer",
    "Diallo",
    "Svoboda",
    "Bashir",
    "Hoffmann",
    "Marić",
    "Eklund",
    "Reid",
    "Krause",
    "Aziz",
]


def more_names() -> Iterator[tuple[str, str]]:
    """Given and family names without end: first side by side, then in ever new pairs."""
    for shift in range(len(FAMILY)):
        for index, given in enumerate(GIVEN):
            yield given, FAMILY[(index + shift) % len(FAMILY)]
    number = 2
    while True:
        for given, family in zip(GIVEN, FAMILY, strict=False):
            yield given, f"{family} {number}"
        number += 1
