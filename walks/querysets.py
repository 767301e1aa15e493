"""Filters of walks and stops. Views fetch through `visible_to`, so a person who may not see a walk gets 404."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from school.models import Grade, Person

if TYPE_CHECKING:
    from .models import OpenDoor, Stop, Walk

STATES_THAT_OCCUPY_ROOMS = ["requested", "approved"]
LONGER_THAN_ANY_WALK = dt.timedelta(days=1)
OPEN = ["draft", "requested", "changes_asked", "approved", "walked"]


def _of_headed_grades(person: Person) -> Q:
    """Return the filter for walks of the grades that the person heads."""
    return Q(walker__grade__in=Grade.objects.filter(heads=person)) if person.is_head else Q(pk__in=[])


class WalkQuerySet(models.QuerySet["Walk"]):
    def of(self, person: Person) -> Self:
        """The person's own walks."""
        return self.filter(walker=person)

    def addressed_to(self, person: Person) -> Self:
        """Requests on which this person decides or decided.

        Heads decide for their grades, administrators for grades without another Head. Nobody decides on their own walk.
        """
        return self.ever_addressed_to(person).exclude(state="draft")

    def ever_addressed_to(self, person: Person) -> Self:
        """The walks of `addressed_to`, and those that became drafts again.

        About such a draft, the person may only learn that it no longer waits.
        """
        if not person.is_active:
            return self.none()
        addressed = _of_headed_grades(person)
        if person.is_administrator:
            heads = Person.objects.active().filter(headed_grades=OuterRef("walker__grade_id"))
            other_heads = heads.exclude(pk=OuterRef("walker_id"))
            addressed |= Q(~Exists(other_heads))
        sent = self.filter(addressed, semester__school=person.school_id, requested_at__isnull=False)
        return sent.exclude(walker=person)

    def lapsed_since(self, moment: dt.datetime) -> Self:
        """Drafts that were requests until their day passed, at or after this moment."""
        from .models import WalkEvent  # the models import this module

        lapsed = WalkEvent.objects.filter(walk=OuterRef("pk"), action="lapse", at__gte=moment)
        return self.filter(Exists(lapsed), state="draft")

    def decidable_by(self, person: Person) -> Self:
        """Requests that wait for this person's decision, or for the walker's answer to this person."""
        return self.addressed_to(person).filter(state__in=["requested", "changes_asked"])

    def pending_for(self, person: Person) -> Self:
        """Requests that this person has to decide, and the person's own requests that wait for a decision."""
        from .models import Walk  # the models import this module

        decidable = Walk.objects.decidable_by(person).order_by().values("pk")
        own = Walk.objects.of(person).waiting().order_by().values("pk")
        return self.filter(pk__in=decidable.union(own))

    def visible_to(self, person: Person) -> Self:
        """Walks whose page the person may open: their own, those of grades they head, and requests to decide.

        Only the walker sees a draft, and a walk that was cancelled before it was ever sent.
        """
        from .models import Walk  # the models import this module

        if not person.is_active:
            return self.none()
        headed = _of_headed_grades(person) & ~Q(state="draft") & Q(requested_at__isnull=False)
        decidable = Q(pk__in=Walk.objects.decidable_by(person).values("pk"))
        return self.filter(Q(walker=person) | headed | decidable)

    def not_begun(self) -> Self:
        """Walks that have not begun, from draft to approved."""
        return self.filter(state__in=["draft", "requested", "changes_asked", "approved"], started_at__isnull=True)

    def upcoming(self, now: dt.datetime) -> Self:
        """Approved walks that have not begun and whose time is not over."""
        return self.filter(state="approved", started_at__isnull=True, ends_at__gt=now)

    def waiting(self) -> Self:
        """Requests that wait for a decision."""
        return self.filter(state="requested")

    def with_latest_reply(self) -> Self:
        """Annotate the walker's answer to the last question as `reply_words`."""
        from .models import WalkEvent  # the models import this module

        replies = WalkEvent.objects.filter(walk=OuterRef("pk"), action="reply", at__gte=OuterRef("requested_at"))
        return self.annotate(reply_words=models.Subquery(replies.order_by("-at").values("words")[:1]))

    def open(self) -> Self:
        """Walks that are neither complete nor cancelled."""
        return self.filter(state__in=OPEN)

    def occupying(self, starts_at: dt.datetime, ends_at: dt.datetime) -> Self:
        """Requested or approved walks that take place during a part of this time.

        The lower limit for `starts_at` changes no result; it lets the database skip walks of earlier years.
        """
        earliest = starts_at - LONGER_THAN_ANY_WALK
        overlapping = self.filter(starts_at__gt=earliest, starts_at__lt=ends_at, ends_at__gt=starts_at)
        return overlapping.filter(state__in=STATES_THAT_OCCUPY_ROOMS)

    def involving(self, person: Person) -> Self:
        """Walks in which the person walks or covers."""
        return self.filter(Q(walker=person) | Q(cover=person))

    def with_route(self) -> Self:
        """Fetch all that a walk card shows, in three queries for any number of walks."""
        return self.with_route_without_walker().select_related("walker__school", "walker__grade")

    def with_route_without_walker(self) -> Self:
        """Like `with_route`, for walks found through `person.walks`: Django sets their walker without a query."""
        from .models import Stop  # the models import this module

        stops = Stop.objects.select_related("room__hallway__building__campus", "host__grade").order_by("position", "pk")
        related = self.select_related("semester", "period", "cover", "decided_by")
        return related.prefetch_related("focus", models.Prefetch("stops", queryset=stops))


class DoorQuerySet(models.QuerySet["OpenDoor"]):
    def visible_to(self, person: Person) -> Self:
        """The open doors of the person's school, whose hosts are still there. All staff may read them."""
        if not person.is_active:
            return self.none()
        return self.filter(host__school=person.school_id, host__is_active=True)

    def open(self, now: dt.datetime) -> Self:
        """Doors that are not closed, of lessons that are not over."""
        return self.filter(closed_at__isnull=True, ends_at__gt=now)


class StopQuerySet(models.QuerySet["Stop"]):
    def visible_to(self, person: Person) -> Self:
        """The stops of the person's own walks. Live walk, notes, photos and praise are found through them."""
        return self.filter(walk__walker=person)

    def hosted_by(self, person: Person, now: dt.datetime) -> Self:
        """Visits to the person's lessons that the person may know of.

        These are announced visits of approved walks, and visits that have taken place.
        """
        agreed = Q(walk__state="approved", walk__announced=True, walk__starts_at__gte=now)
        happened = Q(walk__state__in=["walked", "complete"], arrived_at__isnull=False, skipped_at__isnull=True)
        return self.filter(agreed | happened, host=person)

    def visited(self) -> Self:
        """Stops whose room the walker was in."""
        return self.filter(arrived_at__isnull=False, skipped_at__isnull=True)

    def unthanked(self) -> Self:
        """Visited stops whose host was not thanked yet; a host who has left needs no thanks."""
        return self.visited().filter(thanked_at__isnull=True, host__is_active=True)

    def owed_thanks(self) -> Self:
        """Unthanked stops of walks that are finished and not complete."""
        return self.unthanked().filter(walk__state="walked")

    def unthanked_by_open_walks(self, host: Person) -> Self:
        """Visited stops of this host, not thanked, on walks that are finished and not complete.

        Unlike `owed_thanks` it finds them after the host has left, too.
        """
        return self.visited().filter(host=host, walk__state="walked", thanked_at__isnull=True)
