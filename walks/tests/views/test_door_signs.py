"""Door signs: the sheet, its QR code, and where the code leads."""

import datetime as dt
import re

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image

from school.errors import NotAllowedError
from school.models import Person, Room, RoomClosure
from school.tests.factories import NOW, a_lesson, a_person, a_school, row_of
from school.tests.pages import text_of
from walks.doors import signs
from walks.models import DoorSign

pytestmark = pytest.mark.usefixtures("in_period_2")

MAKE = reverse("walks:door_sign")
QUERIES = 5
PIXELS = 4  # for each module of the code


@pytest.fixture
def in_period_2(time_machine):
    """Stop the clock while the room has a class."""
    time_machine.move_to(NOW + dt.timedelta(minutes=15), tick=False)


@pytest.fixture
def room(school, host):
    """The room in which the host teaches every day, also now."""
    a_lesson(host, "204", period=2, title="8A Maths")
    return row_of(school, Room, code="204")


@pytest.fixture
def sign(room, host, sign_in):
    """The sign of that room."""
    sign_in(host).post(MAKE, {"room": room.pk, "paper": "a4"})
    return DoorSign.objects.get(room=room)


def address_of(sign):
    return reverse("walks:door_sign_scanned", args=[sign.token])


def picture_of(svg):
    """Draw the code from the lines of its SVG, as a browser does."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = Image.new("L", (size * PIXELS, size * PIXELS), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r'stroke="#000" d="([^"]+)"', svg)[1]):
        step = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            left, width = round(x) * PIXELS, round(step[0]) * PIXELS
            picture.paste(0, (left, int(y) * PIXELS, left + width, (int(y) + 1) * PIXELS))
            x += step[0]
        else:
            x, y = (step[0], step[1]) if command == "M" else (x + step[0], y + step[1])
    return picture


def test_a_teacher_makes_a_sign_whose_code_leads_to_the_room(room, host, sign_in, settings):
    response = sign_in(host).post(MAKE, {"room": room.pk, "paper": "hanger"}, follow=True)
    sign = DoorSign.objects.get(room=room)
    svg = re.search(r"<svg[^>]*viewBox.*?<path stroke.*?</svg>", response.text.split("sign-code")[1], re.DOTALL)[0]
    assert [code.text for code in zxingcpp.read_barcodes(picture_of(svg))] == [settings.SITE_URL + address_of(sign)]
    assert "style=" not in svg and "<script" not in svg
    assert "Not just now" in text_of(response)


def test_all_who_teach_in_a_room_share_its_sign(sign, room, school, sign_in):
    other = a_person(school, "Second", "Teacher")
    a_lesson(other, "204", period=1)
    sign_in(other).post(MAKE, {"room": room.pk, "paper": "a5"})
    assert DoorSign.objects.get().token == sign.token


def test_nobody_makes_a_sign_for_a_room_of_others(room, walker, sign_in):
    assert sign_in(walker).post(MAKE, {"room": room.pk, "paper": "a4"}).status_code == 422
    assert not DoorSign.objects.exists()


def test_the_rule_itself_refuses_a_sign_for_a_room_of_others(room, walker, now):
    with pytest.raises(NotAllowedError):
        signs.make_sign(room, by=walker, now=now)


def test_a_person_without_a_room_reads_why_there_is_no_sign(administrator, sign_in):
    assert "no room of yours" in text_of(sign_in(administrator).get(MAKE))


def test_after_a_new_code_the_old_one_leads_nowhere(sign, host, sign_in):
    old = address_of(sign)
    client = sign_in(host)
    client.post(reverse("walks:door_sign_new_code"), {"room": sign.room_id})
    sign.refresh_from_db()
    assert [client.get(old).status_code, client.get(address_of(sign)).status_code] == [404, 200]


def test_colleagues_read_who_teaches_in_the_room_now(sign, walker, sign_in, django_assert_num_queries):
    client = sign_in(walker)
    client.get("/norms/")
    with django_assert_num_queries(QUERIES):
        page = text_of(client.get(address_of(sign)))
    assert "Jonas Lindqvist" in page and "8A Maths" in page and "No visitors" not in page


@pytest.mark.parametrize("why", ["closed", "opted out"])
def test_the_sign_asks_visitors_not_to_come_when_the_room_takes_no_visits(why, sign, host, walker, sign_in):
    if why == "closed":
        RoomClosure.objects.create(room=sign.room, date=NOW.date(), reason="Test")
    else:
        host.school.who_may_be_visited = "unless_opted_out"
        host.school.save()
        Person.objects.filter(pk=host.pk).update(opted_out_of_visits=True)
    assert "No visitors here just now" in text_of(sign_in(walker).get(address_of(sign)))


def test_without_a_class_the_sign_says_that_nobody_teaches(sign, walker, sign_in, time_machine):
    time_machine.move_to(NOW.replace(hour=22), tick=False)
    assert "Nobody teaches here just now." in text_of(sign_in(walker).get(address_of(sign)))


def test_signed_out_a_known_and_an_unknown_code_look_the_same(sign):
    client = Client()
    known, unknown = (client.get(reverse("walks:door_sign_scanned", args=[token])) for token in (sign.token, "x" * 22))
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text.replace(sign.token, "x" * 22) == unknown.text
    page = text_of(known)
    assert "A sign for colleagues" in page and "Test School" in page
    assert not any(secret in page for secret in ("204", "Lindqvist", "Maths"))


def test_signed_out_the_sign_names_no_school_if_there_are_several(sign):
    a_school("Other School")
    page = text_of(Client().get(address_of(sign)))
    assert "Test School" not in page and "Other School" not in page


def test_a_sign_of_another_school_leads_nowhere(sign, sign_in):
    stranger = a_person(a_school("Other School"), "Nadia", "Petrova")
    assert sign_in(stranger).get(address_of(sign)).status_code == 404
