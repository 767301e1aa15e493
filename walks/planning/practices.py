"""The catalogue: the school's own practices to look for. Hidden ones stay on the walks that chose them."""

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
    """What a planner offers: all but the hidden ones, and those that the walk looks for (`chosen`) in any case."""
    links = Walk.focus.through.objects.filter(practice=OuterRef("pk"), walk=walk.pk if walk else None)
    practices = Practice.objects.visible_to(person).annotate(chosen=Exists(links))
    found: QuerySet[Practice] = practices.filter(Q(is_hidden=False) | Q(chosen=True))
    return found


def chosen_of(practices: Iterable[Practice]) -> list[Practice]:
    """Of what a planner offers, what its walk looks for."""
    return [practice for practice in practices if getattr(practice, "chosen", False)]


@transaction.atomic
def keep(practice: Practice, *, by: Person) -> None:
    """Add a practice at the end, or change one."""
    _require_administrator(by, practice)
    if practice.pk is None:
        last = Practice.objects.filter(school=practice.school).aggregate(last=Max("position"))["last"]
        practice.position = (last or 0) + 1
    try:
        with transaction.atomic():
            practice.save()
    except IntegrityError as error:  # the same form, sent twice at once
        raise RuleError(_("There is one already.")) from error


def hide(practice: Practice, *, hidden: bool, by: Person) -> None:
    """Stop offering a practice to those who plan, or offer it again."""
    _require_administrator(by, practice)
    Practice.objects.filter(pk=practice.pk).update(is_hidden=hidden)


def _require_administrator(by: Person, practice: Practice) -> None:
    require_administrator(by, school_id=practice.school_id, words=_("Only administrators change the catalogue."))
