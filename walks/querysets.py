"""Who may see which walks. Everyone else finds nothing, so views answer 404."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from school.models import Grade, Person

if TYPE_CHECKING:
    from .models import Stop, Walk

OCCUPYING = ["requested", "approved"]
A_DAY = dt.timedelta(days=1)
OPEN = ["draft", "requested", "changes_asked", "approved", "walked"]


def _of_grades_of(person: Person) -> Q:
    """Walks of the grades that the person is Head of."""
    return Q(walker__grade__in=Grade.objects.filter(heads=person)) if person.is_head else Q(pk__in=[])


class WalkQuerySet(models.QuerySet["Walk"]):
    """Walks, found by what they are and by who may see them."""

    def of(self, person: Person) -> Self:
        """The person's own walks, all of which the person may see."""
        return self.filter(walker=person)

    def reaching(self, person: Person) -> Self:
        """Requests that this person decides or decided: as a Head of the walker's grade, else as an administrator."""
        return self.once_reaching(person).exclude(state="draft")

    def once_reaching(self, person: Person) -> Self:
        """Like `reaching`, plus those that are drafts again.

        Of these the person may only know that they no longer wait. Administrators are asked only if the walker's grade
        has no other Head. Never one's own walks.
        """
        reaches = _of_grades_of(person)
        if person.is_administrator:
            heads = Person.objects.active().filter(headed_grades=OuterRef("walker__grade_id"))
            others = heads.exclude(pk=OuterRef("walker_id"))
            reaches |= Q(~Exists(others))
        here = self.filter(reaches, semester__school=person.school_id)
        sent = here.filter(requested_at__isnull=False)
        return sent.exclude(walker=person) if person.is_active else self.none()

    def lapsed_since(self, moment: dt.datetime) -> Self:
        """Drafts that were requests until their day passed, after the moment."""
        from .models import WalkEvent  # the models import this module

        lapsed = WalkEvent.objects.filter(walk=OuterRef("pk"), action="lapse", at__gte=moment)
        return self.filter(Exists(lapsed), state="draft")

    def decidable_by(self, person: Person) -> Self:
        """Requests that wait for this person, or for the walker's answer to them."""
        return self.reaching(person).filter(state__in=["requested", "changes_asked"])

    def awaited(self, person: Person) -> Self:
        """Requests that wait for this person, and the person's own that wait for somebody else."""
        from .models import Walk  # the models import this module

        reached = Walk.objects.decidable_by(person).order_by().values("pk")
        own = Walk.objects.of(person).waiting().order_by().values("pk")
        return self.filter(pk__in=reached.union(own))

    def visible_to(self, person: Person) -> Self:
        """Walks whose page the person may open: own; of headed grades; requests that reached them.

        Drafts are the walker's alone, and so is a draft that was cancelled without ever being sent.
        """
        from .models import Walk  # the models import this module

        headed = _of_grades_of(person) & ~Q(state="draft") & Q(requested_at__isnull=False)
        reached = Q(pk__in=Walk.objects.decidable_by(person).values("pk"))
        return self.filter(Q(walker=person) | headed | reached) if person.is_active else self.none()

    def ahead(self) -> Self:
        """Walks that have not begun, from draft to approved."""
        return self.filter(state__in=["draft", "requested", "changes_asked", "approved"], started_at__isnull=True)

    def coming(self, now: dt.datetime) -> Self:
        """Approved walks that have not begun and are not over."""
        return self.filter(state="approved", started_at__isnull=True, ends_at__gt=now)

    def waiting(self) -> Self:
        """Requests that wait for a decision."""
        return self.filter(state="requested")

    def with_reply(self) -> Self:
        """Add the walker's answer to the last question (`reply_words`), in the same query."""
        from .models import WalkEvent  # the models import this module

        since = WalkEvent.objects.filter(walk=OuterRef("pk"), action="reply", at__gte=OuterRef("requested_at"))
        return self.annotate(reply_words=models.Subquery(since.order_by("-at").values("words")[:1]))

    def open(self) -> Self:
        """Walks in which somebody still has something to do."""
        return self.filter(state__in=OPEN)

    def occupying(self, starts_at: dt.datetime, ends_at: dt.datetime) -> Self:
        """Walks, requested or approved, that overlap the time; touching end to start does not count.

        No walk takes a day: the lower limit for `starts_at` lets the search skip walks of other years.
        """
        near = self.filter(starts_at__gt=starts_at - A_DAY, starts_at__lt=ends_at, ends_at__gt=starts_at)
        return near.filter(state__in=OCCUPYING)

    def engaging(self, person: Person) -> Self:
        """Walks in which the person walks or covers."""
        return self.filter(Q(walker=person) | Q(cover=person))

    def with_route(self) -> Self:
        """Everything a walk card shows, in three queries whatever the number of walks."""
        return self.with_own_route().select_related("walker__school", "walker__grade")

    def with_own_route(self) -> Self:
        """The same for walks found through `person.walks`: they know their walker, whose row is not read again."""
        from .models import Stop  # the models import this module

        stops = Stop.objects.select_related("room__hallway__building", "host__grade").order_by("position", "pk")
        related = self.select_related("semester", "period", "cover", "decided_by")
        return related.prefetch_related("focus", models.Prefetch("stops", queryset=stops))


class StopQuerySet(models.QuerySet["Stop"]):
    """Stops, found through the walk they belong to."""

    def visible_to(self, person: Person) -> Self:
        """The stops of the person's own walks: the live walk, notes, photos and praise hang on them."""
        return self.filter(walk__walker=person)

    def hosted_by(self, person: Person, now: dt.datetime) -> Self:
        """Visits to the person's own room that they may know of: announced and agreed, or after it happened."""
        agreed = Q(walk__state="approved", walk__announced=True, walk__starts_at__gte=now)
        happened = Q(walk__state__in=["walked", "complete"], arrived_at__isnull=False, skipped_at__isnull=True)
        return self.filter(agreed | happened, host=person)

    def visited(self) -> Self:
        """Rooms the walker was in."""
        return self.filter(arrived_at__isnull=False, skipped_at__isnull=True)

    def waiting_to_hear(self) -> Self:
        """Visited rooms whose host was not thanked yet; hosts who left are owed no thanks."""
        return self.visited().filter(thanked_at__isnull=True, host__is_active=True)

    def owed_thanks(self) -> Self:
        """The same of finished walks that are not complete."""
        return self.waiting_to_hear().filter(walk__state="walked")

    def left_unthanked(self, host: Person) -> Self:
        """Rooms of this host, visited on walks that are not complete, whose walker had not thanked the host."""
        return self.visited().filter(host=host, walk__state="walked", thanked_at__isnull=True)
