"""The school's time zone, private pages, and the second step of administrators."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import RequestFactory
from django.utils import timezone

from learningwalks.middleware import SchoolTimeMiddleware
from school.models import School
from school.tests.factories import a_person


@pytest.fixture
def second_step_required(settings):
    """Require the second step, as outside the demo."""
    settings.ADMINISTRATOR_MFA = True


def test_times_are_shown_in_the_zone_of_the_school(walker):
    walker.school.time_zone = "Asia/Tokyo"
    request = RequestFactory().get("/")
    request.user = walker
    zone = SchoolTimeMiddleware(lambda request: timezone.get_current_timezone_name())(request)
    assert zone == "Asia/Tokyo"


def test_signed_in_pages_stay_out_of_caches(sign_in, walker):
    assert sign_in(walker).get("/account/sessions/")["Cache-Control"] == "private, no-store"


def test_a_buttons_url_opened_as_a_page_explains_what_to_do(sign_in, walker):
    response = sign_in(walker).get("/walks/1/take-back/")
    assert (response.status_code, response["Allow"], response["Cache-Control"]) == (405, "POST", "private, no-store")
    assert "<h1>This page only opens from a button</h1>" in response.content.decode()
    assert sign_in(walker).head("/walks/1/take-back/").content == b""


def test_an_administrator_without_a_second_step_sets_it_up(sign_in, administrator, second_step_required):
    response = sign_in(administrator).get("/people/")
    assert (response.status_code, response.url) == (302, "/account/2fa/totp/activate/")


@pytest.mark.parametrize("address", ["/account/2fa/", "/account/sessions/", "/sign-out/", "/account/reauthenticate/"])
def test_pages_on_the_way_to_the_second_step_stay_open(sign_in, administrator, second_step_required, address):
    assert sign_in(administrator).get(address).status_code == 200


def test_with_a_second_step_the_administrator_can_continue(sign_in, administrator, second_step_required):
    Authenticator.objects.create(user=administrator, type="totp", data={"secret": "x"})
    assert sign_in(administrator).get("/nowhere/").status_code == 404


def test_staff_of_the_admin_need_a_second_step_too(sign_in, school, second_step_required):
    superuser = a_person(school, "Ines", "Duarte", is_staff=True, is_superuser=True)
    assert sign_in(superuser).get("/admin/").url == "/account/2fa/totp/activate/"


def test_teachers_need_no_second_step(sign_in, walker, second_step_required):
    assert sign_in(walker).get("/nowhere/").status_code == 404


@pytest.mark.parametrize(("name", "status"), [("Maple Hill School", 404), ("Riverside School", 302)])
def test_the_demo_requires_no_second_step_until_there_is_a_real_school(sign_in, administrator, settings, name, status):
    settings.ADMINISTRATOR_MFA, settings.DEMO = False, True
    School.objects.update(name=name)
    assert sign_in(administrator).get("/nowhere/").status_code == status
