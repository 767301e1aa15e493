"""Show one's own data on a page to read and print. It says what the JSON file says, without the empty fields."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.models import Person

TITLES = {
    "person": gettext_lazy("You"),
    "head_of": gettext_lazy("Grades you head"),
    "teams": gettext_lazy("Your teams"),
    "timetable": gettext_lazy("Your timetable"),
    "days_at_school": gettext_lazy("Your hours at school"),
    "names_in_imports": gettext_lazy("Your names in imported files"),
    "addresses": gettext_lazy("Your e-mail addresses"),
    "second_step": gettext_lazy("Two-factor sign-in"),
    "sessions": gettext_lazy("Where you are signed in"),
    "walks": gettext_lazy("Your walks"),
    "praise_written": gettext_lazy("Praise you wrote"),
    "praise_received": gettext_lazy("Praise you received"),
    "visits_to_my_room": gettext_lazy("Visits to your room"),
    "covers": gettext_lazy("Classes you covered"),
    "decisions": gettext_lazy("Walks you approved or asked to change"),
    "my_steps": gettext_lazy("What you did on walks"),
    "excusals": gettext_lazy("Semesters you are excused from"),
    "excusals_i_gave": gettext_lazy("Colleagues you excused"),
    "mails_to_me": gettext_lazy("E-mails to you"),
    "mails_from_me": gettext_lazy("E-mails in your name"),
    "reminders": gettext_lazy("Reminders to you"),
    "reminders_i_sent": gettext_lazy("Nudges you sent"),
    "settings_i_changed": gettext_lazy("School settings you changed"),
    "mails_switched_off": gettext_lazy("E-mails you switched off"),
    "admin_log": gettext_lazy("Changes you made in Django’s admin"),
}
LABELS = {  # for columns whose names would not read well
    "opted_out_of_visits": gettext_lazy("Asks not to be visited"),
    "old": gettext_lazy("Before"),
    "new": gettext_lazy("After"),
    "email": gettext_lazy("E-mail"),
    "is_teacher": gettext_lazy("Teaches"),
    "is_administrator": gettext_lazy("Administrator"),
    "is_staff": gettext_lazy("May open Django’s admin"),
    "is_superuser": gettext_lazy("Superuser"),
    "day_type": gettext_lazy("Day"),
    "title": gettext_lazy("Class"),
    "lesson_title": gettext_lazy("Class"),
    "ip": gettext_lazy("Network address"),
    "user_agent": gettext_lazy("Browser"),
    "to_addr": gettext_lazy("Address"),
    "own_focus": gettext_lazy("Focus in your own words"),
    "stops": gettext_lazy("Rooms"),
    "action": gettext_lazy("Step"),
    "last_login": gettext_lazy("Last sign-in"),
}
MOST_COLUMNS = 6  # of a table; wider rows are listed field by field
PHOTOS = "photos/"  # the folder of the ZIP; a value that begins with it is a file there
NESTED = (dict, list, tuple)


def page(person: Person, data: dict[str, Any]) -> str:
    """Return the page for what `my_data.collect` returned, with times in the school's time zone."""
    with timezone.override(person.school.zone):
        filled = {name: value for name, value in data.items() if name != "made_at" and _is_filled(value)}
        sections = [(TITLES.get(name, _label(name)), _value(value)) for name, value in filled.items()]
        context = {"person": person, "sections": sections, "made_at": data["made_at"]}
        return render_to_string("pages/my_data_file.html", context)


def _is_filled(value: object) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def _label(column: str) -> str:
    """Return a column in words: stop__room__code is "Room", stop__walk__date is "Date"."""
    path = column.split("__")
    name = path[-2] if len(path) > 1 and path[-1] in ("name", "code", "email") else path[-1]
    return str(LABELS.get(name, name.replace("_", " ").capitalize()))


def _value(value: Any) -> SafeString | str:
    if isinstance(value, dict):
        return _fields(value)
    if isinstance(value, list | tuple):
        rows = [item for item in value if _is_filled(item)]
        if any(isinstance(item, dict) for item in rows):
            columns = [name for name in rows[0] if name != "pk" and any(_is_filled(row.get(name)) for row in rows)]
            if len(columns) <= MOST_COLUMNS and not any(
                isinstance(row.get(c), NESTED) for row in rows for c in columns
            ):
                return _table(rows, columns)
            return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((_value(item),) for item in rows)))
        return ", ".join(str(item) for item in rows)
    return _plain(value)


def _table(rows: list[dict[str, Any]], columns: list[str]) -> SafeString:
    headings = format_html_join("", "<th scope='col'>{}</th>", ((_label(name),) for name in columns))
    cells = (format_html_join("", "<td>{}</td>", ((_cell(row.get(name)),) for name in columns)) for row in rows)
    lines = format_html_join("", "<tr>{}</tr>", ((line,) for line in cells))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", headings, lines)


def _cell(value: Any) -> SafeString | str:
    return _value(value) if _is_filled(value) else ""


def _fields(row: dict[str, Any]) -> SafeString:
    """Return the filled fields of a row as a list of terms."""
    filled = ((_label(name), _value(value)) for name, value in row.items() if name != "pk" and _is_filled(value))
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", filled))


def _plain(value: Any) -> SafeString | str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    if isinstance(value, dt.date):
        return date_format(value, "j F Y")
    if isinstance(value, str) and value.startswith(PHOTOS):
        return format_html('<img src="{}" alt="{}">', value, value)
    return str(value)
