"""Excuse a teacher from the walk of a semester, or take the excusal back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from school.errors import RuleError
from school.models import Person, Semester
from school.permissions import require_administrator
from school.text.typed import one_line

from ..models import Excusal


def _require_administrator(by: Person, person: Person) -> None:
    require_administrator(by, school_id=person.school_id, words=_("Only administrators can excuse a teacher."))


@transaction.atomic
def excuse(person: Person, *, semester: Semester, reason: str, by: Person, now: dt.datetime) -> Excusal:
    """Excuse the teacher from this semester's walk. A second call replaces the reason."""
    _require_administrator(by, person)
    reason = one_line(reason)
    if not reason:
        raise RuleError(_("Give a reason, for example: on leave"))
    values = {"reason": reason, "excused_by": by, "excused_at": now}
    excusal, _new = Excusal.objects.update_or_create(person=person, semester=semester, defaults=values)
    return excusal


@transaction.atomic
def take_back(person: Person, *, semester: Semester, by: Person) -> None:
    """Remove the excusal, so that the teacher owes a walk again."""
    _require_administrator(by, person)
    Excusal.objects.filter(person=person, semester=semester).delete()
