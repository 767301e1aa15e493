"""The school's catalogue of practices. A hidden practice is no longer offered, but stays on walks that chose it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from school.errors import RuleError
from school.models import Person
from school.permissions import require_administrator

from ..models import Practice, Walk


def to_choose_from(person: Person, walk: Walk | None) -> QuerySet[Practice]:
    """Return the practices to offer on the planning page: those not hidden, and those that the walk has chosen.

    Each has the annotation `chosen`, which `chosen_of` reads.
    """
    links = Walk.focus.through.objects.filter(practice=OuterRef("pk"), walk=walk.pk if walk else None)
    practices = Practice.objects.visible_to(person).annotate(chosen=Exists(links))
    found: QuerySet[Practice] = practices.filter(Q(is_hidden=False) | Q(chosen=True))
    return found


def chosen_of(practices: Iterable[Practice]) -> list[Practice]:
    """Return the practices that the walk has chosen, of those that `to_choose_from` returned."""
    return [practice for practice in practices if getattr(practice, "chosen", False)]


@transaction.atomic
def save(practice: Practice, *, by: Person) -> None:
    """Save a changed practice, or add a new one at the end of the catalogue."""
    _require_administrator(by, practice)
    if practice.pk is None:
        last = Practice.objects.filter(school=practice.school).aggregate(last=Max("position"))["last"]
        practice.position = (last or 0) + 1
    try:
        with transaction.atomic():
            practice.save()
    except IntegrityError as error:  # the form was sent twice at the same moment
        raise RuleError(_("A practice with this name already exists.")) from error


def hide(practice: Practice, *, hidden: bool, by: Person) -> None:
    """Hide a practice from the planning page, or offer it again."""
    _require_administrator(by, practice)
    Practice.objects.filter(pk=practice.pk).update(is_hidden=hidden)


def _require_administrator(by: Person, practice: Practice) -> None:
    require_administrator(by, school_id=practice.school_id, words=_("Only administrators can change the catalogue."))
