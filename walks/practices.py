"""The focus library: the school's own practices to look for. Hidden ones stay on the walks that chose them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person

from .models import Practice
from .permissions import may_administer


@transaction.atomic
def keep(practice: Practice, *, by: Person) -> None:
    """Add a practice at the end, or change one."""
    _administrator(by, practice)
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
    _administrator(by, practice)
    Practice.objects.filter(pk=practice.pk).update(is_hidden=hidden)


def _administrator(by: Person, practice: Practice) -> None:
    if not may_administer(by) or by.school_id != practice.school_id:
        raise NotAllowedError(_("Only administrators change the focus library."))
