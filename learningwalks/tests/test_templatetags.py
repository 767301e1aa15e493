"""Template tags: icons, pills, the countdown, charts and dates as people see them."""

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from learningwalks.templatetags import lw
from school.text.dates import date_words

DUE = dt.datetime(2026, 11, 12, 10, 34, tzinfo=dt.UTC)  # London shows the same time in November


def rendered(source, **context):
    """Render a template with this source."""
    return Template(source).render(Context(context))


def countdown_at(**before):
    """Return the countdown's words and dial at this time before it is due."""
    output = lw.countdown(DUE, DUE - dt.timedelta(**before))
    return output["words"], output["left"]


def test_an_icon_is_hidden_from_screen_readers():
    assert rendered('{% icon "lock" %}').startswith('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path')


def test_an_icon_with_a_label_is_read_aloud():
    assert 'role="img" aria-label="Seen &amp; heard"' in rendered('{% icon "eye" "" label %}', label="Seen & heard")


def test_our_own_logo_is_an_icon():
    assert 'viewBox="0 0 32 32"' in rendered('{% icon "logo" "" %}')


def test_an_unknown_icon_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="no icon named 'unicorn'"):
        rendered('{% icon "unicorn" %}')


def test_every_icon_in_the_templates_exists():
    sources = "".join(path.read_text() for path in Path(settings.BASE_DIR, "templates").rglob("*.html"))
    names = set(re.findall(r'{% icon "([^"]+)"', sources)) | set(re.findall(r'icon="([^"]+)"', sources))
    assert [name for name in sorted(names) if not any((f / f"{name}.svg").exists() for f in lw.ICON_FOLDERS)] == []


def test_a_plate_shows_a_short_form_and_lets_the_whole_code_be_read():
    gym = SimpleNamespace(code="Gym <East>", plate="GymE")
    assertInHTML(
        '<span class="plate" title="Gym &lt;East&gt;"><span aria-hidden="true">GymE</span>'
        '<span class="visually-hidden">Gym &lt;East&gt;</span></span>',
        rendered("{% plate room %}", room=gym),
    )
    assert rendered("{{ words|with_code:room }}", room=gym, words="7A & B") == "Gym &lt;East&gt; · 7A &amp; B"
    hall = SimpleNamespace(code="204", plate="204")
    assert rendered("{% plate room %}{{ 7|with_code:room }}", room=hall) == '<span class="plate">204</span>7'


def test_an_avatar_shows_initials():
    person = SimpleNamespace(initials="AO", avatar=2)
    assert rendered("{% avatar p 'av-sm' %}", p=person) == '<span class="av av-2 av-sm" aria-hidden="true">AO</span>'


@pytest.mark.parametrize(("css", "classes"), [("pill-wait", "pill pill-wait"), ("", "pill")])
def test_a_pill_has_an_icon_and_words(css, classes):
    status = SimpleNamespace(css=css, icon="pencil", words="With <Lucía>")
    output = rendered("{% pill s %}", s=status)
    assert output.startswith(f'<span class="{classes}"><svg')
    assert output.endswith("</svg>With &lt;Lucía&gt;</span>")


@pytest.mark.parametrize(
    ("before", "words", "dial"),
    [
        ({"hours": 24}, "24 hours left", 100),
        ({"hours": 23, "minutes": 59, "seconds": 59}, "24 hours left", 100),
        ({"hours": 19, "minutes": 29}, "19 hours left", 81),
        ({"minutes": 119}, "2 hours left", 8),
        ({"minutes": 89}, "1 hour left", 6),
        ({"minutes": 59}, "59 minutes left", 4),
        ({"minutes": 1}, "1 minute left", 1),
        ({"seconds": 0}, "Your walk ended more than 24 hours ago.", 0),
        ({"days": -3}, "Your walk ended more than 24 hours ago.", 0),
    ],
)
def test_the_countdown_says_what_is_left(before, words, dial):
    assert countdown_at(**before) == (words, dial)


def test_the_countdown_shows_its_end_in_the_schools_time_zone():
    with timezone.override("Europe/Vienna"):
        output = rendered("{% countdown due now %}", due=DUE, now=DUE - dt.timedelta(hours=19))
    assertInHTML("<span>19 hours left <small>by Thu 11:34</small></span>", output)


def test_on_the_day_itself_the_countdown_says_today():
    with timezone.override("Europe/Vienna"):
        output = rendered("{% countdown due now %}", due=DUE, now=DUE - dt.timedelta(hours=3))
    assertInHTML("<span>3 hours left <small>by 11:34 today</small></span>", output)


def test_after_24_hours_praise_is_still_welcome():
    output = rendered("{% countdown due %}", due=DUE - dt.timedelta(days=3650))
    assert "Your walk ended more than 24 hours ago. <small>Praise is still welcome.</small>" in output


def test_steps_before_the_current_one_are_done():
    states = [lw.step(key, "praise")["state"] for key in lw.STEPS]
    assert states == ["done", "done", "now", "todo"]


def test_all_steps_of_a_complete_walk_are_done():
    assert {lw.step(key, "complete")["state"] for key in lw.STEPS} == {"done"}


def test_a_bar_places_its_parts_side_by_side():
    output = rendered("{% bar parts '2 of 4' 'bar-sm' %}", parts=[("done", 50.0), ("way", 25.0), ("none", 0.2)])
    assert re.findall(r'class="f-(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', output) == [
        ("done", "0.00", "49.60"),
        ("way", "50.00", "24.60"),
        ("none", "75.00", "0.00"),
    ]


def test_a_ring_says_its_percentage_in_text():
    assert "<b>73%</b>" in rendered("{% ring 72.6 '73 percent complete' 'complete' %}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("school_date", "Thursday 12 November"),
        ("short_date", "Thu 12 Nov"),
        ("weekday", "Thursday"),
        ("clock", "10:34"),
        ("day_clock", "Thu 10:34"),
        ("month_short", "Nov"),
    ],
)
def test_dates_read_as_a_school_writes_them(name, words):
    with timezone.override("Europe/London"):
        assert getattr(lw, name)(DUE) == words
    assert getattr(lw, name)(None) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("school_date", "Wednesday 15 October 2025"),
        ("short_date", "Wed 15 Oct 2025"),
        ("day_clock", "Wed 15 Oct 2025, 10:34"),
    ],
)
def test_dates_of_another_year_show_the_year(name, words):
    with timezone.override("Europe/London"):
        assert getattr(lw, name)(dt.datetime(2025, 10, 15, 9, 34, tzinfo=dt.UTC)) == words


@pytest.mark.parametrize(("days", "words"), [(183, "12 May"), (184, "11 May 2026")])
def test_a_date_half_a_year_away_shows_its_year(days, words):
    today = dt.date(2026, 11, 11)
    assert date_words(today - dt.timedelta(days=days), "j F", today=today) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One two", "One two"),
        ("One two\nthree four", "One two…"),
        ("One (two three", "One (two…"),
        ("One “twelve men”", "One…"),
        ("One “t w elve”", "One “t w…”"),
        ("同僚がとても静かに待っていた", "同僚がとても静かに待…"),
    ],
)
def test_a_quote_is_cut_after_a_word(text, words):
    assert lw.excerpt(text, 12) == words


def test_a_quote_in_a_quote_has_single_marks():
    assert lw.inner_quotes('“Answer and how” and "pass"') == "‘Answer and how’ and ‘pass’"


def test_dates_are_those_of_the_schools_zone():
    with timezone.override("Asia/Tokyo"):
        assert lw.short_date(dt.datetime(2026, 11, 12, 20, 0, tzinfo=dt.UTC)) == "Fri 13 Nov"


def test_a_bell_time_has_no_zone():
    assert lw.clock(dt.time(0, 0)) == "00:00"


class RoomForm(forms.Form):
    room = forms.CharField(error_messages={"required": "Choose a room"})
    day = forms.CharField(error_messages={"required": "Choose a day"})


def test_the_error_summary_links_to_the_fields():
    output = rendered("{% error_summary form %}", form=RoomForm({}))
    assert "Two things to fix" in output
    assert re.findall(r'href="#(\w+)">([^<]+)<', output) == [("id_room", "Choose a room"), ("id_day", "Choose a day")]


def test_an_error_of_the_whole_form_has_no_link():
    form = RoomForm({"room": "204", "day": "today"})
    form.add_error(None, "That walk is off")
    output = rendered("{% error_summary form %}", form=form)
    assert "One thing to fix" in output
    assertInHTML("<li>That walk is off</li>", output)


@pytest.mark.parametrize("form", [RoomForm(), RoomForm({"room": "204", "day": "today"})])
def test_without_errors_there_is_no_summary(form):
    assert "<section" not in rendered("{% error_summary form %}", form=form)


@pytest.mark.parametrize(
    ("tags", "url"),
    [("undo:/praise/7/undo/", "/praise/7/undo/"), ("", ""), ("undo://evil.example/", ""), ("undo:https://evil/", "")],
)
def test_a_message_may_have_an_undo_url_within_the_site(tags, url):
    assert lw.undo_url(Message(constants.SUCCESS, "Sent to Jonas.", extra_tags=tags)) == url


def test_other_pages_of_a_list_keep_its_filters():
    request = RequestFactory().get("/report/?grade=7&page=1")
    assert Template("{% page_query 2 %}").render(Context({"request": request})) == "?grade=7&amp;page=2"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_two_words(agent, words):
    assert lw.device(agent) == words
