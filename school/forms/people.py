"""Forms to add, correct, erase and find people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import Grade, Person, Team
from ..people import CODE_TAKEN, PersonDetails, is_address_taken, owner_of_code, person_lines
from ..people.person_lines import Heading, PersonLine, heading_of, is_heading
from ..text.typed import comparable, refuse_hidden_characters, refuse_hidden_characters_in_one_line_fields
from .fields import SeveralField, offer_rows

MAX_LINES = 300  # of one list


class PersonForm(forms.Form):
    """The fields of a person that an administrator may set."""

    given_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Write the given name")},
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Leave this empty only if they have a single name."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Write the e-mail address to sign in with"),
            "invalid": gettext_lazy("Write a complete e-mail address, such as amara.osei@school.example"),
        },
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=60, required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("Initials or short name in the timetable. It tells people of the same name apart."),
    )
    staff_number = forms.CharField(
        label=gettext_lazy("Staff number"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Appears in the downloaded report. Only administrators and this person see it."),
    )
    grade = forms.ModelChoiceField(
        Grade.objects.none(), label=gettext_lazy("Grade"), required=False, empty_label=gettext_lazy("No grade")
    )
    is_teacher = forms.BooleanField(
        label=gettext_lazy("Teaches"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Goes on a walk each semester, and colleagues may visit."),
    )
    is_administrator = forms.BooleanField(
        label=gettext_lazy("Administrator"),
        required=False,
        help_text=gettext_lazy(
            "Manages people, settings and the report. Can’t read other people’s notes, photos or praise."
        ),
    )
    headed_grades = SeveralField(
        Grade.objects.none(),
        label=gettext_lazy("Head of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Approves the walks of these grades."),
    )
    teams = SeveralField(
        Team.objects.none(),
        label=gettext_lazy("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, by: Person, person: Person | None = None, **kwargs: Any) -> None:
        self.by = by
        self.person = person
        if person is not None:
            kwargs.setdefault("initial", self.initial_values(person))
        super().__init__(*args, **kwargs)
        refuse_hidden_characters_in_one_line_fields(self)
        grades = Grade.objects.visible_to(by)
        offer_rows(self, "grade", grades)
        offer_rows(self, "headed_grades", grades)
        offer_rows(self, "teams", Team.objects.visible_to(by))

    @staticmethod
    def initial_values(person: Person) -> dict[str, Any]:
        """Return the initial values of the form for this person."""
        names = (
            "given_name",
            "family_name",
            "email",
            "subject",
            "code",
            "staff_number",
            "grade",
            "is_teacher",
            "is_administrator",
        )
        own = {name: getattr(person, name) for name in names}
        return own | {"headed_grades": person.headed_grades.all(), "teams": person.teams.all()}

    def clean_email(self) -> str:
        """Refuse the address of another account."""
        email: str = self.cleaned_data["email"].lower()
        if is_address_taken(email, excluding=self.person):
            raise ValidationError(_("Another person already signs in with this address"))
        return email

    def clean_code(self) -> str:
        """Refuse the code of another person."""
        code: str = self.cleaned_data["code"]
        owner = owner_of_code(code, self.by.school_id, excluding=self.person)
        if owner is not None:
            raise ValidationError(CODE_TAKEN % {"name": owner.full_name})
        return code

    def details(self) -> PersonDetails:
        return PersonDetails(**self.cleaned_data)


class EraseForm(forms.Form):
    """Erasing cannot be undone, so the administrator types the name."""

    typed_name = forms.CharField(
        label=gettext_lazy("Type the name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_typed_name(self) -> str:
        """Compare with the name on the page, ignoring case."""
        typed = " ".join(self.cleaned_data["typed_name"].split())
        if typed.casefold() != self.person.full_name.casefold():
            raise ValidationError(_("Type %(name)s to erase") % {"name": self.person.full_name})
        return typed


class ManyPeopleForm(forms.Form):
    """Several people at once, one per line: cells of a spreadsheet, or "Amara Osei <amara.osei@school.example>"."""

    lines = forms.CharField(
        label=gettext_lazy("One person per line"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Copy the rows from a spreadsheet. With headings (Last name, First name, E-mail, Subject, Code), the "
            "columns can be in any order. Without headings, use this order: given name, family name, e-mail. "
            "You can also type Amara Osei &lt;amara.osei@school.example&gt;."
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
        if self.by.school.is_open:
            words = ngettext("Invite %(n)s person", "Invite %(n)s people", len(self.people))
        return words % {"n": len(self.people)}

    @property
    def icon(self) -> str:
        return "send" if self.by.school.is_open else "person-plus"


@dataclass
class TakenNames:
    """Addresses and codes that a line of the list cannot use, in lower case."""

    addresses: set[str]
    codes: set[str]
    lines: dict[str, int] = field(default_factory=dict)  # addresses and codes of earlier lines, with their number

    def add(self, line: PersonLine, number: int) -> None:
        """Refuse the address and the code of this line to the lines after it."""
        self.lines |= {name.casefold(): number for name in (line.email, line.code) if name}

    def refuse(self, line: PersonLine) -> None:
        """Raise ValidationError if the line's address or code is taken."""
        if line.email in self.addresses:
            raise ValidationError(_("another person already signs in with %(email)s") % {"email": line.email})
        if line.code.casefold() in self.codes:
            raise ValidationError(_("another person already has the code %(code)s") % {"code": line.code})
        for name in filter(None, (line.email, line.code)):
            if name.casefold() in self.lines:
                words = {"name": name, "n": self.lines[name.casefold()]}
                raise ValidationError(_("%(name)s is in your list twice; the other one is in line %(n)s") % words)


def _checked(found: PersonLine | None, taken: TakenNames, *, has_heading: bool) -> PersonLine:
    """Return the person of a line. Raise ValidationError if something is missing, too long or taken."""
    if found is None or not (has_heading or found.given_name):
        raise ValidationError(_("write it like Amara, Osei, amara.osei@school.example"))
    if person_lines.missing(found):
        raise ValidationError(person_lines.missing(found))
    if len(found.code) > 12:
        raise ValidationError(_("the code %(code)s is longer than 12 characters") % {"code": found.code})
    if len(found.email) > 254 or max(map(len, (found.given_name, found.family_name, found.subject))) > 60:
        raise ValidationError(_("a name or subject has up to 60 letters, an address up to 254"))
    refuse_hidden_characters(found.given_name + found.family_name + found.subject + found.code)
    try:
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
    """Return the addresses of these lines that an account has, and the codes of the school (two queries)."""
    emails = {found.email for found in lines if found}
    addresses = Person.objects.filter(email__in=emails).values_list("email", flat=True)
    codes = Person.objects.visible_to(by).exclude(code="").values_list("code", flat=True)
    return TakenNames(set(addresses), {code.casefold() for code in codes})


class PeopleFilters(forms.Form):
    """The filters of the list of people, from the query string."""

    ROLES = [
        ("", gettext_lazy("Everyone here")),
        ("teacher", gettext_lazy("Teachers")),
        ("head", gettext_lazy("Heads of Grade")),
        ("administrator", gettext_lazy("Administrators")),
        ("invited", gettext_lazy("Not yet signed in")),
        ("left", gettext_lazy("Have left")),
    ]
    q = forms.CharField(
        label=gettext_lazy("Name, e-mail or code"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Who"), required=False, choices=ROLES)
    grade = forms.ModelChoiceField(
        Grade.objects.none(), label=gettext_lazy("Grade"), required=False, empty_label=gettext_lazy("All grades")
    )

    def __init__(self, *args: Any, reader: Person, **kwargs: Any) -> None:
        self.reader = reader
        super().__init__(*args, **kwargs)
        offer_rows(self, "grade", Grade.objects.visible_to(reader))

    def matching_people(self) -> QuerySet[Person]:
        """Return the people who match. Filters with invalid values are ignored."""
        wanted = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        role = _role(wanted.get("role", ""), self.reader)
        people: QuerySet[Person] = Person.objects.visible_to(self.reader).filter(role)
        words = comparable(wanted.get("q") or "").split()
        if words:  # compared in Python, because a database does not find Babić by "Babic"
            names = people.values_list("pk", "given_name", "family_name", "email", "code")
            searched = ((pk, comparable(" ".join(name))) for pk, *name in names)
            people = people.filter(pk__in=[pk for pk, name in searched if all(word in name for word in words)])
        if wanted.get("grade"):
            people = people.filter(grade=wanted["grade"])
        return people.filter(erased_at__isnull=True)


def _role(role: str, reader: Person) -> Q:
    return Q(is_active=role != "left") & {
        "teacher": Q(is_teacher=True),
        "head": Q(Exists(Grade.objects.visible_to(reader).filter(heads=OuterRef("pk")))),
        "administrator": Q(is_administrator=True),
        "invited": Q(last_login=None),
    }.get(role, Q())
