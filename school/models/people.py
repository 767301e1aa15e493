"""Who belongs to the school: people, their grades and teams."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..text import names
from .managers import PersonManager, SchoolQuerySet
from .policy import School


class Person(AbstractBaseUser, PermissionsMixin):
    """A person of the school. A person may have several roles: teacher, Head of Grade, administrator."""

    THEMES = [("auto", _("Match device")), ("light", _("Light")), ("dark", _("Dark"))]

    school = models.ForeignKey(School, models.PROTECT, related_name="people")
    # None, never "", for people without an address. They are visited and thanked in person, and cannot sign in.
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    given_name = models.CharField(_("given name"), max_length=60, blank=True)
    family_name = models.CharField(_("family name"), max_length=60)
    family_name_first = models.BooleanField(_("family name is said first"), default=False, db_default=False)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    code = models.CharField(_("code"), max_length=12, blank=True, default="", db_default="")  # in the timetable: OSA
    staff_number = models.CharField(_("staff number"), max_length=30, blank=True, default="", db_default="")
    grade = models.ForeignKey("Grade", models.SET_NULL, related_name="people", null=True, blank=True)
    is_teacher = models.BooleanField(_("teaches, and goes on a walk each semester"), default=True)
    is_administrator = models.BooleanField(_("administrator"), default=False)
    is_staff = models.BooleanField(_("may open Django's admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    opted_out_of_visits = models.BooleanField(  # says why to nobody, and no page lists it
        _("asks not to be visited"), default=False, db_default=False, editable=False
    )
    theme = models.CharField(_("theme"), max_length=5, choices=THEMES, default="auto")
    invited_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]
    objects = PersonManager()

    # accounts.backends sets these for the signed-in person. They are None for everyone else: then query the database.
    heads_a_grade: bool | None = None
    only_headed_grade = ""  # its name, set when the person is signed in
    is_beside_real_school: bool | None = None  # only where DEMO=1: the demo is over (school.demo)
    praise_to_send: int | None = None  # how many hosts this person has not thanked yet
    new_praise: int | None = None
    new_thanks: int | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name"]
        indexes = [models.Index(fields=["school", "family_name", "given_name"], name="person_by_name")]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_once"),
            models.CheckConstraint(condition=~Q(email=""), name="person_email_not_empty"),
            models.UniqueConstraint("school", Lower("code"), condition=~Q(code=""), name="person_code_once"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Return given and family name in the order in which they are said."""
        return names.full_name(self.given_name, self.family_name, family_first=self.family_name_first)

    @property
    def short_name(self) -> str:
        """Return the given name, or the only name."""
        return self.given_name or self.family_name

    @property
    def sort_name(self) -> str:
        """Return the name as sorted lists show it: family name first."""
        return names.sort_name(self.given_name, self.family_name, family_first=self.family_name_first)

    @property
    def initials(self) -> str:
        """Return two letters for the avatar."""
        return names.initials(self.given_name, self.family_name, family_first=self.family_name_first)

    @property
    def avatar(self) -> int:
        """Return a number from 1 to 5 for the avatar's colours, always the same for a person."""
        return (self.pk or 0) % 5 + 1

    @property
    def teaching(self) -> str:
        """Return grade and subject: "Grade 7 Science". A subject that is part of the grade's name is not repeated."""
        grade = str(self.grade or "")
        return grade if self.subject in grade.split() else f"{grade} {self.subject}".strip()

    @property
    def role_line(self) -> str:
        """Return the line below the name of the signed-in person: the role, or grade and subject."""
        if self.is_head:
            return str(_("Head of %(grade)s") % {"grade": self.only_headed_grade or _("Grade")})
        if self.is_administrator and not self.is_teacher:
            return str(_("Administrator"))
        return self.teaching

    @property
    def roles_in_words(self) -> str:
        """Return all roles: "Teacher, Maths · Head of Grade 7, Grade 8 · Administrator". Prefetch `headed_grades`."""
        roles = []
        if self.is_teacher:
            roles.append(", ".join(filter(None, [str(_("Teacher")), self.subject])))
        if heads := ", ".join(grade.name for grade in self.headed_grades.all()):
            roles.append(f"{_('Head of')} {heads}")
        if self.is_administrator:
            roles.append(str(_("Administrator")))
        return " · ".join(roles)

    @property
    def name_and_teaching(self) -> str:
        """Return the name with what tells people of the same name apart: "Anna Müller, Grade 7 Maths, MUE"."""
        return ", ".join(filter(None, [self.full_name, self.teaching, self.code]))

    @cached_property
    def headed_grade_ids(self) -> frozenset[int]:
        """Return the ids of the grades that this person heads (one query, or none if `heads_a_grade` is False)."""
        if self.heads_a_grade is False:
            return frozenset()
        return frozenset(Grade.objects.filter(heads=self).values_list("pk", flat=True))

    @property
    def is_head(self) -> bool:
        """Whether this person heads any grade."""
        return bool(self.headed_grade_ids) if self.heads_a_grade is None else self.heads_a_grade


def full_names(people: Iterable[Person]) -> str:
    """Return for example "Jonas Lindqvist and Leila Haddad"."""
    return get_text_list([person.full_name for person in people], gettext("and"))


class Grade(models.Model):
    """A grade group with its Heads of Grade."""

    school = models.ForeignKey(School, models.CASCADE, related_name="grades")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    heads = models.ManyToManyField(Person, verbose_name=_("Heads of Grade"), related_name="headed_grades", blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="grade_name_once")]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A vertical team or department: one subject through the grades."""

    school = models.ForeignKey(School, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=60)
    members = models.ManyToManyField(Person, verbose_name=_("members"), related_name="teams", blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name
