"""Template tags: icons, avatars, state pills, the countdown, small charts, dates and times."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from school.text.dates import date_words
from school.text.typed import number_in_words

register = template.Library()

DAYS_OF_A_WEEK = 7  # a weekday without a date is ambiguous from this distance on
STRIPPED_BEFORE_ELLIPSIS = ' ,;:.–-(“‘"'  # characters that are removed at the end of a shortened text
SINGLE_QUOTES = str.maketrans('“”"', "‘’’")
PRAISE_HOURS = 24  # the countdown's dial is full at this many hours
ICON_FOLDERS = (settings.BASE_DIR / "static" / "icons", settings.BASE_DIR / "static" / "vendor" / "bootstrap-icons")


# --- Icons, people, states -----------------------------------------------------------------
@cache
def _svg_content(name: str) -> tuple[str, SafeString]:
    """Return viewBox and inner SVG of an icon. Raise TemplateSyntaxError for an unknown name."""
    path = next((folder / f"{name}.svg" for folder in ICON_FOLDERS if (folder / f"{name}.svg").is_file()), None)
    if path is None:
        raise template.TemplateSyntaxError(f"There is no icon named {name!r}; add it to scripts/icons.txt.")
    svg = path.read_text(encoding="utf-8")
    box = re.search(r'viewBox="([^"]+)"', svg)
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    assert box and inner
    return box[1], mark_safe(" ".join(inner[1].split()))  # noqa: S308 (our own committed drawing)


@register.simple_tag
def icon(name: str, css_class: str = "i", label: str = "") -> SafeString:
    """Inline an icon. Without a label, it is hidden from screen readers, because the words are beside it."""
    if label:
        return _svg(name, css_class, format_html('role="img" aria-label="{}"', label))
    return _unlabelled_icon(name, css_class)


@cache
def _unlabelled_icon(name: str, css_class: str) -> SafeString:
    """Cache icons without a label, because every page shows the same few."""
    return _svg(name, css_class, mark_safe('aria-hidden="true"'))


def _svg(name: str, css_class: str, spoken: SafeString) -> SafeString:
    box, inner = _svg_content(name)
    return format_html('<svg class="{}" viewBox="{}" {}>{}</svg>', css_class, box, spoken, inner)


@register.simple_tag
def avatar(person: Any, css_class: str = "") -> SafeString:
    """Show a person's initials on one of five colours. Screen readers skip them, because the name is beside them."""
    classes = f"av av-{person.avatar} {css_class}".strip()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, person.initials)


@register.simple_tag
def plate(room: Any, css_class: str = "") -> SafeString:
    """Show the plate of a room. If it is a short form, a pointer and screen readers read the whole code."""
    classes = f"plate {css_class}".strip()
    if room.plate == room.code:
        return format_html('<span class="{}">{}</span>', classes, room.code)
    return format_html('<span class="{}" title="{}">{}</span>', classes, room.code, short_code(room))


@register.simple_tag
def short_code(room: Any) -> SafeString:
    """Show the short form of a room's code to the eye, and let screen readers read the whole code."""
    if room.plate == room.code:
        return format_html("{}", room.code)
    words = '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>'
    return format_html(words, room.plate, room.code)


@register.simple_tag
def stop_plate(stop: Any) -> SafeString:
    """Show the plate of a stop's room: green once the room was visited, hollow if it was skipped."""
    return plate(stop.room, "plate-done" if stop.visited else "plate-next" if stop.skipped_at else "")


@register.filter
def with_code(words: Any, room: Any) -> Any:
    """Put the code of a room before the words beside its plate, if the plate shows only a short form of it."""
    if room.plate == room.code:
        return words
    return format_html("{} · {}", room.code, words) if words else room.code


@register.simple_tag
def pill(status: Any) -> SafeString:
    """Show a state as an icon and words. `status` has `css` ("pill-wait", "" for plain), `icon` and `words`."""
    classes = f"pill {status.css}".strip()
    return format_html('<span class="{}">{}{}</span>', classes, icon(status.icon), status.words)


# --- The 24 hours of praise -------------------------------------------------------------------
def hours_left(due: dt.datetime, now: dt.datetime) -> str:
    """Return the time left to the nearest hour, or in minutes below one hour: "19 hours left", "40 minutes left"."""
    minutes = int((due - now).total_seconds() // 60)
    if minutes >= 60:
        hours = (minutes + 30) // 60
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}


@register.inclusion_tag("components/countdown.html")
def countdown(due: dt.datetime, now: dt.datetime | None = None) -> dict[str, Any]:
    """Show a dial that empties over 24 hours, and the time left. After that it says "still welcome", never "late"."""
    now = now or timezone.now()
    if due <= now:
        return {"left": 0, "words": _("Your walk ended more than 24 hours ago."), "by": _("Praise is still welcome.")}
    share = min((due - now).total_seconds() / (PRAISE_HOURS * 3600), 1)
    today = _local(due).date() == _local(now).date()
    by = _("by %(time)s today") % {"time": clock(due)} if today else _("by %(moment)s") % {"moment": day_clock(due)}
    return {"left": max(round(share * 100), 1), "words": hours_left(due, now), "by": by}


# --- The four footsteps -------------------------------------------------------------------------
STEPS = {
    "plan": ("signpost-2", gettext_lazy("Plan")),
    "walk": ("person-walking", gettext_lazy("Walk")),
    "praise": ("envelope-heart", gettext_lazy("Praise")),
    "takeaway": ("lightbulb", gettext_lazy("Takeaway")),
}


@register.inclusion_tag("components/step.html")
def step(key: str, current: str, words: str = "") -> dict[str, Any]:
    """Show one of the four footsteps as done, now or to do. `current` is the walk's step, or "complete"."""
    order = [*STEPS, "complete"]
    position = order.index(key) - order.index(current)
    state = "todo"
    if position <= 0:
        state = "now" if position == 0 else "done"
    return {"key": key, "icon": STEPS[key][0], "name": STEPS[key][1], "state": state, "words": words}


# --- Small charts: sizes are SVG attributes, so that no inline style is needed ----------------
@register.simple_tag
def bar(parts: Iterable[tuple[str, float]], label: str, css_class: str = "") -> SafeString:
    """Draw a stacked bar, with `label` for screen readers.

    `parts` are pairs of a kind and a percentage. The kinds are done, way (under way), plan (planned) and none.
    """
    rects = []
    x = 0.0
    for kind, percent in parts:
        rects.append((kind, f"{x:.2f}", f"{max(percent - 0.4, 0):.2f}"))
        x += percent
    drawn = format_html_join("", '<rect class="f-{}" x="{}" y="0" width="{}" height="10"/>', rects)
    return format_html(
        '<svg class="{}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        f"bar {css_class}".strip(),
        label,
        drawn,
    )


@register.inclusion_tag("components/ring.html")
def ring(percent: float, label: str, words_below: str = "") -> dict[str, Any]:
    """Draw a ring filled to `percent`. Screen readers read `label`; `words_below` stand below the number."""
    return {"percent": round(percent), "label": label, "words_below": words_below}


# --- Dates and times, in the school's time zone (SchoolTimeMiddleware sets it) ------------------------
def _local(moment: dt.date | dt.time) -> Any:
    """Convert an aware datetime to the current zone; return other values as they are."""
    return timezone.localtime(moment) if isinstance(moment, dt.datetime) and timezone.is_aware(moment) else moment


@register.filter
def school_date(value: dt.date | None) -> str:
    """Format as "Thursday 12 November", or in another year "Thursday 12 November 2026"."""
    return date_words(_local(value)) if value else ""


@register.filter
def short_date(value: dt.date | None) -> str:
    """Format as "Thu 12 Nov", or in another year "Thu 12 Nov 2026"."""
    return date_words(_local(value), "D j M", today=timezone.localdate()) if value else ""


@register.filter
def weekday(value: dt.date | None, seen_from: dt.datetime | None = None) -> str:
    """Format as "Thursday", or as "Thursday 12 November" if `seen_from` is a week or more away."""
    if value and seen_from and abs((value - _local(seen_from).date()).days) >= DAYS_OF_A_WEEK:
        return school_date(value)
    return date_format(_local(value), "l") if value else ""


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """Format as "10:10"."""
    return date_format(_local(value), "H:i") if value is not None else ""


@register.filter
def day_clock(value: dt.datetime | None) -> str:
    """Format as "Thu 10:34", or as "Thu 12 Nov, 10:34" a week or more away."""
    if not value:
        return ""
    if abs((_local(value).date() - timezone.localdate()).days) >= DAYS_OF_A_WEEK:
        return f"{short_date(value)}, {clock(value)}"
    return date_format(_local(value), "D H:i")


@register.filter
def month_short(value: dt.date | None) -> str:
    """Format as "Nov", for the picture of a calendar page."""
    return date_format(_local(value), "M") if value else ""


# --- Quotes -------------------------------------------------------------------------------------
@register.filter
def excerpt(text: str, length: int) -> str:
    """Cut the text to at most `length` characters, if possible after a word, and show that with "…"."""
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    cut = words[: length - 2]
    if not words[length - 2].isspace() and " " in cut[length // 4 :]:
        cut = cut[: cut.rindex(" ")]
    cut = f"{cut.rstrip(STRIPPED_BEFORE_ELLIPSIS)}…"
    return f"{cut}”" if cut.count("“") > cut.count("”") else cut


@register.filter
def inner_quotes(text: str) -> str:
    """Make double quotation marks single, for a text that is quoted itself."""
    return re.sub(r'"([^"]*)"', r"‘\1’", text).translate(SINGLE_QUOTES)


@register.filter
def breakable(address: str) -> SafeString:
    """Let an e-mail address that is too long for its line continue with "@" on the next one."""
    return format_html_join(mark_safe("<wbr>@"), "{}", ((part,) for part in address.split("@")))


# --- Forms, messages, pages ---------------------------------------------------------------------
register.filter("number_word", number_in_words)


def _problems(form: Any) -> list[tuple[str, str]]:
    """Return (field id, message) for every error. Form-wide errors have an empty id."""
    found = [
        (form[name].id_for_label or form[name].auto_id, error)
        for name, errors in form.errors.items()
        if name in form.fields
        for error in errors
    ]
    return [("", error) for error in form.non_field_errors()] + found


@register.inclusion_tag("components/errors.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Show "Two things to fix" with links to the fields, and focus it. Show nothing if there are no errors."""
    problems = [problem for form in forms if form.is_bound for problem in _problems(form)]
    heading = ngettext("One thing to fix", "%(n)s things to fix", len(problems))
    return {"problems": problems, "heading": heading % {"n": number_in_words(len(problems))} if problems else ""}


@register.filter
def options(field: Any) -> SafeString:
    """Render the <option>s of a field. Django's widget is too slow for the hundreds of a large school."""
    chosen = str(field.value() or "")
    drawn = (
        (value, mark_safe(" selected") if str(value) == chosen else "", label) for value, label in field.field.choices
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)


@register.filter
def undo_url(message: Any) -> str:
    """Return the undo URL of a message (extra_tags="undo:/…"), or an empty string."""
    tag = next((tag for tag in (message.extra_tags or "").split() if tag.startswith("undo:/")), "")
    return tag.removeprefix("undo:") if not tag.startswith("undo://") else ""


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, page: int, parameter: str = "") -> str:
    """Return the query string for another page of the same list, with its filters."""
    query = context["request"].GET.copy()
    query[parameter or "page"] = page
    return f"?{query.urlencode()}"


DEVICES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "Chromebook",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}


@register.filter
def device(user_agent: str) -> str:
    """Shorten a user agent to "Firefox, Windows"."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    machine = next((name for mark, name in DEVICES.items() if mark in user_agent), "")
    return ", ".join(filter(None, (browser, machine))) or _("Unknown browser")


SORT_ICONS = {"ascending": "arrow-up", "descending": "arrow-down", "": "sort"}


@register.simple_tag(takes_context=True)
def sort_heading(context: template.Context, key: str, label: str, css: str = "") -> SafeString:
    """Render a table heading that sorts by `key`. The current order is `sort` in the context."""
    query = context["request"].GET.copy()
    current = context["sort"]
    query["sort"] = f"-{key}" if current == key else key
    query.pop("page", None)
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    sorted_by = format_html(' aria-sort="{}"', order) if order else ""
    html = '<th scope="col" class="{}"{}><a class="sort" href="?{}">{}{}</a></th>'
    return format_html(html, css, sorted_by, query.urlencode(), label, icon(SORT_ICONS[order]))
