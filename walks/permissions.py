"""Who may do what with a walk: pure predicates, asked by rules, views and templates alike."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from school.models import Grade, Person
from school.permissions import may_run_school

from .models import Walk


def is_walker(person: Person, walk: Walk) -> bool:
    """Whether the walk is the person's own."""
    return walk.walker_id == person.pk


def other_heads(walk: Walk) -> QuerySet[Person]:
    """Return active Heads of the walker's grade except the walker; none for a walker without a grade."""
    people: QuerySet[Person] = Person.objects.active()
    if walk.walker.grade_id is None:
        return people.none()
    heads = people.filter(headed_grades=walk.walker.grade_id, school=walk.walker.school_id)
    return heads.exclude(pk=walk.walker_id).order_by("family_name", "given_name")


def deciders(walk: Walk) -> QuerySet[Person]:
    """Return who decides: the other Heads of the walker's grade or, if there are none, the administrators.

    Nobody decides on their own walk.
    """
    heads = other_heads(walk)
    if heads.exists():
        return heads
    administrators = Person.objects.active().filter(is_administrator=True, school=walk.walker.school_id)
    found: QuerySet[Person] = administrators.exclude(pk=walk.walker_id).order_by("family_name", "given_name")
    return found


def may_decide(person: Person, walk: Walk) -> bool:
    """Whether the person decides on the walk."""
    return not is_walker(person, walk) and deciders(walk).filter(pk=person.pk).exists()


def who_decides(walk: Walk) -> list[Person]:
    """The same people as a list (one query)."""
    walker = walk.walker
    heads = Grade.objects.filter(people=walker, heads=OuterRef("pk"))
    asked = Person.objects.active().filter(school=walker.school_id).exclude(pk=walk.walker_id)
    found = asked.annotate(decides_as_head=Exists(heads)).filter(Q(decides_as_head=True) | Q(is_administrator=True))
    people = list(found.order_by("family_name", "given_name"))
    return [person for person in people if person.decides_as_head] or people


def decider_names(heads: list[Person], *, full: bool = False) -> str:
    """Return the deciders' names: "Lucía", "Lucía or Oliver"; empty if there are none."""
    names = [person.full_name if full and len(heads) == 1 else person.given_name for person in heads]
    return (
        _("%(first)s or %(second)s") % {"first": ", ".join(names[:-1]), "second": names[-1]}
        if names[1:]
        else "".join(names)
    )


def may_call_off(person: Person, walk: Walk) -> bool:
    """The walker may; once the walker has left the school, its administrators may."""
    left = not walk.walker.is_active and walk.walker.school_id == person.school_id
    return is_walker(person, walk) or (left and may_run_school(person))


def may_read_focus(person: Person, walk: Walk) -> bool:
    """The walker and Heads of the walker's grade may. An administrator who decides may not (product rule)."""
    return is_walker(person, walk) or walk.walker.grade_id in person.headed_grade_ids


def may_be_asked(person: Person) -> bool:
    """Whether requests can reach this person: Heads, and administrators for grades without another Head."""
    return person.is_administrator or person.is_head


def may_read_report(person: Person) -> bool:
    """Administrators read the semester report of all; Heads that of their grades."""
    return person.is_administrator or person.is_head


def may_read_reasons(person: Person) -> bool:
    """Only administrators may read why a teacher is excused, often for health reasons; Heads only see that they are."""
    return person.is_administrator
