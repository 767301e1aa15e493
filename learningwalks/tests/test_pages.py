"""Norms, who sees what, help, offline and the account page."""

import io
import json
import zipfile

import pytest
from pytest_django.asserts import assertInHTML

from learningwalks.privacy.who_sees_what import ROWS
from school import policy
from school.models import Person
from school.tests.pages import text_of
from walks.content import NORMS
from walks.who_sees_what import READERS


@pytest.mark.parametrize("page", ["/privacy/", "/help/", "/offline/"])
@pytest.mark.django_db
def test_public_pages_open_without_signing_in(page, client):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", ["/norms/", "/me/", "/me/data/"])
@pytest.mark.django_db
def test_pages_about_a_school_or_a_person_ask_to_sign_in(page, client):
    assert client.get(page).headers["Location"] == f"/sign-in/?next={page}"


def test_signed_out_the_privacy_page_names_no_school(client, school):
    assert school.name not in client.get("/privacy/").text


@pytest.mark.parametrize("page", ["/norms/", "/privacy/", "/help/", "/me/"])
@pytest.mark.parametrize("persona", ["walker", "head", "administrator"])
def test_everybody_of_the_school_can_open_the_page(page, persona, request, sign_in):
    assert sign_in(request.getfixturevalue(persona)).get(page).status_code == 200


def test_the_default_norms_are_shown_until_the_school_has_its_own(walker, sign_in):
    client = sign_in(walker)
    ours = client.get("/norms/").context["norms"]
    walker.school.norms = "Be kind."
    walker.school.save()
    assert (len(ours), client.get("/norms/").context["norms"]) == (len(NORMS), ["Be kind."])


def test_the_policy_is_shown_in_words(walker, sign_in):
    walker.school.photos_on = False
    walker.school.save()
    page = sign_in(walker).get("/norms/").text
    assert [words for words in ("None: we walk without photos", "18:00 to 07:00", "Up to 2") if words in page] == [
        "None: we walk without photos",
        "18:00 to 07:00",
        "Up to 2",
    ]


SWITCHES = [
    ({"required_walks": 0}, "Voluntary: as many as you like."),
    ({"room_minutes_max": 10, "walk_minutes_max": 60}, "Up to 10 minutes in a room, 60 for the whole walk"),
    ({"who_may_be_visited": "anybody", "fortnight_visit_limit": 1}, "Every teacher; at most 1 visit to a teacher in"),
    ({"always_announce": True, "announce_days_ahead": 2}, "Always, at least 2 school days before"),
    ({"focus_in_heads_up": True}, "they also read what the walk looks for"),
    ({"notes_about_a_room": "host"}, "The teacher of the room can read them after the walk. Deleted 1 year"),
    ({"notes_about_a_room": "vanish"}, "They vanish when the teacher of the room is thanked"),
    ({"student_prompts": False}, "We ask them nothing"),
    ({"sharing_on": False}, "No: what we learn stays at school"),
]


@pytest.mark.parametrize(("policy_of_the_school", "words"), SWITCHES)
def test_the_norms_say_what_the_school_has_chosen(policy_of_the_school, words, walker, sign_in):
    client = sign_in(walker)
    assert words not in text_of(client.get("/norms/"))
    type(walker.school).objects.update(**policy_of_the_school)
    assert words in text_of(client.get("/norms/"))


def test_norms_and_help_follow_the_policy(walker, sign_in):
    client = sign_in(walker)
    words = ["One to five minutes a room", "ask students", "not faces", "What to ask a student", "Share with others"]
    pages = [text_of(client.get("/norms/")) + text_of(client.get("/help/"))]
    switches = {"student_prompts": False, "photos_on": False, "sharing_on": False}
    type(walker.school).objects.update(room_minutes_max=10, walk_minutes_max=60, **switches)
    pages.append(text_of(client.get("/norms/")) + text_of(client.get("/help/")))
    assert [[sentence in page for sentence in words] for page in pages] == [[True] * 5, [False] * 5]
    assert "Up to 10 minutes a room, up to 60 in all." in pages[1]
    assert "Two to eight rooms fit, in 60 minutes at most." in pages[1]


def test_the_privacy_page_prints_every_cell(walker, sign_in):
    page = sign_in(walker).get("/privacy/")
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert (table.count("<td>"), page.context["rows"]) == (len(ROWS) * len(READERS), ROWS)


def test_the_privacy_page_says_who_learns_when_somebody_is_at_school(walker, sign_in):
    shown = text_of(sign_in(walker).get("/privacy/"))
    assert "Until the walk: whether the walker, and colleagues who could cover, are at school then" in shown


def test_on_a_phone_each_thing_says_in_one_line_who_sees_it(walker, sign_in):
    page = sign_in(walker).get("/privacy/")
    assertInHTML('<span>Notes<small class="fw-normal">Only the walker</small></span>', page.text)
    assertInHTML('<span>Photos<small class="fw-normal">Walker\xa0· Colleague\xa0visited</small></span>', page.text)


def test_the_privacy_page_says_how_long_things_are_kept(walker, sign_in):
    page = sign_in(walker).get("/privacy/").text
    assert page.index("Your walks") < page.index("30 days after the walk") < page.index("Plans and approvals")


def test_a_theme_is_saved_and_used(walker, sign_in):
    page = sign_in(walker).post("/me/", {"theme": "dark"}, follow=True)
    assert Person.objects.get(pk=walker.pk).theme == "dark"
    assert 'data-bs-theme="dark"' in page.text


def test_a_teacher_opts_out_of_visits_and_back_in(walker, administrator, sign_in):
    client = sign_in(walker)
    client.post("/me/", {"visits": "no"})
    assert Person.objects.get(pk=walker.pk).opted_out_of_visits
    client.post("/me/", {"visits": "yes"})
    assert not Person.objects.get(pk=walker.pk).opted_out_of_visits
    type(walker.school).objects.update(who_may_be_visited="anybody")
    assert "Visits to your lessons" not in client.get("/me/").text
    page = client.post("/me/", {"visits": "no"}, follow=True)
    assert "Your school has decided who may be visited." in page.text
    assert "Visits to your lessons" not in sign_in(administrator).get("/me/").text


def test_no_administrator_finds_out_who_opted_out(walker, hosts, administrator, sign_in):
    addresses = ["/people/", f"/people/{walker.pk}/", "/people/many/", "/report/", "/settings/timetable/", "/help/"]
    client = sign_in(administrator)
    pages = [[text_of(client.get(address)) for address in addresses]]
    files = [b"".join(client.get("/report.csv").streaming_content)]
    Person.objects.filter(pk=walker.pk).update(opted_out_of_visits=True)
    pages.append([text_of(client.get(address)) for address in addresses])
    files.append(b"".join(client.get("/report.csv").streaming_content))
    assert (pages[0], files[0]) == (pages[1], files[1])


def test_a_school_says_family_names_first_and_a_person_chooses_differently(walker, host, administrator, sign_in):
    sign_in(host).post("/me/", {"family_name_first": "yes"})
    policy.change(administrator.school, {"family_name_first": True}, by=administrator)
    assert "<h1>Osei Amara</h1>" in sign_in(walker).get("/me/").text
    page = sign_in(walker).post("/me/", {"family_name_first": "no"}, follow=True)
    assert "<h1>Amara Osei</h1>" in page.text
    policy.change(administrator.school, {"visitor_limit": 3}, by=administrator)  # names stay as they are
    walker.refresh_from_db()
    assert walker.full_name == "Amara Osei"
    assert sign_in(administrator).get("/people/new/").context["form"]["family_name_first"].initial is True


def test_a_person_with_one_name_is_not_asked_for_the_order_of_names(walker, sign_in):
    assert "family_name_first" in sign_in(walker).get("/me/").text
    Person.objects.filter(pk=walker.pk).update(given_name="", family_name="Suharto")
    assert "family_name_first" not in sign_in(walker).get("/me/").text


def test_an_unknown_theme_is_not_saved(walker, sign_in):
    page = sign_in(walker).post("/me/", {"theme": "pink"}, follow=True)
    assert "Choose light, dark or match device" in page.text


def test_the_account_page_links_to_all_its_parts(walker, sign_in):
    page = sign_in(walker).get("/me/").text
    links = ["/me/emails/", "/account/password/change/", "/account/2fa/", "/account/sessions/", "/me/data/"]
    assert [link for link in links if f'href="{link}"' not in page] == []


def test_my_data_comes_as_a_zip(walker, sign_in):
    response = sign_in(walker).get("/me/data/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert json.loads(archive.read("my-data.json"))["person"]["email"] == walker.email
    assert response.headers["Content-Disposition"].startswith('attachment; filename="learning-walks-my-data-')


def test_help_about_approving_is_for_those_who_approve(walker, head, client, sign_in):
    pages = [client.get("/help/"), sign_in(walker).get("/help/"), sign_in(head).get("/help/")]
    chapters = ("One button approves", "Read the report")
    assert [[chapter in text_of(page) for chapter in chapters] for page in pages] == [[False] * 2] * 2 + [[True] * 2]


def test_the_norms_and_the_privacy_page_say_the_same_about_notes(walker, sign_in):
    client = sign_in(walker)
    assert "Deleted 1 year after the walk" in text_of(client.get("/norms/"))
    assert "1 year after the walk" in text_of(client.get("/privacy/"))


def test_help_counts_the_four_steps_of_a_walk(client):
    page = text_of(client.get("/help/"))
    places = [page.index(step) for step in ("1 Plan a walk", "2 Walk", "3 Praise", "4 Takeaway")]
    assert places == sorted(places)
