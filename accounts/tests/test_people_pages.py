"""The people pages: administrators find, add and change colleagues; everyone else gets 404."""

import datetime as dt
from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from accounts import membership
from notifications import reminders
from notifications.models import Message
from notifications.sending import delivery
from observations.words import praise
from school import people
from school.forms.many_people import ManyPeopleForm
from school.models import Grade, Person, School
from school.people.person_lines import PersonLine
from school.tests.factories import NOW, a_person
from school.tests.pages import text_of
from walks.tests.factories import a_walk

PAGES = ["/people/", "/people/new/"]
NORA = {"given_name": "Nora", "family_name": "Eklund", "email": "nora@school.example", "is_teacher": "on"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("persona", ["walker", "head"])
def test_everyone_else_gets_404(page, persona, request, sign_in):
    assert sign_in(request.getfixturevalue(persona)).get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_can_open_the_people_pages(page, administrator, sign_in):
    assert sign_in(administrator).get(page).status_code == 200


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_takes_the_same_number_of_queries_for_one_and_for_three_people(
    people, administrator, sign_in, django_assert_num_queries
):
    for n in range(people):
        a_person(administrator.school, f"Given{n}", "Family")
    client = sign_in(administrator)
    with django_assert_num_queries(9):
        client.get("/people/")


def names_found(client, query):
    """Return the names in the list."""
    return [person.given_name for person in client.get(f"/people/?{query}").context["page"]]


def test_people_are_found_by_any_part_of_their_name_or_address(administrator, walker, host, sign_in):
    assert names_found(sign_in(administrator), "q=ose+ama") == ["Amara"]
    assert names_found(sign_in(administrator), "q=ÓSE") == ["Amara"]


def test_the_list_can_be_filtered_by_role(administrator, walker, head, sign_in):
    client = sign_in(administrator)
    assert names_found(client, "role=head") == ["Lucía"]
    is_open = [
        'class="open-wide whole" open' in client.get(f"/people/?{query}").text for query in ("role=head", "q=ose")
    ]
    assert is_open == [True, False]


def test_the_list_can_be_filtered_by_grade(administrator, walker, second_host, school, sign_in):
    grade = Grade.objects.get(school=school, name="Grade 8")
    assert names_found(sign_in(administrator), f"grade={grade.pk}") == ["Leila"]


def test_people_who_left_are_listed_only_by_the_filter_for_them(administrator, walker, school, sign_in):
    a_person(school, "Tom", "Park", is_active=False)
    client = sign_in(administrator)
    assert names_found(client, "role=left") == ["Tom"]
    assert "Tom" not in names_found(client, "")


def test_an_unknown_filter_is_ignored(administrator, walker, sign_in):
    assert names_found(sign_in(administrator), "grade=999&role=king") == ["Amara", "Daniel"]


def test_the_list_says_who_never_signed_in_or_not_for_long(administrator, walker, school, sign_in):
    now = timezone.now()
    a_person(school, "Tom", "Park", invited_at=now)
    a_person(school, "Leila", "Aziz", last_login=now - dt.timedelta(days=100))
    a_person(school, "Hana", "Sato", last_login=now - dt.timedelta(days=2))
    page = text_of(sign_in(administrator).get("/people/?role=teacher"))
    assert [page.count(words) for words in ("Not invited yet", "Invited ", "Last sign-in ")] == [1, 1, 1]


def test_people_of_another_school_are_not_in_the_list(administrator, stranger, sign_in):
    assert names_found(sign_in(administrator), "") == ["Daniel"]


def test_adding_sends_an_invitation(administrator, sign_in):
    response = sign_in(administrator).post("/people/new/", NORA)
    assert (response.status_code, Message.objects.get().to_addr) == (302, "nora@school.example")


def test_extra_fields_are_ignored(administrator, stranger, sign_in):
    forged = NORA | {"is_staff": "on", "is_superuser": "on", "school": stranger.school.pk, "password": "x"}
    sign_in(administrator).post("/people/new/", forged)
    nora = Person.objects.get(email="nora@school.example")
    assert not nora.is_staff
    assert not nora.is_superuser
    assert nora.school == administrator.school


def test_a_missing_field_is_named_and_the_others_keep_their_values(administrator, sign_in):
    response = sign_in(administrator).post("/people/new/", NORA | {"given_name": "", "family_name": ""})
    assert response.status_code == 422
    assert "Write the name" in response.text and 'value="nora@school.example"' in response.text


def test_people_without_an_address_are_added_and_not_invited(administrator, sign_in):
    client = sign_in(administrator)
    for family_name in ("Eklund", "Falk"):
        page = client.post("/people/new/", NORA | {"email": "", "family_name": family_name}, follow=True)
        assert f"Nora {family_name} is added. Without an e-mail address they can’t sign in." in page.text
    again = client.post("/people/new/", NORA | {"email": ""})
    assert "Nora Eklund is here already. Give the new one a code or an e-mail address" in again.text
    assert names_found(client, "role=no_email") == ["Nora", "Nora"]
    people_page = text_of(client.get("/people/"))
    assert people_page.count("No e-mail, can’t sign in") == 2 and "None" not in people_page
    nora = Person.objects.get(family_name="Eklund")
    assert "Nora has no e-mail address here" in text_of(client.get(f"/people/{nora.pk}/"))
    assert "has no e-mail address here" in client.post(f"/people/{nora.pk}/invite/", follow=True).text
    assert not Message.objects.exists() and membership.not_invited(nora.school).filter(pk=nora.pk).count() == 0


@pytest.mark.parametrize("role", ["is_administrator", "headed_grades"])
def test_administrators_and_heads_need_an_address(role, administrator, school, sign_in):
    value = Grade.objects.filter(school=school).first().pk if role == "headed_grades" else "on"
    response = sign_in(administrator).post("/people/new/", NORA | {"email": "", role: value})
    assert (response.status_code, "so they need an e-mail address" in response.text) == (422, True)


def test_an_address_can_be_taken_away_and_given_back(administrator, walker, sign_in):
    client = sign_in(administrator)
    membership.invite_again(walker, by=administrator, now=NOW - dt.timedelta(days=1))
    assert messages_after_saving(client, walker, email="") == [
        "Saved. Amara Osei can’t sign in any more. We wrote to the old address."
    ]
    assert list(Message.objects.order_by("pk").values_list("state", "subject")) == [
        ("cancelled", "Welcome to Learning Walks at Test School"),
        ("queued", "Learning Walks no longer has your e-mail address"),
    ]
    walker.refresh_from_db()
    assert (walker.email, walker.has_usable_password()) == (None, False)
    assert messages_after_saving(client, walker, email="a@b.example") == ["Saved. You can invite Amara Osei now."]
    assert Message.objects.count() == 2


def test_a_pasted_list_may_lack_addresses(administrator, walker, sign_in):
    client = sign_in(administrator)
    page = text_of(client.post("/people/many/", {"lines": "Ismail;Kaya\nNora Eklund\nZoë"}))
    assert "3 people have no e-mail address" in page and "Add 3 people" in page
    form = ManyPeopleForm({"lines": "Amara Osei\nNora;Eklund\nNora Eklund"}, by=administrator)
    assert form.errors["lines"] == [
        "Line 1: Amara Osei is here already. Give the new one a code or an e-mail address",
        "Line 3: Nora Eklund is in your list twice; the other one is in line 2",
    ]
    client.post("/people/many/", {"lines": "Name;Code\nIsmail Kaya;KAY\nZoë;ZOE", "write": "1"})
    assert sorted(Person.objects.filter(email=None).values_list("code", flat=True)) == ["KAY", "ZOE"]


def test_a_grade_of_another_school_is_refused(administrator, stranger, sign_in):
    response = sign_in(administrator).post("/people/new/", NORA | {"grade": stranger.grade.pk})
    assert response.status_code == 422


LINES = "Nora Eklund <nora@school.example>\n\nvan Dijk, Piet <Piet@school.example>,"


def test_pasted_people_are_shown_before_anything_is_saved(administrator, sign_in):
    response = sign_in(administrator).post("/people/many/", {"lines": LINES})
    assert [line.family_name for line in response.context["many"].people] == ["Eklund", "van Dijk"]
    assert not Person.objects.filter(email="nora@school.example").exists()


def test_the_second_button_adds_the_pasted_people(administrator, sign_in):
    sign_in(administrator).post("/people/many/", {"lines": LINES, "write": "1"})
    assert Message.objects.count() == 2
    assert Person.objects.get(email="piet@school.example").full_name == "Piet van Dijk"


def test_every_line_that_cannot_be_read_is_named(administrator, walker):
    text = f"--\nA B <nowhere>\nC D <{walker.email}>\nE F <e@f.example>\nG H <e@f.example>"
    form = ManyPeopleForm({"lines": text}, by=administrator)
    assert [error.split(":")[0] for error in form.errors["lines"]] == ["Line 1", "Line 2", "Line 3", "Line 5"]


@pytest.mark.parametrize(
    "line",
    [
        "Mary Ann\tvan Dijk\tMary@school.example",
        "Mary Ann;van Dijk;mary@school.example;",
        "Mary Ann, van Dijk, mary@school.example",
        '"Mary Ann","van Dijk","mary@school.example"',
        "van Dijk, Mary Ann <mary@school.example>",
        '"van Dijk, Mary Ann"\tmary@school.example',
        "Mary Ann\tvan Dijk\t<mary@school.example>",
        "Given name\tFamily name\tE-mail\nMary Ann\tvan Dijk\tmary@school.example",
    ],
)
def test_people_are_pasted_from_a_spreadsheet(line, administrator):
    form = ManyPeopleForm({"lines": line}, by=administrator)
    assert form.is_valid(), form.errors
    assert form.people == [PersonLine("Mary Ann", "van Dijk", "mary@school.example")]


@pytest.mark.parametrize(
    "line",
    ["Given name\tFamily name\tE-mail", "A,B,C,a@b.example", ",,a@b.example", "a@b.example", '"'],
)
def test_a_line_that_names_nobody_is_refused(line, administrator):
    assert not ManyPeopleForm({"lines": f"Ada Wolf <ada@b.example>\n{line}"}, by=administrator).is_valid()


def test_an_address_that_is_twice_in_the_list_is_named(administrator, walker):
    twice = f"E F <e@f.example>\n\nG\tH\tE@F.example\nC D <{walker.email}>"
    assert ManyPeopleForm({"lines": twice}, by=administrator).errors["lines"] == [
        "Line 3: e@f.example is in your list twice; the other one is in line 1",
        f"Line 4: another person already signs in with {walker.email}",
    ]


def test_pasted_columns_are_saved_as_they_were_shown(administrator, sign_in):
    client = sign_in(administrator)
    shown = client.post("/people/many/", {"lines": "Mary Ann\tvan Dijk\tmary@school.example"})
    client.post("/people/many/", {"lines": shown.context["many"].cleaned_data["lines"], "write": "1"})
    assert Person.objects.get(email="mary@school.example").full_name == "Mary Ann van Dijk"


def test_a_list_of_thousands_is_refused(administrator):
    form = ManyPeopleForm({"lines": "A B <a@b.example>\n" * 301}, by=administrator)
    assert form.errors["lines"] == ["That’s more than 300 lines. Paste them in two parts."]


def test_the_pages_of_a_person_of_another_school_return_404(administrator, stranger, sign_in):
    client = sign_in(administrator)
    answers = [client.get(f"/people/{stranger.pk}/")]
    answers += [client.post(f"/people/{stranger.pk}/{action}/") for action in ("invite", "left", "back")]
    assert [response.status_code for response in answers] == [404, 404, 404, 404]


def test_a_change_is_saved(administrator, walker, sign_in):
    same = {"given_name": "Amara", "family_name": "Osei", "email": walker.email, "is_teacher": "on"}
    sign_in(administrator).post(f"/people/{walker.pk}/", same | {"subject": "Art", "staff_number": "4711"})
    walker.refresh_from_db()
    assert (walker.subject, walker.staff_number) == ("Art", "4711")


def test_a_code_belongs_to_one_person_of_the_school(administrator, walker, stranger, sign_in):
    Person.objects.filter(pk__in=[walker.pk, stranger.pk]).update(code="OSA")
    assert walker.pk == Person.objects.visible_to(administrator).get(code="OSA").pk
    client = sign_in(administrator)
    response = client.post("/people/new/", NORA | {"code": "osa"})
    assert (response.status_code, "Amara Osei already has this code" in response.text) == (422, True)
    client.post("/people/new/", NORA | {"code": "EKL"})
    assert names_found(client, "q=ekl") == ["Nora"]
    assert "EKL" in text_of(client.get("/people/"))


def test_codes_are_pasted_with_a_heading_and_none_is_used_twice(administrator, walker):
    Person.objects.filter(pk=walker.pk).update(code="OSA")
    lines = ["Name;E-mail;Kürzel", "Nora Eklund;n@b.example;EKL", "Ada Wolf;a@b.example;osa", "Al Ek;b@b.example;Ekl"]
    form = ManyPeopleForm({"lines": "\n".join(lines)}, by=administrator)
    assert form.errors["lines"] == [
        "Line 3: another person already has the code osa",
        "Line 4: Ekl is in your list twice; the other one is in line 2",
    ]
    assert ManyPeopleForm({"lines": "\n".join(lines[:2])}, by=administrator).is_valid()
    assert form.people[0].code == "EKL"


def test_administrators_cannot_remove_their_own_right(administrator, school, sign_in):
    a_person(school, "Mei", "Tanaka", is_administrator=True)
    mine = {"given_name": "Daniel", "family_name": "Whitfield", "email": administrator.email}
    response = sign_in(administrator).post(f"/people/{administrator.pk}/", mine)
    assert response.status_code == 422
    assert "Another administrator can do this for you" in response.text


def test_a_person_can_leave_and_come_back(administrator, walker, sign_in):
    client = sign_in(administrator)
    client.post(f"/people/{walker.pk}/left/")
    left = Person.objects.get(pk=walker.pk).is_active
    client.post(f"/people/{walker.pk}/back/")
    assert not left
    assert Person.objects.get(pk=walker.pk).is_active


def test_the_reason_why_a_person_cannot_be_invited_is_shown_as_a_message(administrator, walker, sign_in):
    client = sign_in(administrator)
    client.post(f"/people/{walker.pk}/left/")
    response = client.post(f"/people/{walker.pk}/invite/", follow=True)
    assert "has left. Bring the account back first." in response.text


def test_an_administrator_changes_their_own_address_and_stays_signed_in(administrator, sign_in):
    client = sign_in(administrator)
    UserSession.objects.create(user=administrator, session_key=client.session.session_key, ip="127.0.0.1")
    mine = {"given_name": "Daniel", "family_name": "Whitfield", "email": "dan@school.example", "is_administrator": "on"}
    response = client.post(f"/people/{administrator.pk}/", mine, follow=True)
    assert (response.status_code, response.request["PATH_INFO"]) == (200, "/people/")


def messages_after_saving(client, person, **changes):
    """Return the messages after saving the person's account with these changes."""
    names = ("given_name", "family_name", "email")
    same = {name: getattr(person, name) for name in names} | {"is_teacher": "on", "is_administrator": ""}
    answer = client.post(f"/people/{person.pk}/", same | changes, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_the_message_about_a_new_address_says_who_gets_mail(administrator, walker, sign_in):
    client = sign_in(administrator)
    assert messages_after_saving(client, walker, email=walker.email.upper()) == ["Saved."]
    assert messages_after_saving(client, walker, email="new@school.example") == [
        "Saved. We wrote to Amara Osei at both addresses. They sign in with a code sent to the new one."
    ]
    assert Message.objects.count() == 2


def test_changing_ones_own_address_or_that_of_a_person_who_left_announces_no_mail(administrator, walker, sign_in):
    client = sign_in(administrator)
    client.post(f"/people/{walker.pk}/left/")
    assert messages_after_saving(client, walker, email="later@school.example")[-1] == "Saved."
    assert messages_after_saving(client, administrator, email="me@school.example", is_administrator="on") == ["Saved."]


def test_the_page_shows_the_delivery_of_the_invitation(administrator, sign_in):
    client = sign_in(administrator)
    client.post("/people/new/", NORA)
    page = client.get(f"/people/{Person.objects.get(email=NORA['email']).pk}/")
    assert [delivery.words for delivery in page.context["invitations"]] == ["Waiting to be sent"]


NOWHERE = "E-mails go nowhere yet: they are kept as files on the server. Set EMAIL_URL (docs/configuration.md)."


@pytest.mark.parametrize("address", ["/people/", "/people/new/", "/settings/"])
@pytest.mark.parametrize(
    ("server", "demo", "warned"), [("", False, True), ("smtp://mail.example", False, False), ("", True, False)]
)
def test_administrators_see_that_mails_go_nowhere(address, server, demo, warned, administrator, sign_in, settings):
    settings.EMAIL_URL, settings.DEMO, settings.ADMINISTRATOR_MFA = server, demo, False
    School.objects.update(name="Maple Hill School" if demo else "Test School")
    assert (NOWHERE in sign_in(administrator).get(address).text) is warned


@pytest.mark.parametrize("server", ["", "smtp://mail.example"])
def test_an_invitation_that_became_a_file_is_not_called_sent(server, administrator, sign_in, settings, tmp_path):
    settings.EMAIL_URL, settings.MAIL_DIR = "", tmp_path
    client = sign_in(administrator)
    client.post("/people/new/", NORA)
    delivery.sweep(timezone.now())
    settings.EMAIL_URL = server  # set later: mails that became files stay files
    page = client.get(f"/people/{Person.objects.get(email=NORA['email']).pk}/")
    assertInHTML("<small>Not sent: it is only a file on the server.</small>", page.text)


def erase(client, person, name):
    """Post the second step of erasing: the typed name of a person who left."""
    return client.post(f"/people/{person.pk}/erase/", {"typed_name": name}, follow=True)


def test_a_person_who_left_is_erased_once_their_name_is_typed(administrator, walker, sign_in):
    client = sign_in(administrator)
    client.post(f"/people/{walker.pk}/left/")
    wrong = erase(client, walker, "Jonas")
    assert wrong.status_code == 422
    assert "Type Amara Osei to erase" in wrong.text
    done = erase(client, walker, " amara  OSEI ")
    walker.refresh_from_db()
    assert "Erased." in done.text
    assert walker.full_name == "A former colleague"


def test_a_person_who_has_not_left_cannot_be_erased(administrator, walker, sign_in):
    response = erase(sign_in(administrator), walker, "Amara Osei")
    walker.refresh_from_db()
    assert "Amara Osei is still here" in response.text
    assert walker.given_name == "Amara"


def test_nobody_erases_themselves_or_the_last_administrator(administrator, school):
    other = a_person(school, "Mei", "Tanaka", is_administrator=True, is_active=False)
    Person.objects.filter(pk=administrator.pk).update(is_active=False)
    with pytest.raises(people.KeepAdministratorError, match="needs one administrator"):
        people.erase(other, by=None, now=NOW)
    Person.objects.filter(pk=administrator.pk).update(is_active=True)
    with pytest.raises(people.KeepAdministratorError, match="That’s you"):
        people.erase(administrator, by=administrator, now=NOW)


def test_an_erased_person_has_no_page(administrator, walker, sign_in):
    client = sign_in(administrator)
    client.post(f"/people/{walker.pk}/left/")
    erase(client, walker, "Amara Osei")
    pages = [client.get(f"/people/{walker.pk}/"), client.post(f"/people/{walker.pk}/back/")]
    assert ([page.status_code for page in pages], names_found(client, "role=left")) == ([404, 404], [])


@pytest.mark.parametrize("family_name", [".", "-", "–"])
def test_erasing_a_person_whose_name_has_no_letter_keeps_mails_to_others(
    administrator, walker, colleague, host, family_name
):
    stop = a_walk(colleague, [host], state="walked").stops.get()
    praise.send(stop, text="The boards were full of thinking.", photo=None, by=colleague, now=NOW)
    delivery.sweep(NOW + dt.timedelta(minutes=1))
    Person.objects.filter(pk=walker.pk).update(is_active=False, family_name=family_name)
    people.erase(Person.objects.get(pk=walker.pk), by=administrator, now=NOW)
    assert "full of thinking" in Message.objects.get(kind="praise").body_text


def test_the_command_erases_only_people_who_left(walker):
    with pytest.raises(CommandError, match="is still here"):
        call_command("erase", walker.email, "--yes")
    Person.objects.filter(pk=walker.pk).update(is_active=False)
    call_command("erase", str(walker.pk), "--yes", stdout=StringIO())
    with pytest.raises(CommandError, match="There is no person"):
        call_command("erase", walker.email, "--yes")


def test_everybody_who_is_not_invited_yet_is_invited_with_one_button(administrator, walker, host, sign_in):
    Person.objects.exclude(pk=walker.pk).update(last_login=NOW)
    client = sign_in(administrator)
    assert "1 person is not invited yet" in text_of(client.get("/people/"))
    page = text_of(client.post("/people/invite/", follow=True))
    assert "One invitation is" in page and "is not invited yet" not in page
    client.post("/people/invite/")  # another press invites nobody twice
    reminders.sweep(timezone.now())
    assert list(Message.objects.values_list("to_addr", flat=True)) == [walker.email]


def test_invitations_that_did_not_arrive_are_listed_until_the_person_is_invited_again(
    administrator, walker, host, sign_in
):
    for person in (walker, host):
        membership.invite_again(person, by=administrator, now=NOW - dt.timedelta(hours=1))
    Message.objects.filter(recipient=walker).update(state="failed", error_code="550")
    client = sign_in(administrator)
    assert "1 invitation did not arrive" in text_of(client.get("/people/"))
    page = text_of(client.get("/people/invitations/"))
    assert walker.sort_name in page and host.sort_name not in page
    assert "the mail server does not know this address" in page
    page = text_of(client.post(f"/people/{walker.pk}/invite/", {"from_list": "1"}, follow=True))
    assert "No invitation has failed" in page
