"""The catalogue of practices that walks look for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from school.models import School
from school.models.managers import SchoolQuerySet


class Practice(models.Model):
    """A practice of the school's catalogue. Look-fors tell the walker what to watch; they are not a checklist."""

    school = models.ForeignKey(School, models.CASCADE, related_name="practices")
    name = models.CharField(_("practice"), max_length=80)
    group = models.CharField(_("group"), max_length=60, blank=True)
    look_fors = models.TextField(_("what to look for, one per line"), blank=True)
    student_prompts = models.TextField(_("questions to ask a student, one per line"), blank=True)
    borrow_prompt = models.CharField(_("what I might borrow"), max_length=200, blank=True)
    sample_praise = models.CharField(_("sample praise"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_hidden = models.BooleanField(_("hidden"), default=False)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="practice_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def look_for_lines(self) -> list[str]:
        """The look-fors as a list, without empty lines."""
        return [line.strip() for line in self.look_fors.splitlines() if line.strip()]
