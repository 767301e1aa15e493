"""What an administrator sees when they change a lesson: nothing about the walks that visit it."""

import pytest

from school.tests.factories import THURSDAY
from school.tests.pages import text_of
from walks.tests.factories import a_walk

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def lesson(host):
    return host.lessons.get(day_type__weekday=3)


def test_an_administrator_does_not_read_whether_a_walk_visits_a_lesson(sign_in, administrator, walker, hosts, lesson):
    client = sign_in(administrator)
    assert f"/settings/timetable/lessons/{lesson.pk}/" in client.get(f"/settings/timetable/{lesson.teacher_id}/").text
    addresses = (f"/settings/timetable/{rest}/" for rest in (f"lessons/{lesson.pk}", f"{lesson.teacher_id}/hand-over"))
    for address in addresses:
        before = text_of(client.get(address))
        assert "If walks are planned here, their walkers see the change." in before
        walk = a_walk(walker, hosts)
        assert text_of(client.get(address)) == before
        walk.delete()


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
