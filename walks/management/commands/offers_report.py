"""`manage.py offers_report`: how good the walks are that the site offers to the teachers of a school."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from school.models import School

from ...planning.offers_report import OffersReport, report_on


class Command(BaseCommand):
    help = "Say how many teachers are offered no walk, and how the offered walks spread over hosts. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--school", type=int, help="number of the school; all schools by default")
        parser.add_argument("--json", action="store_true", help="print one JSON object for each school")

    def handle(self, *args: Any, **options: Any) -> None:
        schools = School.objects.order_by("pk")
        if options["school"] is not None:
            schools = schools.filter(pk=options["school"])
            if not schools:
                raise CommandError("There is no school with that number.")
        for school in schools:
            report = report_on(school, now=timezone.now())
            self.stdout.write(_as_json(school, report) if options["json"] else _as_text(school, report))


def _as_json(school: School, report: OffersReport) -> str:
    figures = {"outside_hours_percent": report.outside_hours_percent, "most_against_mean": report.most_against_mean}
    return json.dumps({"school": school.pk, **asdict(report), **figures})


def _as_text(school: School, report: OffersReport) -> str:
    lines = (
        school.name,
        f"  {report.teachers} teachers, {report.teachers_without_offer} of them without an offer",
        f"  {report.offers} offers, {report.outside_hours_percent:g} % of them outside the teacher's hours at school",
        "  If all teachers take their first offer, one after another:",
        f"    hosts have {report.mean_visits:.1f} visits on average, and none has more than "
        f"{report.most_against_mean:.1f} times that",
        f"    {report.hosts_without_visit} of {report.hosts} hosts have no visit",
        f"  {report.seconds_per_teacher:.3f} seconds for each teacher",
    )
    return "\n".join(lines)
