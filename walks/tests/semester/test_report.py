"""The semester report: each teacher's status, for every reader, filter and file."""

import csv
import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from notifications.models import Message, Reminder
from notifications.reminders import sweep
from school.errors import NotAllowedError
from school.models import Person, Semester
from school.tests.factories import NOW, a_lesson, a_person
from school.tests.pages import html_of, text_of
from walks.mail import manual_nudges
from walks.semester import excusals, exports, nudges, report
from walks.tests.factories import a_walk

TODAY = NOW.date()
COLUMNS = [
    "Family name",
    "Given name",
    "E-mail",
    "Grade",
    "Required walk",
    "Date",
    "Reason for excusal",
    "Extra walks",
]


@pytest.fixture
def semester(school):
    return Semester.objects.get(school=school)


def statuses(reader, semester, today=TODAY, **filters):
    found = report.build(reader, semester, today=today, filters=filters)
    return {row.sort_name: row.status for row in found.rows}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("draft", "not_planned"),
        ("requested", "planned"),
        ("changes_asked", "planned"),
        ("approved", "planned"),
        ("walked", "under_way"),
        ("complete", "complete"),
        ("cancelled", "not_planned"),
    ],
)
def test_each_state_of_a_walk_is_shown_as_one_status(state, status, walker, hosts, administrator, semester):
    a_walk(walker, hosts, state=state)
    assert statuses(administrator, semester)["Osei, Amara"] == status


@pytest.mark.parametrize("state", ["requested", "changes_asked", "approved"])
@pytest.mark.parametrize(("days", "status"), [(0, "planned"), (1, "not_planned")])
def test_a_walk_counts_as_planned_until_its_day_has_passed(state, days, status, walker, hosts, administrator, semester):
    walk = a_walk(walker, hosts, state=state)
    found = report.build(administrator, semester, today=walk.date + dt.timedelta(days=days), filters={"q": "Osei"})
    assert (found.rows[0].status, found.rows[0].date) == (status, walk.date if status == "planned" else None)


@pytest.mark.parametrize(("joined_on", "owes"), [(dt.date(2026, 7, 17), True), (dt.date(2026, 7, 18), False)])
def test_nobody_owes_a_walk_for_a_semester_that_ended_before_they_joined(
    joined_on, owes, walker, host, administrator, school
):
    spring = Semester.objects.create(
        school=school, name="Spring 2026", starts_on=dt.date(2026, 2, 2), ends_on=dt.date(2026, 7, 17)
    )
    at_noon = dt.datetime.combine(joined_on, dt.time(12), tzinfo=dt.UTC)
    Person.objects.filter(pk=walker.pk).update(joined_at=at_noon)
    found = statuses(administrator, spring)
    assert ("Osei, Amara" in found) is owes
    assert nudges.people_owing_walk(spring).filter(pk=walker.pk).exists() is owes


def test_those_who_walked_in_a_semester_stay_in_its_report(walker, hosts, administrator, semester):
    Person.objects.filter(pk=walker.pk).update(joined_at=NOW + dt.timedelta(days=365))
    a_walk(walker, hosts, state="complete")
    assert statuses(administrator, semester)["Osei, Amara"] == "complete"


def test_the_next_planned_walk_counts_if_an_earlier_one_was_missed(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="approved", date=dt.date(2026, 11, 5))
    a_walk(walker, hosts, state="requested")
    row = report.build(administrator, semester, today=TODAY, filters={"q": "Osei"}).rows[0]
    assert (row.status, row.date) == ("planned", dt.date(2026, 11, 12))


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_report_and_the_nudge_list_the_same_people(days, walker, host, hosts, administrator, semester):
    walk = a_walk(walker, hosts, state="approved")
    a_walk(host, hosts[1:], state="walked")
    now = walk.starts_at + dt.timedelta(days=days)
    rows = report.build(administrator, semester, today=now.date()).rows
    nudged = manual_nudges.prepare(administrator, semester, now=now).people
    assert {r.person_id for r in rows if r.status == "not_planned"} == {person.pk for person in nudged}


def test_after_the_semester_unfinished_walks_are_shown_as_not_completed(walker, hosts, host, administrator, semester):
    a_walk(walker, hosts, state="walked")
    a_walk(host, hosts[1:], state="complete")
    later = statuses(administrator, semester, today=dt.date(2027, 1, 10))
    assert (later["Osei, Amara"], later["Lindqvist, Jonas"], later["Nair, Priya"]) == (
        "not_completed",
        "complete",
        "not_completed",
    )


def test_an_excused_teacher_owes_no_walk(walker, hosts, administrator, semester):
    excusals.excuse(walker, semester=semester, reason="On leave", by=administrator, now=NOW)
    found = report.build(administrator, semester, today=TODAY)
    assert found.tally.total == 3
    assert [(row.status, row.reason) for row in found.rows if row.person_id == walker.pk] == [("excused", "On leave")]


def test_a_head_sees_who_is_excused_but_not_why(walker, head, administrator, semester, sign_in):
    excusals.excuse(walker, semester=semester, reason="Back operation", by=administrator, now=NOW)
    found = report.build(head, semester, today=TODAY)
    assert [(row.status, row.reason) for row in found.rows if row.person_id == walker.pk] == [("excused", "")]
    page = sign_in(head).get(reverse("walks:report"), {"all": 1}).content.decode()
    files = "".join(exports.csv_lines(found)) + "".join(map(str, sheet_of(found)))
    assert "Excused" in page and "Excused" in files
    assert [word for word in ("Back operation", "because") if word in page + files] == []


def sheet_of(found):
    """Return the rows of the report's Excel file."""
    book = load_workbook(io.BytesIO(exports.workbook(found, today=TODAY)))
    return list(book.active.iter_rows(values_only=True))


def test_extra_walks_are_counted_and_never_change_the_required_one(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    a_walk(walker, hosts, state="complete", date=dt.date(2026, 11, 13))
    a_walk(walker, hosts, state="walked", date=dt.date(2026, 11, 16))
    row = next(r for r in report.build(administrator, semester, today=TODAY).rows if r.person_id == walker.pk)
    assert (row.status, row.extra, row.date) == ("complete", 1, dt.date(2026, 11, 12))


def test_one_complete_walk_is_not_enough_if_two_are_required(walker, hosts, administrator, semester, school):
    school.required_walks = 2
    school.save()
    administrator.school.refresh_from_db()
    a_walk(walker, hosts, state="complete")
    assert statuses(administrator, semester)["Osei, Amara"] == "not_planned"


def test_a_head_sees_the_teachers_of_their_grades_only(head, walker, second_host, semester):
    assert set(statuses(head, semester)) == {"Osei, Amara", "Reyes, Lucía"}


def test_a_person_who_left_stays_in_the_report_of_a_semester_they_walked_in(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    walker.is_active = False
    walker.save()
    assert statuses(administrator, semester)["Osei, Amara"] == "complete"


def test_the_filters_narrow_the_rows_but_not_the_totals(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    found = report.build(administrator, semester, today=TODAY, filters={"status": "complete", "q": "amara"})
    assert ([row.given_name for row in found.rows], found.tally.total) == (["Amara"], 4)


def test_unknown_filters_and_orders_are_ignored(walker, administrator, semester):
    unknown = {"sort": "walks__stops__notes__text", "o": "host__note", "status": "", "email__startswith": "nobody"}
    assert statuses(administrator, semester, **unknown) == {"Osei, Amara": "not_planned"}


def test_sorting_by_date_puts_people_without_a_date_last(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    rows = report.build(administrator, semester, today=TODAY, filters={"sort": "-date"}).rows
    assert rows[0].family_name == "Osei"


def test_the_report_shows_100_percent_only_if_everybody_is_complete():
    tally = report.ReportTally()
    tally.counts.update({"complete": 199, "planned": 1})
    assert tally.percent == 99


def test_the_csv_file_has_exactly_the_columns_of_the_report(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    text = "".join(exports.csv_lines(report.build(administrator, semester, today=TODAY, filters={"q": "Osei"})))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows == [COLUMNS, ["Osei", "Amara", walker.email, "Grade 7", "Complete", "2026-11-12", "", "0"]]


def test_staff_numbers_are_a_column_for_administrators_if_there_are_any(walker, head, administrator, semester):
    Person.objects.filter(pk=walker.pk).update(staff_number="=4711")
    files = [
        "".join(exports.csv_lines(report.build(reader, semester, today=TODAY))) for reader in (administrator, head)
    ]
    assert ["Staff number" in file for file in files] == ["'=4711" in file for file in files] == [True, False]


def test_an_erased_person_has_no_e_mail_in_the_files(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    erased = {"given_name": "A former colleague", "family_name": "", "is_active": False, "erased_at": NOW}
    Person.objects.filter(pk=walker.pk).update(**erased)
    rows = {row.given_name: row.email for row in report.build(administrator, semester, today=TODAY).rows}
    assert rows["A former colleague"] == ""


def test_the_excel_file_has_the_same_rows_with_real_dates(walker, hosts, administrator, semester):
    a_walk(walker, hosts, state="complete")
    found = report.build(administrator, semester, today=TODAY, filters={"q": "Osei"})
    book = load_workbook(io.BytesIO(exports.workbook(found, today=TODAY)))
    rows = [list(row) for row in book["Teachers"].iter_rows(values_only=True)]
    assert rows[0] == COLUMNS
    assert rows[1][:5] == ["Osei", "Amara", walker.email, "Grade 7", "Complete"]
    assert (rows[1][5].date(), rows[1][7]) == (dt.date(2026, 11, 12), 0)
    assert (book["Teachers"].auto_filter.ref, book["Teachers"].freeze_panes) == ("A1:H2", "A2")
    totals = {row[0]: row[1:] for row in book["Summary"].iter_rows(values_only=True)}
    assert totals["Grade"] == ("Complete", "Under way", "Planned", "Not yet planned", "Excused")
    assert (totals["Grade 7"], totals["All"]) == ((1, 0, 0, 2, 0), (1, 0, 0, 3, 0))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " ="])
def test_excel_reads_no_cell_as_a_formula(start):
    assert exports.safe_cell(f"{start}cmd").startswith("'")


def test_only_an_administrator_may_excuse(walker, head, administrator, semester):
    with pytest.raises(NotAllowedError):
        excusals.excuse(walker, semester=semester, reason="On leave", by=head, now=NOW)


# --- pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report_csv", "report_xlsx", "report_nudge"])
@pytest.mark.parametrize(("person", "status"), [("administrator", 200), ("head", 200), ("walker", 404)])
def test_administrators_and_heads_read_the_report(name, person, status, semester, request, sign_in):
    client = sign_in(request.getfixturevalue(person))
    assert client.get(reverse(f"walks:{name}")).status_code == status


@pytest.mark.parametrize("extra", [0, 2])
def test_the_report_takes_the_same_number_of_queries_for_one_row_and_for_three(
    extra, school, walker, administrator, semester, sign_in, django_assert_num_queries
):
    for number in range(extra):
        a_person(school, "Extra", f"Teacher{number}")
    client = sign_in(administrator)
    with django_assert_num_queries(7):
        client.get(reverse("walks:report"))


def test_the_csv_file_has_the_rows_that_the_filters_show(walker, hosts, administrator, semester, sign_in):
    a_walk(walker, hosts, state="complete")
    client = sign_in(administrator)
    response = client.get(reverse("walks:report_csv"), {"status": "complete"})
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert (len(lines), response["Content-Disposition"]) == (2, 'attachment; filename="learning-walks-autumn-2026.csv"')


def test_the_semester_of_another_school_is_not_found(administrator, stranger, semester, sign_in):
    other = Semester.objects.exclude(school=administrator.school).get()
    response = sign_in(administrator).get(reverse("walks:report"), {"semester": other.pk})
    assert response.status_code == 404


def test_a_filter_that_matches_nobody_can_be_cleared(walker, administrator, semester, sign_in):
    page = sign_in(administrator).get(reverse("walks:report"), {"q": "nobody here"}).content.decode()
    assert "No one matches" in page
    assert "Clear filters" in page


def test_a_school_without_teachers_is_asked_to_add_people(administrator, semester, sign_in):
    page = sign_in(administrator).get(reverse("walks:report")).text
    assert "No teachers yet" in page and reverse("accounts:new_person") in page
    assert [word for word in ("Clear filters", "By grade", "0%") if word in page] == []


def test_the_report_prints_all_teachers_and_shows_25_until_all_are_asked_for(school, administrator, semester, sign_in):
    Person.objects.bulk_create(
        Person(school=school, email=f"t{n}@school.example", given_name="Tea", family_name=f"Cher{n:02}", grade=None)
        for n in range(28)
    )
    client = sign_in(administrator)
    for query, only_on_paper in (({}, 3), ({"all": 1}, 0)):
        page = client.get(reverse("walks:report"), query | {"q": "cher"}).text
        assert re.findall(r"Cher(\d\d), Tea\s*</th>", page) == [f"{n:02}" for n in range(28)]
        assert page.count('class="paper"') == only_on_paper
        assert "Filters: “cher”." in page
        assert ("Show all" in page) == bool(only_on_paper)


def test_the_heading_names_the_season_and_else_the_semester(administrator, semester, sign_in):
    semester.name = "Autumn 2026"
    semester.save()
    assert "Autumn semester report" in html_of(sign_in(administrator).get(reverse("walks:report")))
    semester.name = "Term A"
    semester.word = "semester"
    semester.save()
    assert "Report: Term A" in html_of(sign_in(administrator).get(reverse("walks:report")))


def test_the_printed_report_names_school_semester_and_date(administrator, walker, semester, sign_in, time_machine):
    time_machine.move_to(NOW)
    page = sign_in(administrator).get(reverse("walks:report")).content.decode()
    heading = page[page.index("d-print-block") :].partition("</p>")[0]
    for words in (administrator.school.name, semester.name, f"Printed on {NOW.day} {NOW:%B %Y}"):
        assert words in heading


def test_an_administrator_excuses_a_teacher_and_takes_it_back(walker, administrator, semester, sign_in):
    client = sign_in(administrator)
    url = reverse("walks:excuse", args=[walker.pk])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "On\u202eleave"}).status_code == 422
    client.post(url, {"reason": "On leave"})
    assert statuses(administrator, semester)["Osei, Amara"] == "excused"
    client.post(reverse("walks:unexcuse", args=[walker.pk]))
    assert statuses(administrator, semester)["Osei, Amara"] == "not_planned"


def test_a_head_cannot_excuse(walker, head, semester, sign_in):
    assert sign_in(head).post(reverse("walks:excuse", args=[walker.pk]), {"reason": "x"}).status_code == 403


def test_a_nudge_sent_from_the_report_goes_to_people_without_a_plan(walker, host, hosts, administrator, semester):
    a_walk(host, hosts[1:], state="requested")
    plan = manual_nudges.prepare(administrator, semester, now=NOW)
    assert [person.family_name for person in plan.people] == ["Haddad", "Nair", "Osei"]


def test_pressing_send_twice_in_a_week_sends_one_nudge(walker, administrator, semester):
    for _again in range(2):
        plan = manual_nudges.prepare(administrator, semester, now=NOW)
        manual_nudges.send(plan, plan.people, by=administrator, now=NOW)
    sweep(NOW)
    assert [mail.to_addr for mail in Message.objects.all()] == [walker.email]
    assert manual_nudges.prepare(administrator, semester, now=NOW).people == []


def test_a_nudge_sent_at_night_waits_for_the_morning_and_is_counted_once(walker, administrator, semester):
    night = dt.datetime(2026, 11, 14, 23, 0, tzinfo=dt.UTC)  # a Saturday
    plan = manual_nudges.prepare(administrator, semester, now=night)
    assert [manual_nudges.send(plan, plan.people, by=administrator, now=night) for _again in range(2)] == [1, 0]
    assert Reminder.objects.get().due_at == dt.datetime(2026, 11, 16, 7, 0, tzinfo=dt.UTC)


def test_the_report_offers_to_nudge_one_teacher(walker, administrator, semester, sign_in):
    client = sign_in(administrator)
    words = " ".join(client.get(reverse("walks:report")).text.split())
    assert "One teacher hasn’t planned yet." in words and "A warm nudge offers them three free periods." in words
    assert client.get("/report/reminder/", follow=True).redirect_chain == [("/report/nudge/", 302)]


def test_the_report_begins_with_those_without_a_plan_and_offers_to_remind_one(
    walker, hosts, colleague, head, administrator, semester, sign_in
):
    for person, state in zip(hosts, ("complete", "walked", "requested"), strict=True):
        a_walk(person, [walker], state=state)
    excusals.excuse(walker, semester=semester, reason="On leave", by=administrator, now=NOW)
    page = sign_in(administrator).get(reverse("walks:report"))
    shown = list(dict.fromkeys(row.status for row in page.context["shown"]))
    assert shown == ["not_planned", "planned", "under_way", "complete", "excused"]
    assert f"?semester={semester.pk}&amp;person={colleague.pk}" in page.text
    assert reverse("walks:excuse", args=[colleague.pk]) in page.text
    assert reverse("walks:unexcuse", args=[walker.pk]) in page.text
    people = sign_in(administrator).get(reverse("walks:report_nudge"), {"person": colleague.pk}).context["people"]
    assert [person for person, ticked in people if ticked] == [colleague]
    page = sign_in(head).get(reverse("walks:report"))
    assert ("Remind" in page.text, "/excuse/" in page.text) == (True, False)


def test_people_without_an_address_are_marked_and_not_reminded(walker, colleague, administrator, semester, sign_in):
    Person.objects.filter(pk=walker.pk).update(email=None)
    client = sign_in(administrator)
    page = text_of(client.get(reverse("walks:report")))
    assert page.count("No e-mail, can’t sign in") == page.count("Remind") == 1
    nudge = client.get(reverse("walks:report_nudge"))
    assert [person for person, _ticked in nudge.context["people"]] == [colleague]
    assert "Amara Osei has no e-mail address here. Tell them in person." in text_of(nudge)


def test_people_of_the_same_name_are_told_apart(walker, school, administrator, semester, sign_in):
    a_person(school, "Amara", "Osei", email=None, code="OSB")
    page = text_of(sign_in(administrator).get(reverse("walks:report")))
    assert "Osei, Amara Maths" in page and "Osei, Amara OSB" in page


def press_send(client, **typed):
    """Return the messages after pressing Send on the nudge page, by default with everyone ticked."""
    url = reverse("walks:report_nudge")
    everyone = [person.pk for person in client.get(url).context["manual_nudge"].people] or [0]
    answer = client.post(url, {"op": "send", "person": everyone} | typed, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_on_a_sunday_the_page_says_when_the_nudge_is_sent(walker, host, administrator, semester, sign_in, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 15, 13, 0, tzinfo=dt.UTC), tick=False)
    client = sign_in(administrator)
    assert (
        "Quiet hours: the e-mail goes out on Monday 16 November at 07:00."
        in client.get(reverse("walks:report_nudge")).text
    )
    assert press_send(client) == ["Two colleagues get it on Monday 16 November at 07:00."]
    page = " ".join(client.get(reverse("walks:report_nudge")).text.split())
    assert "Nudges for two more colleagues are on their way." in page and "Send the nudge" not in page
    assert press_send(client) == [
        "Nothing was sent: everyone you ticked has had a nudge this week, or will get one soon."
    ]


def test_on_a_school_day_the_nudge_is_sent_at_once(walker, administrator, semester, sign_in, time_machine):
    time_machine.move_to(NOW, tick=False)
    client = sign_in(administrator)
    assert "Quiet hours" not in client.get(reverse("walks:report_nudge")).text
    assert press_send(client) == ["Sent to one colleague."]


def test_a_nudge_is_sent_to_the_ticked_people_with_the_senders_line(
    walker, host, hosts, colleague, administrator, semester, sign_in, time_machine, settings
):
    time_machine.move_to(NOW, tick=False)
    a_lesson(colleague, "210", period=3)
    client = sign_in(administrator)
    typed = {"words": " We miss  your eyes. ", "person": [walker.pk]}
    closed = '<details class="open-wide" >'
    assert closed in client.get(reverse("walks:report_nudge")).text
    page = client.post(reverse("walks:report_nudge"), {"op": "preview"} | typed)
    assert closed not in page.text and page.text.index("What it says") < page.text.index('name="person"')
    assert f"{administrator.full_name} writes: “We miss your eyes.”" in page.text
    assert (page.text.count("checked"), Reminder.objects.count()) == (1, 0)
    assert press_send(client, **typed) == ["Sent to one colleague."]
    sweep(NOW)
    mail = Message.objects.get()
    assert (mail.to_addr, mail.reply_to) == (walker.email, administrator.email)
    assert f"{administrator.full_name} writes: “We miss your eyes.”" in mail.body_text
    button = re.search(r'class="button"\s+href="([^"]+)"[^>]*>\s*([^<]+?)\s*<', mail.body_html)
    assert button[1].startswith(f"{settings.SITE_URL}/walks/new/?date=") and button[2].startswith("Use ")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"person": []}, "Tick at least one colleague"),
        ({"words": "See https://walks.example"}, "Leave web and e-mail addresses out of your message"),
        ({"words": "See walks.com/ideas"}, "Leave web and e-mail addresses out of your message"),
        ({"words": "so " * 54 + "long"}, "Use up to 160 characters (you have 166)"),
    ],
)
def test_a_refused_nudge_keeps_the_typed_text(typed, error, walker, administrator, semester, sign_in):
    form = {"op": "send", "words": "Come along!", "person": [walker.pk]} | typed
    answer = sign_in(administrator).post(reverse("walks:report_nudge"), form)
    assert answer.status_code == 422
    assert error in answer.text
    assert form["words"] in answer.text
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(("typed", "kept"), [("Ba\x0bd", "Bad"), ("\x00=1+1", "'=1+1"), ("a\ufffe\x9fb", "ab")])
def test_characters_that_excel_cannot_store_are_left_out(typed, kept, walker, administrator, semester):
    Person.objects.filter(pk=walker.pk).update(family_name=typed.replace("\x00", "\x01"))
    book = exports.workbook(report.build(administrator, semester, today=TODAY, filters={}), today=TODAY)
    assert exports.safe_cell(typed) == load_workbook(io.BytesIO(book)).active["A2"].value == kept


@pytest.mark.parametrize("asked", ["9" * 5000, "9" * 30, "x"])
def test_an_invalid_semester_in_the_address_shows_the_current_one(asked, administrator, semester, sign_in):
    answer = sign_in(administrator).get(reverse("walks:report"), {"semester": asked})
    assert answer.context["report"].semester == semester
