"""How good the offered walks of a school are: who gets none, and how they spread over the hosts.

The report names nobody, because no count of visits to a teacher is ever shown.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from school.calendar import Calendar, local_date
from school.models import Lesson, Person, School

from ..availability.occupancy import ScheduledWalk
from .good_times import GoodTime, availability_ahead, next_good_times


@dataclass(frozen=True)
class OffersReport:
    """Figures about the offers of all teachers, if each in turn takes their first one."""

    teachers: int
    teachers_without_offer: int
    offers: int
    offers_outside_hours: int
    hosts: int
    hosts_without_visit: int
    visits_of_most_visited_host: int
    mean_visits: float
    seconds_per_teacher: float

    @property
    def outside_hours_percent(self) -> float:
        return 100 * self.offers_outside_hours / max(self.offers, 1)

    @property
    def most_against_mean(self) -> float:
        return self.visits_of_most_visited_host / self.mean_visits if self.mean_visits else 0


def report_on(school: School, *, now: dt.datetime) -> OffersReport:
    """Let all teachers take their first offer, one after another, and return the figures. Nothing is stored."""
    calendar = Calendar(school)
    taken: list[ScheduledWalk] = []
    counts: Counter[str] = Counter()
    started = time.perf_counter()
    for walker in Person.objects.teachers().filter(school=school).select_related("grade").order_by("pk"):
        walker.school = school
        availability = availability_ahead(walker, now=now, calendar=calendar, more_walks=taken)
        offers = next_good_times(walker, now=now, calendar=calendar, availability=availability)
        at_school = (availability.is_at_school(walker, offer.date, offer.period) for offer in offers)
        counts += Counter(teachers=1, without=not offers, offers=len(offers), inside=sum(at_school))
        taken += [_taken(walker, offer, calendar) for offer in offers[:1]]
    seconds = time.perf_counter() - started
    visits = Counter(host for walk in taken for host in walk.hosts)
    hosts = _hosts(calendar, local_date(school, now)) | visits.keys()
    return OffersReport(
        teachers=counts["teachers"],
        teachers_without_offer=counts["without"],
        offers=counts["offers"],
        offers_outside_hours=counts["offers"] - counts["inside"],
        hosts=len(hosts),
        hosts_without_visit=len(hosts - visits.keys()),
        visits_of_most_visited_host=max(visits.values(), default=0),
        mean_visits=visits.total() / max(len(hosts), 1),
        seconds_per_teacher=seconds / max(counts["teachers"], 1),
    )


def _taken(walker: Person, offer: GoodTime, calendar: Calendar) -> ScheduledWalk:
    starts_at = calendar.times(offer.date, offer.period)[0]
    return ScheduledWalk(
        walk_id=0,
        walker_id=walker.pk,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=offer.minutes),
        rooms=set(offer.room_ids),
        hosts={host.pk for taught in offer.lessons for host in taught.hosts},
    )


def _hosts(calendar: Calendar, today: dt.date) -> set[int]:
    """Return the ids of all who have a class to visit in the semester of the offers."""
    semester = calendar.current_semester(today)
    classes: Iterable[int] = Lesson.objects.to_visit().filter(semester=semester).values_list("teacher", flat=True)
    return set(classes)
