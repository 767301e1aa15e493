"""`manage.py erase PERSON`: erase the private data of a person who left, as the people page does."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from school import people
from school.errors import RuleError
from school.models import Person

WHAT = """Name, address, roles, timetable, notes, photos, takeaways, drafts, praise received, conversations, mails and
sign-in data are deleted for good. Days and states of walks stay without a name, and colleagues keep the praise they
received from this person. Backups keep a copy until they are too old (docs/privacy.md)."""


class Command(BaseCommand):
    help = "Erase a person who has left the school. PERSON is the e-mail address, or the number in their page's URL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="e-mail address or number")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, person: str, yes: bool, **options: Any) -> None:
        found = self._find(person)
        if not yes:
            self.stdout.write(WHAT)
            if input(f"Type {found.full_name} to erase: ").strip() != found.full_name:
                raise CommandError("Nothing was changed.")
        try:
            people.erase(found, by=None, now=timezone.now())
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Erased.")

    def _find(self, person: str) -> Person:
        wanted = {"pk": person} if person.isdecimal() else {"email__iexact": person}
        found: Person | None = Person.objects.filter(**wanted, erased_at__isnull=True).first()
        if found is None:
            raise CommandError("There is no person with that address or number.")
        return found
