"""Create the first school of an installation.

On a public server anyone could use an unprotected setup page. So the page asks for a code that only the server's
operator can read, and it returns 404 once there is a school.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.errors import RuleError
from school.models import Building, Campus, DayType, Grade, Hallway, Period, Person, School, Semester
from school.text.semester_words import guess_word
from walks.planning import catalogue

logger = logging.getLogger(__name__)
CODE_FILE = "setup-code"
BELLS = ("08:30 09:15", "09:20 10:05", "10:25 11:10", "11:15 12:00", "13:00 13:45", "13:50 14:35")
WEEKDAYS = tuple(map(gettext_lazy, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")))


class SchoolExistsError(RuleError):
    """Another request created the school first."""


@dataclass(frozen=True)
class FirstSchool:
    """The values of the setup form."""

    name: str
    time_zone: str
    semester: str
    starts_on: dt.date
    ends_on: dt.date
    bells: Iterable[tuple[dt.time, dt.time]]
    grades: Iterable[str]
    given_name: str
    family_name: str
    email: str
    password: str


def is_needed() -> bool:
    return not School.objects.exists()


def code() -> str:
    """Return the setup code: 60 bits, derived from SECRET_KEY so that all machines of an installation agree."""
    letters = base64.b32encode(salted_hmac("learningwalks.setup", "code", algorithm="sha256").digest()).decode()[:12]
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def code_matches(typed: str) -> bool:
    """Compare in constant time. Case, spaces and hyphens do not matter."""
    plain = "".join(character for character in typed.upper() if character.isalnum())
    return hmac.compare_digest(plain.encode(), code().replace("-", "").encode())


def write_code_file() -> Path:
    """Write the code to a file in DATA_DIR, and log it when the file is new or outdated."""
    file = Path(settings.DATA_DIR) / CODE_FILE
    if not file.exists() or file.read_text().strip() != code():
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(code() + "\n")
        logger.warning("There is no school yet. Open %s/setup/ with the code %s", settings.SITE_URL, code())
    return file


def delete_code_file() -> None:
    (Path(settings.DATA_DIR) / CODE_FILE).unlink(missing_ok=True)


@transaction.atomic
def create_school(first: FirstSchool) -> Person:
    """Create the school with its time zone, semester, bells, grades, focus catalogue and one administrator.

    Raise SchoolExistsError if there already is a school.
    """
    if not is_needed():
        raise SchoolExistsError(_("There is a school already. Sign in instead."))
    school = School.objects.create(name=first.name, time_zone=first.time_zone)
    Semester.objects.create(
        school=school,
        name=first.semester,
        word=guess_word(first.semester),
        starts_on=first.starts_on,
        ends_on=first.ends_on,
    )
    for number, (start, end) in enumerate(first.bells, start=1):
        name = _("Period %(n)s") % {"n": number}
        Period.objects.create(school=school, name=name, position=number, starts_at=start, ends_at=end)
    days = [DayType(school=school, name=str(name), weekday=number) for number, name in enumerate(WEEKDAYS)]
    DayType.objects.bulk_create(days)
    grades = [Grade(school=school, name=name, position=number) for number, name in enumerate(first.grades)]
    Grade.objects.bulk_create(grades)
    campus = Campus.objects.create(school=school, name=_("Main campus"))
    building = Building.objects.create(school=school, campus=campus, name=_("Main building"))
    Hallway.objects.create(building=building, name=_("Ground floor"))
    catalogue.load(school)
    transaction.on_commit(delete_code_file)
    return _create_administrator(school, first)


def _create_administrator(school: School, first: FirstSchool) -> Person:
    return Person.objects.create_user(
        first.email,
        first.password,
        school=school,
        given_name=first.given_name,
        family_name=first.family_name,
        is_administrator=True,
        is_teacher=False,
    )
