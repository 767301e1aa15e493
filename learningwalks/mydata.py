"""Everything the system holds about one person, as they may take it home: a ZIP with one JSON file and their photos.

`RELATIONS` names every column of every model that points to a person, and where it is told; a test fails when one
is new. What somebody else wrote privately (their notes, drafts, ideas) is theirs and not in it.
"""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from notifications.models import Message, MutedKind, Reminder
from observations.models import Note, Photo, Praise, Takeaway
from school.models import Grade, Lesson, Person, Team
from walks.models import Excusal, Stop, Walk, WalkEvent

# "app.model.column": the section of the file that tells it, or (after "-") why it is not told.
RELATIONS = {
    "school.grade.heads": "head_of",
    "school.team.members": "teams",
    "school.lesson.teacher": "timetable",
    "school.person_groups.person": "person",
    "school.person_user_permissions.person": "person",
    "school.grade_heads.person": "head_of",
    "school.team_members.person": "teams",
    "walks.walk.walker": "walks",
    "walks.walk.cover": "covers",
    "walks.walk.decided_by": "decisions",
    "walks.stop.host": "visits_to_my_room",
    "walks.walkevent.actor": "my_steps",
    "walks.excusal.person": "excusals",
    "walks.excusal.excused_by": "excusals_i_gave",
    "observations.praise.author": "praise_written",
    "observations.praise.host": "praise_received",
    "notifications.message.recipient": "mails_to_me",
    "notifications.message.author": "mails_from_me",
    "notifications.reminder.person": "reminders",
    "notifications.mutedkind.person": "mails_switched_off",
    "account.emailaddress.user": "addresses",
    "mfa.authenticator.user": "second_step",
    "usersessions.usersession.user": "sessions",
    "admin.logentry.user": "admin_log",
}
ACCOUNT = (
    "given_name", "family_name", "email", "subject", "is_teacher", "is_administrator", "is_staff", "is_superuser",
    "is_active", "theme", "invited_at", "joined_at", "last_login",
)  # fmt: skip
WALK = (
    "pk", "state", "date", "starts_at", "ends_at", "own_focus", "announced", "created_at", "requested_at",
    "decided_at", "started_at", "finished_at", "praise_due_at", "takeaway_at", "completed_at", "cancelled_at",
)  # fmt: skip
STOP = (
    "position", "room__code", "lesson_title", "minutes", "added_on_the_way", "arrived_at", "left_at", "skipped_at",
    "thanked_at",
)  # fmt: skip
PRAISE = ("text", "sent_at", "said_in_person_at", "read_at", "host_thanked_at")
NOTE = ("text", "on_own_focus", "created_at", "updated_at", "removed_at")
LOG = ("action_time", "content_type__app_label", "content_type__model", "object_id", "object_repr", "action_flag",
       "change_message")  # fmt: skip
REMINDER = ("kind", "key", "about_id", "due_at", "deadline", "state", "created_at")
MAIL = ("kind", "subject", "to_addr", "state", "created_at", "due_at", "sent_at")
Section = Callable[[Person, dt.datetime], Any]


def _rows(found: QuerySet[Any], *columns: str) -> list[dict[str, Any]]:
    return list(found.values(*columns))


def _with(row: Model, columns: Iterable[str], **more: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns} | more


def _person(person: Person, now: dt.datetime) -> dict[str, Any]:
    rights = {"groups": [str(g) for g in person.groups.all()], "rights": sorted(person.get_user_permissions())}
    return _with(person, ACCOUNT, school=str(person.school), grade=person.grade and str(person.grade)) | rights


def _walks(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """My walks with their rooms, conversation, notes, photos and takeaway."""
    walks = Walk.objects.of(person).with_route().prefetch_related("events__actor")
    notes, photos, ideas = _mine(Note, person), _mine(Photo, person), Takeaway.objects.visible_to(person)
    taken = {idea.walk_id: _with(idea, ("text", "remind_on", "outcome", "outcome_at", "updated_at")) for idea in ideas}
    return [
        _with(walk, WALK, semester=str(walk.semester), period=str(walk.period), focus=walk.focus_names)
        | {"cover": walk.cover and walk.cover.full_name}
        | {"decided_by": walk.decided_by and walk.decided_by.full_name}
        | {"stops": [_stop(stop, notes, photos) for stop in walk.stops.all()]}
        | {"events": [_event(event) for event in walk.events.all()]}
        | {"takeaway": taken.get(walk.pk)}
        for walk in walks
    ]


def _mine(model: type[Note] | type[Photo], person: Person) -> dict[int, list[Any]]:
    manager = Note.removed_too if model is Note else model.objects  # type: ignore[attr-defined]
    found: dict[int, list[Any]] = {}
    rows: Any = manager.filter(stop__walk__walker=person)
    for row in rows.select_related("practice") if model is Note else rows:
        found.setdefault(row.stop_id, []).append(row)
    return found


def _stop(stop: Stop, notes: dict[int, list[Note]], photos: dict[int, list[Photo]]) -> dict[str, Any]:
    return {
        "room": stop.room.code,
        "colleague": stop.host.full_name,
        **_with(stop, [name for name in STOP if "__" not in name]),
        "notes": [_with(note, NOTE, practice=note.practice and note.practice.name) for note in notes.get(stop.pk, [])],
        "photos": [
            _with(photo, ("description", "taken_at", "width", "height"), file=photo_name(photo))
            for photo in photos.get(stop.pk, [])
        ],
    }


def _event(event: WalkEvent) -> dict[str, Any]:
    return _with(event, ("action", "at", "words"), by=event.actor and event.actor.full_name)


def _covers(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Lessons I take while a colleague walks: when and which, nothing else of that walk."""
    told = Walk.objects.filter(cover=person, state__in=["approved", "walked", "complete"])
    return _rows(told, "date", "starts_at", "ends_at", "covered_lesson__title", "walker__email")


def _decisions(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _rows(Walk.objects.filter(decided_by=person), "pk", "date", "decided_at", "walker__email")


def _visits(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    visits = Stop.objects.hosted_by(person, now).order_by("walk__starts_at")
    return _rows(visits, "walk__date", "room__code", "lesson_title", "walk__walker__email", "arrived_at", "left_at")


def _steps(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """What I did with any walk, and the words I wrote doing it."""
    return _rows(WalkEvent.objects.filter(actor=person), "walk_id", "action", "at", "words")


def _praise_written(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _letters(Praise.objects.of(person), "host__email", "stop__walk__date", "stop__room__code", "updated_at")


def _praise_received(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _letters(
        Praise.objects.received_by(person), "author__email", "stop__walk__date", "stop__room__code", "updated_at"
    )


def _letters(found: QuerySet[Praise], *columns: str) -> list[dict[str, Any]]:
    """Letters, each with the name that its photo has in the file."""
    rows = found.values(*columns, *PRAISE, "photo")
    return [row | {"photo": row["photo"] and file_name(row["photo"])} for row in rows]


def _excusals(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _rows(Excusal.objects.filter(person=person), "semester__name", "reason", "excused_at", "excused_by__email")


def _excusals_given(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _rows(Excusal.objects.filter(excused_by=person), "semester__name", "reason", "excused_at", "person__email")


def _mails_to(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """When and what about; not those that wait and can still be taken back."""
    gone = Message.objects.filter(recipient=person).exclude(state__in=["queued", "sending", "cancelled"])
    return _rows(gone.order_by("created_at"), *MAIL)


def _mails_from(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _rows(Message.objects.filter(author=person).order_by("created_at"), *MAIL)


def _timetable(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    lessons = Lesson.objects.filter(teacher=person)
    return _rows(lessons, "semester__name", "day_type__name", "period__name", "room__code", "title")


def _sessions(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    return _rows(UserSession.objects.filter(user=person), "created_at", "last_seen_at", "ip", "user_agent")


SECTIONS: dict[str, Section] = {
    "person": _person,
    "addresses": lambda p, _now: _rows(EmailAddress.objects.filter(user=p), "email", "verified", "primary"),
    "second_step": lambda p, _now: _rows(Authenticator.objects.filter(user=p), "type", "created_at", "last_used_at"),
    "sessions": _sessions,
    "head_of": lambda p, _now: _rows(Grade.objects.filter(heads=p), "name"),
    "teams": lambda p, _now: _rows(Team.objects.filter(members=p), "name"),
    "timetable": _timetable,
    "walks": _walks,
    "visits_to_my_room": _visits,
    "covers": _covers,
    "decisions": _decisions,
    "my_steps": _steps,
    "praise_written": _praise_written,
    "praise_received": _praise_received,
    "excusals": _excusals,
    "excusals_i_gave": _excusals_given,
    "mails_to_me": _mails_to,
    "mails_from_me": _mails_from,
    "reminders": lambda p, _now: _rows(Reminder.objects.filter(person=p), *REMINDER),
    "mails_switched_off": lambda p, _now: _rows(MutedKind.objects.filter(person=p), "kind"),
    "admin_log": lambda p, _now: _rows(LogEntry.objects.filter(user=p), *LOG),
}


def collect(person: Person, *, now: dt.datetime) -> dict[str, Any]:
    """Everything about the person, section by section. Passwords and keys are never in it."""
    return {"made_at": now} | {name: section(person, now) for name, section in SECTIONS.items()}


def photo_name(photo: Photo) -> str:
    """The name of a photo inside the ZIP."""
    return file_name(photo.pk)


def file_name(photo_id: object) -> str:
    """The same from the photo's number."""
    return f"photos/{photo_id}.jpg"


def own_and_received(person: Person) -> QuerySet[Photo]:
    """The photos the person took, and those that came with a praise to them."""
    found: QuerySet[Photo] = Photo.objects.filter(
        Q(pk__in=Photo.objects.own(person)) | Q(pk__in=Photo.objects.visible_to(person).values("pk"))
    )
    return found


def write_zip(person: Person, target: IO[bytes], *, now: dt.datetime) -> None:
    """The JSON file and the photos. One that cannot be read just now is named."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        words = json.dumps(collect(person, now=now), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("my-data.json", words)
        not_read = [photo_name(photo) for photo in own_and_received(person) if not _put(photo, archive)]
        if not_read:
            words = _("These photos could not be read. Ask for your data again later, or tell your administrator:")
            archive.writestr("photos/not-read.txt", "\n".join([words, *not_read, ""]))


def _put(photo: Photo, archive: zipfile.ZipFile) -> bool:
    """Whether asking again later would bring no more."""
    try:
        with photo.file.open("rb") as file:
            archive.writestr(photo_name(photo), file.read(), zipfile.ZIP_STORED)
    except FileNotFoundError:  # gone; its line in the JSON stays
        return True
    except OSError:  # the disk or the photo store is away
        return False
    return True
