"""Who may do what with a walk. Rules, views and templates ask the same functions."""

from __future__ import annotations

from django.db.models import Value
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from school.models import Person
from school.permissions import may_run_school

from .models import Walk


def is_walker(person: Person, walk: Walk) -> bool:
    """Whether the walk is the person's own."""
    return walk.walker_id == person.pk


def who_decides(walk: Walk) -> list[Person]:
    """Return who decides on the walk: the other Heads of the walker's grade or, without any, the administrators.

    Nobody decides on their own walk. `is_head_of_walker` says which of the two (one query, or two without a Head).
    """
    walker = walk.walker
    people = Person.objects.active().filter(school=walker.school_id).exclude(pk=walker.pk)
    people = people.order_by("family_name", "given_name")
    if walker.grade_id is not None:
        heads = list(people.filter(headed_grades=walker.grade_id).annotate(is_head_of_walker=Value(True)))
        if heads:
            return heads
    return list(people.filter(is_administrator=True).annotate(is_head_of_walker=Value(False)))


def may_decide(person: Person, walk: Walk) -> bool:
    return not is_walker(person, walk) and person in who_decides(walk)


def decider_names(people: list[Person]) -> str:
    """Return the given names of those of whom one decides, for example "Lucía or Oliver"; empty if there are none."""
    return get_text_list([person.short_name for person in people], _("or"))


def recipient_names(people: list[Person], *, full: bool = False) -> str:
    """Return the given names of those who all get the e-mail, for example "Lucía and Oliver"; empty if there are none.

    `full` gives the full name if there is only one.
    """
    if full and len(people) == 1:
        return people[0].full_name
    return get_text_list([person.short_name for person in people], _("and"))


def heads_grade_of(person: Person, walk: Walk) -> bool:
    """Whether the person is Head of the walker's grade, and so may read the walk after the decision too."""
    return not is_walker(person, walk) and walk.walker.grade_id in person.headed_grade_ids


def may_cancel(person: Person, walk: Walk) -> bool:
    """Whether the person may cancel the walk: the walker or, after the walker has left, the school's administrators."""
    walker_has_left = not walk.walker.is_active and walk.walker.school_id == person.school_id
    return is_walker(person, walk) or (walker_has_left and may_run_school(person))


def may_read_focus(person: Person, walk: Walk) -> bool:
    """Whether the person may read the walk's focus: the walker and the Heads of the walker's grade.

    An administrator may not, even one who decides on the walk (a rule of the product).
    """
    return is_walker(person, walk) or walk.walker.grade_id in person.headed_grade_ids


def may_be_asked(person: Person) -> bool:
    """Whether requests can reach this person: Heads, and administrators, who decide for grades without another Head."""
    return person.is_administrator or person.is_head


def may_read_report(person: Person) -> bool:
    """Whether the person may read the semester report: administrators of all teachers, Heads of their own grades."""
    return person.is_administrator or person.is_head


def may_read_reasons(person: Person) -> bool:
    """Whether the person may read why teachers are excused.

    Only administrators may, because the reason is often a person's health. Heads only see that a teacher is excused.
    """
    return person.is_administrator
