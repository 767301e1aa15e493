"""The setup page needs the server's code, and does not exist once there is a school."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import first_school
from accounts.forms import SetupForm
from school.models import Person, School
from walks.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Keep the setup code out of the installation's data folder."""
    settings.DATA_DIR = tmp_path


def answers(**changes):
    """Return the completed form."""
    return {
        "code": first_school.code(),
        "name": "Maple Hill",
        "time_zone": "Europe/London",
        "semester": "Autumn 2026",
        "grades": "Grade 5\nGrade 6\n\nGrade 5",
        "starts_on": "2026-09-01",
        "ends_on": "2026-12-18",
        "bells": "08:30 09:15\n09:20-10:05",
        "given_name": "Daniel",
        "family_name": "Whitfield",
        "email": "Daniel@riverside.example",
        "password": "correct horse battery",
    } | changes


def test_the_school_is_created_and_its_administrator_is_signed_in(client):
    response = client.post("/setup/", answers(), follow=True)
    assert (response.status_code, response.request["PATH_INFO"]) == (200, "/settings/")
    school = School.objects.get()
    counts = (school.periods.count(), school.grades.count(), school.day_types.count(), school.semesters.count())
    assert counts == (2, 2, 5, 1)


def test_the_second_step_is_set_up_without_typing_the_password_again(client):
    client.post("/setup/", answers())
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


@pytest.mark.parametrize("is_required", [True, False])
def test_the_page_of_the_second_step_has_no_links_that_lead_back_to_this_page(is_required, client, settings):
    client.post("/setup/", answers())
    settings.ADMINISTRATOR_MFA = is_required
    page = client.get("/settings/", follow=True) if is_required else client.get(reverse("mfa_activate_totp"))
    closed_pages = [reverse("walks:report"), reverse("accounts:people"), reverse("me"), reverse("norms")]
    assert [f'href="{address}"' in page.text for address in closed_pages] == [not is_required] * 4
    assert 'href="otpauth://totp/' in page.text


def test_the_first_administrator_has_no_right_to_djangos_admin(client):
    client.post("/setup/", answers())
    person = Person.objects.get()
    rights = (person.email, person.is_administrator, person.is_staff, person.is_superuser)
    assert rights == ("daniel@riverside.example", True, False, False)


def test_the_catalogue_is_loaded(client):
    client.post("/setup/", answers())
    assert Practice.objects.count() == 20


@pytest.mark.parametrize("method", ["get", "post"])
def test_once_there_is_a_school_the_setup_page_returns_404(method, client, school):
    assert getattr(client, method)("/setup/", answers()).status_code == 404


@pytest.mark.parametrize("code", ["", "AAAA-BBBB-CCCC", "é"])
def test_without_the_code_no_school_is_created(code, client):
    assert client.post("/setup/", answers(code=code)).status_code == 422
    assert not School.objects.exists()


def test_case_and_spaces_of_the_typed_code_do_not_matter(client):
    assert first_school.code_matches(f" {first_school.code().lower().replace('-', ' ')} ")


def test_the_code_is_in_a_file_that_only_its_owner_can_read(client, settings):
    page = client.get("/setup/").text
    file = settings.DATA_DIR / "setup-code"
    assert (file.read_text().strip(), oct(file.stat().st_mode)[-3:]) == (first_school.code(), "600")
    assert first_school.code() not in page


def test_the_file_with_the_code_is_deleted_once_the_school_is_created(
    client, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/setup/", answers())
    assert not (settings.DATA_DIR / "setup-code").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bells", "half past eight"),
        ("bells", "09:00 08:00"),
        ("bells", "08:00 09:00\n08:30 10:00"),
        ("bells", " "),
        ("bells", "08:00 08:01\n" + "\n".join(f"{n:02}:00 {n:02}:30" for n in range(9, 24))),
        ("ends_on", "2026-09-01"),
        ("ends_on", "2028-09-01"),
        ("password", "short"),
        ("password", "password1234"),
        ("time_zone", "Mars"),
        ("email", "daniel"),
        ("name", ""),
    ],
)
def test_an_invalid_field_shows_the_form_again(field, value):
    form = SetupForm(answers(**{field: value}), today=timezone.localdate())
    assert list(form.errors) == [field]


@pytest.mark.parametrize(
    "bells", ["7:50-8:35\n8:40 – 9:25", "1. 7:50 8:35\n\n2) 8:40  9:25", " 07:50 08:35 \n8:40 9:25"]
)
def test_periods_may_be_written_in_several_ways(bells):
    form = SetupForm(answers(bells=bells), today=timezone.localdate())
    assert form.is_valid()
    assert [f"{a:%H:%M} {b:%H:%M}" for a, b in form.cleaned_data["bells"]] == ["07:50 08:35", "08:40 09:25"]


def test_the_page_and_its_error_name_the_largest_number_of_periods(client):
    assert "Up to 15 lines" in client.get("/setup/").content.decode()
    bells = "\n".join(f"{7 + n // 2:02}:{n % 2 * 30:02} {7 + n // 2:02}:{n % 2 * 30 + 25:02}" for n in range(16))
    page = client.post("/setup/", answers(bells=bells)).content.decode()
    assert "You entered 16 periods. A day can have 1 to 15." in page


def test_a_grade_with_a_very_long_name_is_refused(client):
    page = client.post("/setup/", answers(grades="G" * 61)).content.decode()
    assert "has 61 characters; the name of a grade has at most 60" in page
    assert "G" * 61 + "</textarea>" in page


def test_two_concurrent_forms_create_one_school(client):
    first = SetupForm(answers(), today=timezone.localdate())
    assert first.is_valid()
    first_school.create_school(first.first_school())
    with pytest.raises(first_school.SchoolExistsError):
        first_school.create_school(first.first_school())


def test_an_empty_installation_leads_to_its_setup(client):
    assert client.get("/", follow=True).redirect_chain[-1] == ("/setup/", 302)


def test_with_a_school_the_first_page_is_the_sign_in(client, school):
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/sign-in/?next=/", 302)]
    assert "/setup/" not in answer.text
