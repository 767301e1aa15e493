"""Rows of every kind about a person, for tests of erasing and of "my data"."""

from pathlib import Path

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile

from notifications.models import MutedKind, Reminder
from notifications.tests.factories import a_message
from observations.tests.factories import a_note, a_photo, a_praise, a_takeaway
from school.models import Alias, Grade, Person, PolicyChange, Semester, Team
from school.tests.factories import NOW, a_lesson, at_school_all_day
from walks.models import Excusal, WalkEvent
from walks.tests.factories import a_door, a_walk


def use_test_mails(settings):
    """Let templates find the mail of `a_message`."""
    templates = Path(settings.BASE_DIR) / "notifications" / "tests" / "templates"
    pages = settings.TEMPLATES[0]
    settings.TEMPLATES = [pages | {"DIRS": [*pages["DIRS"], templates]}]


def create_everything_about(person, colleague, tag):
    """Create rows of every kind about a person, including those of a colleague. Their texts have the tag."""
    Grade.objects.get(school=person.school, name="Grade 8").heads.add(person)
    Team.objects.get(school=person.school).members.add(person)
    a_lesson(person, {"erased": "206", "staying": "208"}[tag], period=2, title=tag)
    Alias.objects.create(school=person.school, source="untis", kind="person", key=tag, person=person)
    person.hours_at_school.all().delete()
    at_school_all_day(person)
    PolicyChange.objects.create(school=person.school, by=person, setting="norms", old="x", new="y")
    done = a_walk(person, [colleague, colleague], state="complete")
    sent, unsent = done.stops.all()
    planned = a_walk(person, [colleague], state="approved", period=1 if tag == "erased" else 2)
    visited = a_walk(colleague, [person], state="complete", period=2 if tag == "erased" else 1).stops.get()
    for stop in (sent, unsent):
        a_note(stop)
        photo = a_photo(stop)
        photo.file.save("x.jpg", ContentFile(f"qz{tag}-bytes-zq".encode()))
    a_takeaway(done)
    sent_praise = a_praise(sent, sent_at=NOW, photo=sent.photos.get())
    a_praise(unsent)
    received = a_praise(visited, sent_at=NOW)
    for walk in (done, planned):
        WalkEvent.objects.create(walk=walk, actor=person, action="request", at=NOW, words="x")
    WalkEvent.objects.create(walk=visited.walk, actor=person, action="approve", at=NOW, words="x")
    a_door(person, {"erased": "206", "staying": "208"}[tag], period=2)
    semester = Semester.objects.get()
    Excusal.objects.create(person=person, semester=semester, reason="x", excused_by=colleague, excused_at=NOW)
    settled = {"state": "sent", "sent_at": NOW, "settled_at": NOW}
    a_message(person, key=f"{tag}1", about=received.about, author=colleague, state=settled)
    a_message(person, key=f"{tag}2")
    a_message(colleague, key=f"{tag}3", about=sent_praise.about, author=person, reply_to=person, state=settled)
    a_message(colleague, key=f"{tag}4", about=f"walk:{done.pk}")
    Reminder.objects.create(kind="k", key=tag, person=person, about_id=1, due_at=NOW, created_at=NOW)
    MutedKind.objects.create(person=person, kind="k")
    create_sign_in_data(person)


def create_sign_in_data(person):
    """Create all sign-in data of a person."""
    address = EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailConfirmation.objects.create(email_address=address, key=f"k{person.pk}")
    Authenticator.objects.create(user=person, type="totp", data={"secret": f"s{person.pk}"})
    UserSession.objects.create(user=person, ip="127.0.0.1", session_key=f"s{person.pk}", user_agent="x")
    session = SessionStore()
    session.update({"_auth_user_id": str(person.pk), "flash": person.email})
    session.save()
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.create(user=person, content_type=kind, object_id="0", object_repr="x", action_flag=2)
