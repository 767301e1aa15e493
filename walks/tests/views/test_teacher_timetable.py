"""What an administrator sees about planned walks before they change a lesson."""

import pytest

from school.models import Lesson
from school.tests.factories import THURSDAY
from walks.tests.factories import a_walk

pytestmark = pytest.mark.usefixtures("frozen_clock")


def text_of(response):
    return " ".join(response.text.split())


@pytest.fixture
def lesson(host):
    return host.lessons.get(day_type__weekday=3)


def test_planned_walks_are_shown_before_a_lesson_changes(sign_in, administrator, walker, hosts, head, lesson):
    a_walk(walker, hosts)
    client = sign_in(administrator)
    assert f"/settings/timetable/lessons/{lesson.pk}/" in client.get(f"/settings/timetable/{lesson.teacher_id}/").text
    for address in (f"lessons/{lesson.pk}/", f"{lesson.teacher_id}/hand-over/"):
        page = text_of(client.get(f"/settings/timetable/{address}"))
        assert "A walk is planned here on this day: Thu 12 Nov" in page
    other = Lesson.objects.get(teacher=lesson.teacher, day_type__weekday=0)
    assert "is planned here" not in client.get(f"/settings/timetable/lessons/{other.pk}/").text


def test_a_lesson_is_moved_with_its_form(sign_in, administrator, lesson):
    client = sign_in(administrator)
    address = f"/settings/timetable/lessons/{lesson.pk}/"
    values = client.get(address).context["form"].initial
    data = {name: getattr(value, "pk", value) for name, value in values.items()}
    page = client.post(address, data | {"room": "", "kind": "duty", "name": "Yard", "from_date": THURSDAY}, follow=True)
    assert "The lesson is changed." in page.text and "until 11 November" in page.text
    assert list(lesson.teacher.lessons.filter(valid_from=THURSDAY).values_list("title", "room")) == [("Yard", None)]
    page = client.post(address, data | {"from_date": THURSDAY, "remove": "1"})
    assert page.status_code == 422 and "This lesson ends on 11 November." in page.text
