"""The download of everything stored about one person: a ZIP with a page to read, a JSON file and their photos.

Each app lists its data in its own `my_data.py`; this module adds the sign-in data and writes the file.
"""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from notifications import my_data as mail_data
from observations import my_data as observation_data
from observations.models import Photo
from school import my_data as school_data
from school.models import Person
from school.my_data import Section, rows
from walks import my_data as walk_data

from . import readable_data

LOG_COLUMNS = (
    "action_time",
    "content_type__app_label",
    "content_type__model",
    "object_id",
    "object_repr",
    "action_flag",
    "change_message",
)


def addresses_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return rows(EmailAddress.objects.filter(user=person), "email", "verified", "primary")


def second_step_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the second steps without their keys."""
    return rows(Authenticator.objects.filter(user=person), "type", "created_at", "last_used_at")


def sessions_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return rows(UserSession.objects.filter(user=person), "created_at", "last_seen_at", "ip", "user_agent")


def admin_log_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the changes that the person made in Django's admin."""
    return rows(LogEntry.objects.filter(user=person), *LOG_COLUMNS)


SECTION_OF_COLUMN = {
    **school_data.SECTION_OF_COLUMN,
    **walk_data.SECTION_OF_COLUMN,
    **observation_data.SECTION_OF_COLUMN,
    **mail_data.SECTION_OF_COLUMN,
    "account.emailaddress.user": "addresses",
    "mfa.authenticator.user": "second_step",
    "usersessions.usersession.user": "sessions",
    "admin.logentry.user": "admin_log",
}
SECTIONS: dict[str, Section] = {
    **school_data.SECTIONS,
    "addresses": addresses_section,
    "second_step": second_step_section,
    "sessions": sessions_section,
    **observation_data.SECTIONS,
    **walk_data.SECTIONS,
    **mail_data.SECTIONS,
    "admin_log": admin_log_section,
}


def collect(person: Person, *, now: dt.datetime) -> dict[str, Any]:
    """Return everything about the person by section. Passwords and keys are never included."""
    return {"made_at": now} | {name: section(person, now) for name, section in SECTIONS.items()}


def write_zip(person: Person, target: IO[bytes], *, now: dt.datetime) -> None:
    """Write the data as JSON and as a page, and the photos. A text file lists photos that cannot be read now."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        collected = collect(person, now=now)
        data = json.dumps(collected, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("my-data.json", data)
        archive.writestr("my-data.html", readable_data.page(person, collected))
        photos = observation_data.own_and_received_photos(person)
        not_read = [observation_data.photo_name(photo.pk) for photo in photos if not _write_photo(photo, archive)]
        if not_read:
            hint = _("These photos could not be read. Ask for your data again later, or tell your administrator:")
            archive.writestr("photos/not-read.txt", "\n".join([hint, *not_read, ""]))


def _write_photo(photo: Photo, archive: zipfile.ZipFile) -> bool:
    """Return False if a later try may succeed, for example because the photo store is unreachable now."""
    try:
        with photo.file.open("rb") as file:
            archive.writestr(observation_data.photo_name(photo.pk), file.read(), zipfile.ZIP_STORED)
    except FileNotFoundError:  # the file is deleted; the JSON still lists the photo
        return True
    except OSError:
        return False
    return True
