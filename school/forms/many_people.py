"""The form to paste a list of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import Grade, Person
from ..people import PersonDetails, person_lines
from ..people.identity import NAME_TAKEN
from ..people.person_lines import Heading, PersonLine, heading_of, is_heading
from ..text.typed import refuse_hidden_characters
from .fields import offer_rows

MAX_LINES = 300  # of one list


class ManyPeopleForm(forms.Form):
    """Several people at once, one per line: cells of a spreadsheet, or "Amara Osei <amara.osei@school.example>"."""

    lines = forms.CharField(
        label=gettext_lazy("One person per line"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Copy the rows from a spreadsheet. With headings (Last name, First name, E-mail, Subject, Code), the "
            "columns can be in any order. Without headings, use this order: given name, family name, e-mail "
            "(if they have one). You can also type Amara Osei &lt;amara.osei@school.example&gt;."
        ),
        error_messages={"required": gettext_lazy("Paste at least one line")},
    )
    many_grade = forms.ModelChoiceField(
        Grade.objects.none(),
        label=gettext_lazy("Grade for all of them"),
        required=False,
        empty_label=gettext_lazy("No grade yet"),
    )
    people: list[PersonLine]
    heading: Heading | None = None

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        offer_rows(self, "many_grade", Grade.objects.visible_to(by))

    def clean_lines(self) -> str:
        """Accept the list if each line is a person with a free address. Otherwise raise errors, one per line."""
        text: str = self.cleaned_data["lines"]
        self.people = []
        problems = []
        numbered = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip(" \t,;")]
        if not numbered:
            raise ValidationError(self.fields["lines"].error_messages["required"])
        if len(numbered) > 1 and is_heading(numbered[0][1]):
            self.heading = heading_of(numbered[0][1])
            del numbered[0]
        if len(numbered) > MAX_LINES:
            raise ValidationError(_("That’s more than %(n)s lines. Paste them in two parts.") % {"n": MAX_LINES})
        read: Callable[[str], PersonLine | None] = self.heading.read if self.heading else person_lines.read
        taken = taken_by_accounts([read(line) for _n, line in numbered], by=self.by)
        for number, line in numbered:
            try:
                person = _checked(read(line), taken, has_heading=self.heading is not None)
                self.people.append(person)
                taken.add(person, number)
            except ValidationError as problem:
                words = {"n": number, "what": problem.messages[0]}
                problems.append(ValidationError(_("Line %(n)s: %(what)s") % words))
        if problems:
            raise ValidationError(problems)
        return text

    @property
    def titles(self) -> list[str]:
        """Return the titles in the list, such as "Dr.", which are left out of the names."""
        return sorted({line.title for line in self.people if line.title})

    @property
    def has_subjects(self) -> bool:
        return any(line.subject for line in self.people)

    @property
    def has_codes(self) -> bool:
        return any(line.code for line in self.people)

    @property
    def words(self) -> str:
        """Return the text of the button, with the number of people. Before the school opens they are only added."""
        words = ngettext("Add %(n)s person", "Add %(n)s people", len(self.people))
        if self.by.school.is_open and not self.without_address:
            words = ngettext("Invite %(n)s person", "Invite %(n)s people", len(self.people))
        return words % {"n": len(self.people)}

    @property
    def without_address(self) -> int:
        """Return how many people of the list have no e-mail address. They are added, but not invited."""
        return sum(1 for line in self.people if not line.email)

    @property
    def icon(self) -> str:
        return "send" if self.by.school.is_open and not self.without_address else "person-plus"


@dataclass
class TakenNames:
    """Addresses and codes that a line of the list cannot use, in lower case."""

    addresses: set[str]
    codes: set[str]
    names: set[str]  # nothing but the name identifies a line without address and code
    lines: dict[str, int] = field(default_factory=dict)  # what identifies earlier lines, with their number

    def add(self, line: PersonLine, number: int) -> None:
        """Refuse what identifies this line to the lines after it."""
        self.lines |= {name.casefold(): number for name in line.identifiers}

    def refuse(self, line: PersonLine) -> None:
        """Raise ValidationError if what identifies the line is taken."""
        if line.email in self.addresses:
            raise ValidationError(_("another person already signs in with %(email)s") % {"email": line.email})
        if line.code.casefold() in self.codes:
            raise ValidationError(_("another person already has the code %(code)s") % {"code": line.code})
        if not (line.email or line.code) and line.full_name.casefold() in self.names:
            raise ValidationError(NAME_TAKEN % {"name": line.full_name})
        for name in line.identifiers:
            if name.casefold() in self.lines:
                words = {"name": name, "n": self.lines[name.casefold()]}
                raise ValidationError(_("%(name)s is in your list twice; the other one is in line %(n)s") % words)


def _checked(found: PersonLine | None, taken: TakenNames, *, has_heading: bool) -> PersonLine:
    """Return the person of a line. Raise ValidationError if something is missing, too long or taken."""
    if found is None or not (has_heading or found.given_name):
        raise ValidationError(_("write it like Amara, Osei, amara.osei@school.example"))
    if not any(map(str.isalpha, found.full_name)):
        raise ValidationError(_("the name is missing"))
    if len(found.code) > 12:
        raise ValidationError(_("the code %(code)s is longer than 12 characters") % {"code": found.code})
    if len(found.email) > 254 or max(map(len, (found.given_name, found.family_name, found.subject))) > 60:
        raise ValidationError(_("a name or subject has up to 60 letters, an address up to 254"))
    refuse_hidden_characters(found.given_name + found.family_name + found.subject + found.code)
    try:
        if found.email:
            validate_email(found.email)
    except ValidationError as problem:
        raise ValidationError(_("%(email)s is not a complete e-mail address") % {"email": found.email}) from problem
    taken.refuse(found)
    return found


def details_of(line: PersonLine, grade: Grade | None) -> PersonDetails:
    """Return the details of a new teacher of this grade."""
    return PersonDetails(
        line.given_name, line.family_name, line.email, subject=line.subject, code=line.code, grade=grade
    )


def taken_by_accounts(lines: list[PersonLine | None], *, by: Person) -> TakenNames:
    """Return the addresses of these lines that an account has, and codes and names of the school (three queries)."""
    emails = {found.email for found in lines if found and found.email}
    addresses = Person.objects.filter(email__in=emails).values_list("email", flat=True)
    codes = Person.objects.visible_to(by).exclude(code="").values_list("code", flat=True)
    names = {person.full_name.casefold() for person in Person.objects.visible_to(by).active()}
    return TakenNames(set(addresses), {code.casefold() for code in codes}, names)
