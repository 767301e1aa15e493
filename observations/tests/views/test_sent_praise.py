"""The pages of praise: those of the host who received it, and of the walker who sent it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Message
from notifications.sending import delivery
from observations.models import Photo, Praise
from observations.tests.factories import a_photo, a_praise
from observations.words import praise, sent_praise
from school import people
from school.tests.factories import a_person
from school.tests.pages import html_of
from walks.tests.factories import a_walk

WORDS = "I noticed every table held up the answer & how."
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def received(walk):
    stop = walk.stops.first()
    return a_praise(stop, WORDS, sent_at=timezone.now() - HOUR, photo=a_photo(stop))


def url(name, *args):
    return reverse(f"praise:{name}", args=args)


def more_praise(school, host, count):
    for n in range(count):
        author = a_person(school, "Extra", f"Writer{n}")
        stop = a_walk(author, [host], state="walked").stops.get()
        a_praise(stop, f"Letter {n}", sent_at=timezone.now() - HOUR * (n + 2))


def test_praise_is_received_with_its_focus(sign_in, host, received):
    html = sign_in(host).get(url("list")).content.decode()
    assert "answer &amp; how." in html
    assert "Amara was looking for:" in html


def test_praise_that_can_still_be_taken_back_is_not_shown_to_its_receiver(sign_in, host, walk):
    a_praise(walk.stops.first(), WORDS, sent_at=timezone.now() - dt.timedelta(seconds=5))
    assert "Praise will land here" in sign_in(host).get(url("list")).content.decode()


def test_a_draft_is_not_shown_to_its_receiver(sign_in, host, walk):
    draft = a_praise(walk.stops.first(), WORDS)
    client = sign_in(host)
    assert "Praise will land here" in client.get(url("list")).content.decode()
    assert client.get(url("detail", draft.pk)).status_code == 404


def test_new_praise_is_marked_in_the_navigation_and_on_the_page_until_it_is_opened(sign_in, host, received):
    client = sign_in(host)
    assert "(1 new to read)" in client.get("/").content.decode()
    page = client.get(url("list"))
    assert (page.context["unread"], "pill-praise" in page.text) == ({received.pk}, True)
    again = client.get(url("list"))
    assert (again.context["unread"], "pill-praise" in again.text) == (set(), False)
    assert "new to read" not in again.content.decode()


def test_new_thanks_are_marked_for_the_author_until_they_are_seen(sign_in, walker, received):
    Praise.objects.update(thanks_sent_at=timezone.now())
    client = sign_in(walker)
    assert "(1 new thanks, 2 to write)" in client.get("/").content.decode()
    assert "Jonas says thank you" in client.get(url("sent")).content.decode()
    assert "(2 to write)" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "LETTER 1"}, ["Letter 1"]),
        ({"q": "osei"}, [WORDS]),
        ({"q": "ÖSEI amára"}, [WORDS]),
        ({"person": "author"}, [WORDS]),
        ({"semester": "semester"}, [WORDS, "Letter 0", "Letter 1"]),
        ({"q": "nowhere"}, []),
        ({"person": "0", "semester": "x" * 200}, [WORDS, "Letter 0", "Letter 1"]),
    ],
)
def test_praise_is_found_by_words_colleague_and_semester(sign_in, host, received, school, query, found):
    more_praise(school, host, 2)
    ids = {"author": received.author_id, "semester": received.stop.walk.semester_id}
    page = sign_in(host).get(url("list"), {name: ids.get(value, value) for name, value in query.items()})
    assert [row.text for row in page.context["page"]] == found
    assert ("No praise matches" in page.content.decode()) == (not found)


@pytest.mark.parametrize("name", ["list", "sent"])
def test_the_lists_lead_to_the_colleague_who_waits_for_praise(sign_in, walker, walk, name):
    stop = walk.stops.order_by("position").first()
    html = sign_in(walker).get(url(name)).content.decode()
    assert f"Write to {stop.host.given_name}" in html
    assert reverse("praise:write") in html


def test_nobody_is_asked_to_write_without_a_walk(sign_in, host, received):
    assert "Write to" not in sign_in(host).get(url("list")).content.decode()


def test_a_name_with_accents_is_found_by_plain_letters(sign_in, walker, walk):
    stop = walk.stops.first()
    stop.host.family_name = "Zieliński"
    stop.host.save()
    a_praise(stop, WORDS, sent_at=timezone.now() - HOUR)
    page = sign_in(walker).get(url("sent"), {"q": "zielinski"})
    assert [row.text for row in page.context["page"]] == [WORDS]


def test_thanks_lead_back_to_the_filtered_list(sign_in, host, received):
    answer = sign_in(host).post(url("thank", received.pk), {"page": "1", "q": "table & how"})
    assert answer.url == f"{url('list')}?page=1&q=table+%26+how#praise-{received.pk}"


@pytest.mark.parametrize("count", [0, 2])
def test_the_list_takes_the_same_number_of_queries_for_any_number_of_praises(
    sign_in, host, received, school, count, django_assert_num_queries
):
    more_praise(school, host, count)
    client = sign_in(host)
    client.get(url("list"))  # stores that they were read
    with django_assert_num_queries(7):
        client.get(url("list"))


@pytest.mark.parametrize("count", [1, 2])
def test_the_sent_page_takes_the_same_number_of_queries_for_any_number_of_praises(
    sign_in, walker, walk, count, django_assert_num_queries
):
    for stop in walk.stops.all()[:count]:
        a_praise(stop, WORDS, sent_at=timezone.now() - HOUR)
    client = sign_in(walker)
    with django_assert_num_queries(9):  # with the colleague who waits for praise
        client.get(url("sent"))


@pytest.mark.parametrize("persona", ["walker", "host"])
def test_reading_praise_a_second_time_takes_no_write_lock(persona, request, sign_in, received):
    """Thanks of two months ago no longer count as new for the author, and the receiver has read the praise before."""
    long_ago = timezone.now() - dt.timedelta(days=60)
    read = None if persona == "walker" else long_ago
    Praise.objects.update(sent_at=long_ago, read_at=read, thanks_sent_at=long_ago)
    client = sign_in(request.getfixturevalue(persona))
    for page in (url("sent"), url("detail", received.pk)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert not [query for query in queries if query["sql"].startswith(("BEGIN", "SAVEPOINT", "UPDATE"))]


def test_praise_comes_newest_first_in_pages_of_ten(sign_in, host, school, received):
    more_praise(school, host, 10)
    client = sign_in(host)
    assert [row.text for row in client.get(url("list")).context["page"]][:2] == [WORDS, "Letter 0"]
    assert [row.text for row in client.get(url("list"), {"page": 2}).context["page"]] == ["Letter 9"]


def test_thanking_back_mails_the_author(sign_in, host, walker, received):
    answer = sign_in(host).post(url("thank", received.pk), {"page": "1"})
    assert answer.url == f"{url('list')}?page=1#praise-{received.pk}"
    mail = Message.objects.get(kind="praise_thanked")
    assert mail.to_addr == walker.email
    assert mail.subject == "Jonas says thank you"
    assert WORDS not in mail.body_text


def test_praise_shows_that_its_receiver_said_thanks(sign_in, host, received):
    client = sign_in(host)
    answer = client.post(url("thank", received.pk), follow=True)
    assert "You thanked Amara" in answer.content.decode()


def test_praise_says_that_only_two_people_can_read_it_and_cannot_be_shared(sign_in, host, received):
    html = sign_in(host).get(url("detail", received.pk)).content.decode()
    assert "Only you and Amara, who wrote it, can read this." in html
    assert "Share with school" not in html


def test_the_receiver_can_remove_the_photo(sign_in, host, received):
    answer = sign_in(host).post(url("remove_photo", received.pk), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["The photo is removed from this praise."]
    assert Praise.objects.get().photo is None


def test_praise_that_its_receiver_deletes_stays_with_its_author(sign_in, host, walker, walk):
    praise.send(walk.stops.first(), text=WORDS, photo=None, by=walker, now=timezone.now() - HOUR)
    delivery.sweep(timezone.now())
    sent = Praise.objects.get()
    client = sign_in(host)
    assert "Amara keeps a copy" in client.get(url("delete", sent.pk)).content.decode()
    answer = client.post(url("delete", sent.pk), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["You deleted the praise from Amara."]
    assert "Praise will land here" in answer.content.decode()
    assert client.get(url("detail", sent.pk)).status_code == 404
    page = html_of(sign_in(walker).get(url("sent")))
    assert "answer &amp; how." in page and "delete" not in page.lower()
    assert "Room 204" in page
    when = timezone.localtime(sent.sent_at)
    assert page.count(f"sent {when:%a} {when.day} {when:%b}, {when:%H:%M}") == page.count(f"{when:%H:%M}") == 1
    assert Message.objects.filter(kind="praise").values_list("state", "body_text", "subject").get() == ("sent", "", "")


def test_the_walker_is_not_asked_for_praise_again_after_the_receiver_deleted_it(sign_in, host, walker, walk):
    stop = walk.stops.first()
    praise.send(stop, text=WORDS, photo=None, by=walker, now=timezone.now() - HOUR)
    sent_praise.delete(Praise.objects.get(), by=host, now=timezone.now())
    client, page = sign_in(walker), reverse("observations:praise", args=[walk.pk, stop.pk])
    assert "answer &amp; how." in client.get(page).content.decode()
    assert "Jonas already has your praise." in client.post(page, {"text": "Once more."}).content.decode()


def test_the_receiver_of_deleted_praise_no_longer_sees_its_photo(host, walker, received):
    sent_praise.delete(received, by=host, now=timezone.now())
    assert (Photo.objects.visible_to(host).count(), Photo.objects.visible_to(walker).count()) == (0, 1)


def test_praise_that_both_sides_deleted_is_removed(host, walker, received):
    sent_praise.delete(received, by=host, now=timezone.now())
    people.leave(walker, by=None, now=timezone.now())
    people.erase(walker, by=None, now=timezone.now())
    assert not Praise.objects.exists()


def test_the_waiting_mail_of_deleted_praise_is_cancelled(host, walker, walk):
    praise.send(walk.stops.first(), text=WORDS, photo=None, by=walker, now=timezone.now() - HOUR)
    sent_praise.delete(Praise.objects.get(), by=host, now=timezone.now())
    delivery.sweep(timezone.now())
    assert Message.objects.values_list("state", "body_text").get() == ("cancelled", "")


def test_praise_can_be_printed_and_downloaded(sign_in, host, received):
    client = sign_in(host)
    page = client.get(url("keepsake", received.pk)).content.decode()
    assert all(part in page for part in ("For Jonas Lindqvist", 'href="?print=1"', f"/photos/{received.photo_id}/"))
    file = client.get(url("keepsake_text", received.pk))
    assert file["Content-Disposition"] == 'attachment; filename="praise-2026-11-12.txt"'
    assert file.content.decode().split("\n")[3] == WORDS


@pytest.mark.parametrize("name", ["thank", "remove_photo"])
def test_the_author_can_read_praise_but_has_no_buttons(sign_in, walker, received, name):
    client = sign_in(walker)
    assert client.get(url("detail", received.pk)).status_code == 200
    assert client.post(url(name, received.pk)).status_code == 403


@pytest.mark.parametrize("name", ["keepsake", "keepsake_text"])
def test_only_the_receiver_can_print_or_download_praise(sign_in, walker, received, name):
    assert sign_in(walker).get(url(name, received.pk)).status_code == 404


@pytest.mark.parametrize("persona", ["head", "administrator", "stranger", "colleague", "second_host"])
def test_nobody_else_finds_praise(request, sign_in, received, persona):
    client = sign_in(request.getfixturevalue(persona))
    assert client.get(url("detail", received.pk)).status_code == 404
    assert client.post(url("thank", received.pk)).status_code == 404


def test_the_author_sees_the_state_of_the_mail_and_the_thanks(sign_in, walker, host, walk):
    stop = walk.stops.first()
    sent = praise.send(stop, text=WORDS, photo=None, by=walker, now=timezone.now())
    sent_praise.thank_back(sent, by=host, now=timezone.now())
    html = sign_in(walker).get(url("sent")).content.decode()
    assert "Goes out in a moment" in html and reverse("observations:unsend", args=[walk.pk, stop.pk]) in html
    assert f"Sent {timezone.localtime():%a}" not in html
    assert "Jonas says thank you" in html


def test_an_empty_sent_page_offers_to_plan_a_walk(sign_in, walker):
    assert "Nothing sent yet" in sign_in(walker).get(url("sent")).content.decode()


def test_the_next_praise_to_write_is_the_one_that_is_due_first(sign_in, walker, hosts):
    now = timezone.now()
    later = a_walk(walker, hosts, state="walked", praise_due_at=now + HOUR)
    first = a_walk(walker, hosts[:1], state="walked", praise_due_at=now)
    stop, client = first.stops.get(), sign_in(walker)
    assert reverse("praise:write") in client.get(url("list")).content.decode()
    assert client.get(url("write")).url == reverse("observations:praise", args=[first.pk, stop.pk])
    first.stops.update(thanked_at=now)
    assert client.get(url("write")).url == reverse("observations:praise", args=[later.pk, later.stops.first().pk])


def test_without_praise_to_write_the_link_leads_to_the_list(sign_in, host):
    assert sign_in(host).get(url("write")).url == url("list")
