"""The form in which the walker corrects when a walk began and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from school.calendar import at_local, local_date
from walks.models import Walk


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class TimesForm(forms.Form):
    """Start and end, on the day of the walk."""

    start = _time(_("From"))
    end = _time(_("To"))

    def __init__(self, data: Any = None, *, walk: Walk) -> None:
        assert walk.started_at is not None and walk.finished_at is not None
        self.school = walk.walker.school
        self.day = local_date(self.school, walk.started_at)
        self.known = {"start": walk.started_at, "end": walk.finished_at}
        super().__init__(data, initial={name: self._minute(moment) for name, moment in self.known.items()})

    def _minute(self, moment: dt.datetime) -> dt.time:
        """Return the time at the school without seconds, as the field shows it."""
        return moment.astimezone(self.school.zone).time().replace(second=0, microsecond=0)

    @property
    def times(self) -> tuple[dt.datetime, dt.datetime]:
        """Return start and end in UTC. An unchanged time keeps its seconds."""
        return self._moment("start"), self._moment("end")

    def _moment(self, name: str) -> dt.datetime:
        typed: dt.time = self.cleaned_data[name]
        known = self.known[name]
        if typed == self._minute(known):
            return known
        return at_local(self.school, self.day, typed)
