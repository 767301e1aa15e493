"""The page on which praise is written: what it shows, what its buttons do, and who may open it."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications import retention
from notifications.models import Message
from observations.content import SAMPLE_PRAISE
from observations.models import Praise
from observations.tests.factories import a_note, a_photo, a_praise
from walks.models import Stop, Walk
from walks.tests.factories import a_walk

WORDS = "I noticed every table held up the answer and how."


@pytest.fixture
def walk(walker, hosts):
    return a_walk(walker, hosts, state="walked")


@pytest.fixture
def stop(walk):
    return walk.stops.first()


@pytest.fixture
def page(sign_in, walker):
    return sign_in(walker)


def url(name, stop):
    return reverse(f"observations:{name}", args=[stop.walk_id, stop.pk])


def send(page, stop, text=WORDS, **more):
    return page.post(url("praise", stop), {"text": text, "action": "send", **more}, follow=True)


def test_the_page_shows_my_own_notes_from_that_room(page, stop):
    a_note(stop, "Whiteboards at every table.")
    a_note(stop.walk.stops.last(), "From another room.")
    stop.walk.focus.update(borrow_prompt="Where could my students do the talking?")
    html = page.get(url("praise", stop)).content.decode()
    assert ("Whiteboards at every table." in html, "From another room." in html) == (True, False)
    assert "To borrow: Where could my students do the talking?" in html


def test_a_note_is_put_below_the_typed_text_and_can_be_taken_out(page, stop):
    note = a_note(stop, "Whiteboards at every table.")
    answer = page.post(url("praise", stop), {"text": "Thank you, Jonas.", "use": note.pk}, follow=True)
    assert "Thank you, Jonas.\n\nWhiteboards at every table.</textarea>" in answer.content.decode()
    assert "Take it out" in answer.content.decode()
    page.post(url("praise", stop), {"text": Praise.objects.get().text, "use": note.pk})
    assert Praise.objects.get().text == "Thank you, Jonas."


@pytest.mark.parametrize("typed", ["I loved your questions.", "questions, many of them", "Their questions"])
def test_a_note_is_added_though_a_sentence_contains_its_words(typed, page, stop):
    note = a_note(stop, "questions")
    page.post(url("praise", stop), {"text": typed, "use": note.pk})
    assert Praise.objects.get().text == f"{typed}\n\nquestions"
    page.post(url("praise", stop), {"text": Praise.objects.get().text, "use": note.pk})
    assert Praise.objects.get().text == typed


def test_enter_on_a_field_saves_the_draft_and_uses_no_note(page, stop):
    """Enter presses the first button of the form."""
    a_note(stop, "Whiteboards at every table.")
    a_photo(stop)
    form = page.get(url("praise", stop)).content.decode().split('class="compose"')[1]
    assert 'name="action" value="save"' in re.findall(r"<button[^>]*>", form)[0]
    assert 'name="use"' in form


def test_a_note_that_makes_the_praise_too_long_is_not_put_in(page, stop):
    note = a_note(stop, "x" * 100)
    answer = page.post(url("praise", stop), {"text": "y" * 3990, "use": note.pk})
    assert (answer.status_code, Praise.objects.count()) == (422, 0)
    assert f"{'y' * 3990}</textarea>" in answer.content.decode()


def test_a_note_of_another_room_is_not_put_into_the_praise(page, stop):
    other = a_note(stop.walk.stops.last(), "From another room.")
    page.post(url("praise", stop), {"text": "Thank you, Jonas.", "use": other.pk})
    assert Praise.objects.get().text == "Thank you, Jonas."


def test_the_page_shows_the_saved_draft(page, stop):
    a_praise(stop, "I noticed the pause")
    assert "I noticed the pause</textarea>" in page.get(url("praise", stop)).content.decode()


def test_after_send_comes_the_next_colleague_and_an_undo_button(page, stop):
    answer = send(page, stop)
    assert answer.redirect_chain[-1] == (url("praise", stop.walk.stops.all()[1]), 302)
    assert [str(message) for message in answer.context["messages"]] == ["Sent to Jonas."]
    assert f'action="{url("unsend", stop)}"' in answer.content.decode()


def test_the_last_send_leads_to_the_takeaway(page, walk):
    for stop in walk.stops.all():
        answer = send(page, stop)
    assert answer.request["PATH_INFO"] == reverse("observations:takeaway", args=[walk.pk])


def test_pressing_send_twice_sends_one_mail(page, stop):
    send(page, stop)
    answer = send(page, stop)
    assert [str(message) for message in answer.context["messages"]] == ["Sent to Jonas."]
    assert Message.objects.filter(kind="praise").count() == 1


def test_editing_after_sending_is_refused_and_keeps_the_text(page, stop):
    send(page, stop)
    answer = page.post(url("praise", stop), {"text": "Other words", "action": "send"})
    assert answer.status_code == 422
    assert "Other words</textarea>" in answer.content.decode()


def test_sending_without_words_says_what_to_do(page, stop):
    answer = page.post(url("praise", stop), {"text": " ", "action": "send"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"] == ["Write a sentence to Jonas, or mark Jonas as thanked"]


def test_praise_that_is_too_long_keeps_what_was_typed(page, stop):
    answer = page.post(url("praise", stop), {"text": "x" * 4001, "action": "send"})
    assert (answer.status_code, "x" * 4001 in answer.content.decode()) == (422, True)


def test_save_and_write_later_keeps_the_draft_and_gives_a_hint(page, stop):
    answer = page.post(url("praise", stop), {"text": "Great lesson", "action": "save"}, follow=True)
    assert Praise.objects.get().text == "Great lesson"
    assert answer.context["hint"]


def test_saving_after_sending_stays_on_the_page(page, stop):
    send(page, stop)
    answer = page.post(url("praise", stop), {"text": "Changed", "action": "save"})
    assert (answer.status_code, Praise.objects.get().text) == (422, WORDS)


def test_autosave_answers_without_a_page(page, stop):
    answer = page.post(url("autosave_praise", stop), {"text": "I noticed"})
    assert (answer.status_code, Praise.objects.get().text) == (204, "I noticed")


def test_autosave_after_sending_is_refused(page, stop):
    send(page, stop)
    assert page.post(url("autosave_praise", stop), {"text": "Changed"}).status_code == 409


def test_autosave_of_too_much_text_is_refused(page, stop):
    assert page.post(url("autosave_praise", stop), {"text": "x" * 4001}).status_code == 422


def test_the_hint_never_stores_anything(page, stop):
    answer = page.post(url("praise_hint", stop), {"text": "Great lesson but louder next time"})
    assert (answer.status_code, Praise.objects.count()) == (200, 0)


def test_a_photo_from_the_room_can_be_sent_with_the_praise(page, stop):
    photo = a_photo(stop)
    send(page, stop, photo=photo.pk)
    assert Praise.objects.get().photo == photo


def test_a_photo_from_another_room_is_not_offered(page, stop):
    other = a_photo(stop.walk.stops.last())
    answer = page.post(url("praise", stop), {"text": WORDS, "action": "send", "photo": other.pk})
    assert answer.context["form"].errors["photo"] == ["That photo is no longer there. Choose another, or none."]


def test_one_of_several_photos_can_be_chosen(page, stop):
    a_photo(stop, "Boards")
    a_photo(stop, "")
    html = page.get(url("praise", stop)).content.decode()
    assert len(re.findall(r'type="radio"\s+name="photo"', html)) == 3


def test_photos_are_not_offered_if_the_school_switched_them_off(page, stop, school):
    school.photos_on = False
    school.save()
    a_photo(stop)
    assert page.get(url("praise", stop)).context["photos"] == []


def test_undo_makes_the_praise_a_draft_again(page, stop):
    send(page, stop)
    answer = page.post(url("unsend", stop), follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Not sent. You can change it and send it again."
    ]
    assert f"{WORDS}</textarea>" in answer.content.decode()


def test_undo_too_late_says_so(page, stop):
    a_praise(stop, WORDS, sent_at=timezone.now() - dt.timedelta(seconds=31))
    answer = page.post(url("unsend", stop), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas has your praise by now."]


@pytest.mark.parametrize(("seconds", "offered"), [(29, True), (31, False)])
def test_the_page_of_sent_praise_offers_undo_for_30_seconds(page, stop, seconds, offered):
    a_praise(stop, WORDS, sent_at=timezone.now() - dt.timedelta(seconds=seconds))
    assert page.get(url("praise", stop)).context["can_undo"] == offered


def test_marking_as_thanked_keeps_the_words_and_goes_on(page, stop):
    answer = page.post(url("said_in_person", stop), {"text": "I noticed"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas is marked as thanked."]
    assert Praise.objects.get().text == "I noticed"
    assert "You thanked Jonas in person" in page.get(url("praise", stop)).content.decode()


def test_marking_as_thanked_after_sending_changes_nothing(page, stop):
    send(page, stop)
    answer = page.post(url("said_in_person", stop), {"text": WORDS}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas already has your praise."]
    assert Praise.objects.get().said_in_person_at is None


def test_marking_as_thanked_with_too_much_text_is_refused(page, stop):
    answer = page.post(url("said_in_person", stop), {"text": "x" * 4001})
    assert (answer.status_code, Stop.objects.get(pk=stop.pk).thanked_at) == (422, None)


def test_a_sample_sentence_is_offered_once_whichever_apostrophe_it_has(page, stop):
    practice = stop.walk.focus.get()
    practice.sample_praise = str(SAMPLE_PRAISE[2]).replace("’", "'")
    practice.save()
    samples = page.get(url("praise", stop)).context["samples"]
    assert (samples[0], len(samples)) == (SAMPLE_PRAISE[2], len(SAMPLE_PRAISE))


@pytest.mark.parametrize(("days", "offered"), [(0, False), (20, False), (22, True)])
def test_the_sentence_starter_for_three_weeks_later_is_offered_then(page, stop, days, offered):
    ended = timezone.now() - dt.timedelta(days=days)
    Walk.objects.update(starts_at=ended - dt.timedelta(hours=1), ends_at=ended)
    assert ("Three weeks on" in page.get(url("praise", stop)).content.decode()) == offered


def test_marking_as_thanked_can_be_undone(page, stop):
    page.post(url("said_in_person", stop), {"text": ""})
    page.post(url("unsaid_in_person", stop))
    assert Stop.objects.get(pk=stop.pk).thanked_at is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "Waiting to be sent"),
        ("failed", "Your praise is safe on Jonas’s Praise page. Tell Jonas it is there"),
        ("unknown", "It arrived"),
        ("cancelled", "Jonas finds your praise on the Praise page."),
    ],
)
def test_the_sender_sees_where_the_mail_is(page, stop, state, words):
    send(page, stop)
    Message.objects.update(state=state)
    assert words in page.get(url("praise", stop)).content.decode()


@pytest.mark.parametrize(("arrived", "words"), [("yes", "Good. It arrived."), ("no", "It will be sent again.")])
def test_the_sender_says_whether_a_mail_of_unknown_delivery_arrived(page, stop, arrived, words):
    send(page, stop)
    Message.objects.update(state="unknown", data_started_at=timezone.now() - dt.timedelta(hours=1))
    answer = page.post(url("delivery", stop), {"arrived": arrived}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [words]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("550", "Tell Jonas it is there, and ask an administrator to correct the address."),
        ("sender 550", "Tell Jonas it is there, and tell an administrator."),
    ],
)
def test_a_mail_that_did_not_arrive_says_who_can_help_and_is_sent_again(page, stop, code, advice):
    send(page, stop)
    Message.objects.update(state="failed", error_code=code)
    assert advice in page.get(url("praise", stop)).content.decode()
    answer = page.post(url("delivery", stop), {"arrived": "no"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["It will be sent again."]
    assert Message.objects.get().state == "queued"


@pytest.mark.parametrize(("state", "buttons"), [("failed", []), ("unknown", ["It arrived"])])
def test_a_mail_whose_words_are_gone_is_not_offered_again(page, stop, state, buttons):
    send(page, stop)
    Message.objects.update(state=state, data_started_at=timezone.now() - dt.timedelta(days=31), **retention.BLANK)
    shown = page.get(url("praise", stop)).content.decode()
    assert [words for words in ("It arrived", "Send again", "Once that is mended") if words in shown] == buttons


def test_only_a_mail_of_unknown_delivery_can_be_confirmed(page, stop):
    send(page, stop)
    answer = page.post(url("delivery", stop), {"arrived": "yes"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]


def test_praise_before_the_end_of_the_walk_leads_to_the_walk(page, walker, hosts):
    walk = a_walk(walker, hosts)
    answer = page.get(reverse("observations:praise_next", args=[walk.pk]))
    assert answer.url == reverse("walks:detail", args=[walk.pk])
    assert page.get(url("praise", walk.stops.first())).status_code == 403


def test_a_complete_walk_still_shows_its_praise(page, walk, stop):
    a_praise(stop, WORDS, sent_at=walk.finished_at)
    Walk.objects.filter(pk=walk.pk).update(state="complete")
    assert WORDS in page.get(url("praise", stop)).content.decode()


@pytest.mark.parametrize("persona", ["host", "head", "administrator", "stranger", "colleague"])
@pytest.mark.parametrize("name", ["praise", "praise_next"])
def test_nobody_else_finds_the_page(request, sign_in, stop, persona, name):
    address = url("praise", stop) if name == "praise" else reverse("observations:praise_next", args=[stop.walk_id])
    assert sign_in(request.getfixturevalue(persona)).get(address).status_code == 404


@pytest.mark.parametrize("name", ["autosave_praise", "praise_hint", "unsend", "said_in_person", "delivery"])
def test_nobody_else_can_use_the_buttons(sign_in, host, stop, name):
    a_praise(stop, WORDS, sent_at=timezone.now())
    assert sign_in(host).post(url(name, stop), {"text": "x"}).status_code == 404


# --- One letter, two devices --------------------------------------------------------------------
@pytest.fixture
def open_page(page, stop):
    """Return a function that opens the page as another device would, and returns its form's data with these words."""

    def fields(words):
        form = page.get(url("praise", stop)).context["form"]
        return {"text": words, "page": form["page"].value(), "seen": form["seen"].value() or ""}

    return fields


def test_an_older_page_on_a_phone_does_not_replace_the_words_of_a_laptop(page, stop, open_page):
    phone, laptop = open_page("Monday, on the phone"), open_page("Tuesday, on the laptop")
    page.post(url("praise", stop), {**laptop, "action": "save"})
    answer = page.post(url("autosave_praise", stop), phone)
    assert (answer.status_code, answer.json()["text"]) == (409, "Tuesday, on the laptop")
    assert Praise.objects.get().text == "Tuesday, on the laptop"


@pytest.mark.parametrize("button", ["save", "send", "thanked"])
def test_the_first_press_shows_both_versions_and_the_second_keeps_the_chosen_one(page, stop, open_page, button):
    phone, laptop = open_page("Monday, on the phone"), open_page("Tuesday, on the laptop")
    page.post(url("autosave_praise", stop), laptop)
    pressed = url("said_in_person" if button == "thanked" else "praise", stop)
    answer = page.post(pressed, {**phone, "action": button})
    assert answer.status_code == 422
    assert all(f"{words}</textarea>" in answer.content.decode() for words in (phone["text"], laptop["text"]))
    assert (Praise.objects.get().text, Message.objects.filter(kind="praise").count()) == (laptop["text"], 0)
    shown = {"replaces": str(answer.context["elsewhere"].page)}
    assert page.post(url("autosave_praise", stop), {**phone, **shown}).status_code == 409
    assert page.post(pressed, {**phone, **shown, "action": button}).status_code == 302
    assert Praise.objects.get().text == phone["text"]


def test_a_page_can_autosave_many_times_and_a_later_page_can_go_on(page, stop, open_page):
    first = open_page("I noticed")
    for words in ("I noticed", "I noticed the pause"):
        assert page.post(url("autosave_praise", stop), {**first, "text": words}).status_code == 204
    second = open_page("I noticed the long pause")
    assert page.post(url("autosave_praise", stop), second).status_code == 204
    assert page.post(url("autosave_praise", stop), {**first, "text": second["text"]}).status_code == 204
    assert Praise.objects.get().text == "I noticed the long pause"
