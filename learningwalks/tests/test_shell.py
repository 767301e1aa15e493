"""The shell around every page: navigation by role, badges, theme, messages, error pages."""

import logging
import re

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.urls import path

from learningwalks import shell, urls
from learningwalks.shell import Shell, tab_items, top_items
from observations.tests.factories import a_praise
from school.models import Person
from school.tests.factories import NOW, a_person
from walks.tests.factories import a_walk


def shell_for(person, page="/"):
    """Return the shell of a page for this person."""
    request = RequestFactory().get(page)
    request.user = person
    return Shell(request)


def texts(items):
    """Return the navigation's texts in order."""
    return [str(item.text) for item in items]


def test_a_teacher_sees_the_teacher_bar(walker):
    assert texts(top_items(walker)) == ["Home", "My walks", "Open doors", "Praise"]
    assert texts(tab_items(walker)) == ["Home", "Walks", "Plan", "Doors", "Praise"]


def test_a_head_of_grade_also_sees_approvals_and_the_report(head):
    items = ["Home", "Approvals", "Upcoming", "My walks", "Open doors", "Praise", "Report"]
    assert texts(top_items(head)) == items
    assert texts(tab_items(head)) == ["Home", "Approve", "Plan", "Doors", "Praise"]


def test_an_administrator_sees_people_and_settings(administrator):
    assert texts(top_items(administrator)) == ["Semester report", "Approvals", "People", "School settings"]
    assert texts(tab_items(administrator)) == ["Report", "Approvals", "People", "Settings"]


def test_a_person_with_several_roles_sees_the_entries_of_all(school):
    person = a_person(school, "Mei", "Tanaka", is_administrator=True)
    assert texts(top_items(person)) == [
        "Home",
        "Approvals",
        "My walks",
        "Open doors",
        "Praise",
        "Report",
        "People",
        "Settings",
    ]
    assert texts(tab_items(person)) == ["Home", "Walks", "Plan", "Doors", "Praise"]


def test_entries_without_space_on_the_phone_are_on_the_account_page(head):
    shown = {item["key"] for item in shell_for(head).tabs}
    assert {item["key"] for item in shell_for(head).more}.isdisjoint(shown)


def test_a_page_this_installation_lacks_is_not_in_the_navigation(walker, monkeypatch):
    monkeypatch.setattr(shell, "WALKS", shell.NavItem("walks", "no-such-page", "My walks", "signpost-2"))
    assert "walks" not in [item["key"] for item in shell_for(walker).top]


@pytest.mark.parametrize(
    ("address", "here"),
    [("/walks/", "walks"), ("/walks/new/", "plan"), ("/walks/7/", "walks"), ("/me/", None)],
)
def test_the_tab_of_the_open_page_is_marked(walker, address, here):
    marked = [item["key"] for item in shell_for(walker, address).tabs if item["here"]]
    assert marked == ([here] if here else [])


def test_writing_praise_belongs_to_praise_even_on_the_page_of_a_walk(walker):
    marked = [item["key"] for item in shell_for(walker, "/walks/7/praise/3/").tabs if item["here"]]
    assert marked == ["praise"]


def test_a_waiting_request_is_counted_for_its_head(head, walker, hosts):
    a_walk(walker, hosts, state="requested")
    assert shell_for(head).waiting == 1


def test_waiting_requests_are_not_counted_for_a_teacher(walker, hosts, django_assert_num_queries):
    a_walk(walker, hosts, state="requested")
    shell = shell_for(walker)
    assert shell.person.is_head is False
    with django_assert_num_queries(0):
        assert shell.waiting == 0


def test_signed_out_pages_have_no_navigation(client, school):
    page = client.get("/sign-in/").content.decode()
    assert "topnav" not in page
    assert "tabbar" not in page


@pytest.mark.parametrize(("theme", "first_paint"), [("auto", "light"), ("light", "light"), ("dark", "dark")])
def test_the_saved_theme_is_rendered_by_the_server(client, walker, theme, first_paint):
    Person.objects.filter(pk=walker.pk).update(theme=theme)
    client.force_login(walker)
    page = " ".join(client.get("/nowhere/").text.split())
    assert f'data-theme="{theme}" data-bs-theme="{first_paint}"' in page


def test_every_page_has_a_skip_link(client, school):
    page = client.get("/sign-in/").content.decode()
    assert page.index('<a class="skip" href="#main">') < page.index('<main id="main" tabindex="-1">')


def test_a_message_can_offer_undo():
    sent = Message(constants.SUCCESS, "Sent to Jonas.", extra_tags="undo:/praise/7/undo/")
    page = render_to_string("components/messages.html", {"messages": [sent]})
    assert re.search(r'<form method="post" action="/praise/7/undo/" data-vanish-after="30">', page)


def test_a_missing_page_gets_the_404_page(client, walker):
    client.force_login(walker)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "<h1>We can’t find that page</h1>" in response.content.decode()


def test_the_403_page_says_which_rule_forbids_the_action(sign_in, walker, host):
    received = a_praise(a_walk(walker, [host], state="walked").stops.get(), "Exit tickets!", sent_at=NOW)
    response = sign_in(walker).post(f"/praise/{received.pk}/thank/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>This page isn’t yours to open</h1>" in page
    assert "Only the colleague who received the praise can do this." in page


def test_an_outdated_form_gets_a_plain_message(walker):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in/", {"login": walker.email})
    assert response.status_code == 403
    assert "This page was open for a while" in response.content.decode()


def test_a_forged_host_gets_the_400_page(client):
    response = client.get("/sign-in/", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert "<h1>Something got lost on the way</h1>" in response.content.decode()


@pytest.mark.parametrize(
    "template", ["400.html", "500.html", "offline.html", "403.html", "404.html", "405.html", "429.html"]
)
def test_error_pages_need_no_database_and_no_request(template):
    assert "<h1>" in render_to_string(template)


def _broken(request):
    raise RuntimeError("the roof leaks")


@override_settings(ROOT_URLCONF="learningwalks.tests.test_shell")
def test_a_broken_page_shows_the_500_page_and_logs_nothing_private(client, walker, caplog):
    client.force_login(walker)
    client.raise_request_exception = False
    with caplog.at_level(logging.INFO):
        response = client.post("/broken/", {"note": "Jonas had chalk on his nose"})
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "chalk" not in caplog.text


handler500 = urls.handler500
urlpatterns = [path("broken/", _broken), *urls.urlpatterns]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/help/", "/me/"])
def test_the_version_is_in_the_footer(page, walker, sign_in, settings):
    assert f"Version {settings.VERSION}" in sign_in(walker).get(page).content.decode()
