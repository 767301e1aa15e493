"""Create the demo school, and find its people."""

from io import StringIO

from django.core.management import call_command

from school.models import Person


def seed(*words):
    """Run the command `seed_demo` and return its output."""
    output = StringIO()
    call_command("seed_demo", *words, stdout=output, stderr=StringIO())
    return output.getvalue()


def person(mailbox):
    """Return a person of the demo."""
    return Person.objects.get(email=f"{mailbox}@maplehill.example")
