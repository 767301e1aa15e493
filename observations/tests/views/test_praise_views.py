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
from school import people
from school.models import Person
from school.tests.pages import text_of
from walks.models import Stop, Walk
from walks.tests.factories import a_second_teacher, a_walk

WORDS = "I noticed every table held up the answer and how."


def url(name, stop):
    return reverse(f"observations:{name}", args=[stop.walk_id, stop.pk])


def send(as_walker, stop, text=WORDS, **more):
    return as_walker.post(url("praise", stop), {"text": text, "action": "send", **more}, follow=True)


def test_the_page_shows_the_walkers_notes_from_that_room(as_walker, stop):
    a_note(stop, "Whiteboards at every table.")
    a_note(stop.walk.stops.last(), "From another room.")
    stop.walk.focus.update(borrow_prompt="Where could my students do the talking?")
    html = as_walker.get(url("praise", stop)).content.decode()
    assert "Whiteboards at every table." in html
    assert "From another room." not in html
    assert html.count("Questions to borrow") == html.count("Where could my students do the talking?") == 1


def test_each_teacher_of_a_room_is_thanked_alone_with_the_same_notes_and_photos(as_walker, stop, colleague, client):
    second = a_second_teacher(stop, colleague)
    photo = a_photo(stop)
    a_note(stop, "Whiteboards at every table.")
    send(as_walker, stop)
    assert "Save, and write to Samuel" in as_walker.get(url("room", stop)).content.decode()
    page = as_walker.get(url("praise", second)).content.decode()
    assert "Whiteboards at every table." in page and "Send to Samuel" in page
    send(as_walker, second, "Samuel, your questions!", photo=photo.pk)
    letters = {praise.host: (praise.text, praise.photo) for praise in Praise.objects.all()}
    assert letters == {stop.host: (WORDS, None), colleague: ("Samuel, your questions!", photo)}
    assert {mail.recipient for mail in Message.objects.filter(kind="praise")} == {stop.host, colleague}


def test_a_host_without_an_address_is_thanked_in_person_and_the_draft_stays(as_walker, stop):
    as_walker.post(url("praise", stop), {"text": WORDS, "action": "save"})
    Person.objects.filter(pk=stop.host_id).update(email=None)
    page = as_walker.get(url("praise", stop))
    assert "Jonas has no e-mail address here. Thank them in person." in page.text
    assert "Send to Jonas" not in page.text and WORDS in page.text
    assert "Jonas has no e-mail address here. Thank them in person." in send(as_walker, stop).text
    form = page.context["form"]
    hidden = {name: form[name].value() for name in ("text", "page", "seen")}
    answer = as_walker.post(url("thank_in_person", stop), hidden, follow=True)
    assert "Jonas is marked as thanked." in answer.text
    assert (Praise.objects.get().text, Message.objects.count()) == (WORDS, 0)


def test_who_gets_the_praise_is_said_directly_below_the_box(as_walker, stop):
    html = as_walker.get(url("praise", stop)).content.decode()
    parts = ["</textarea>", "Only Jonas gets this.", "Thank you for letting me…", "Send to Jonas", "Heads of Grade"]
    assert sorted(parts, key=html.index) == parts


def test_the_box_has_the_focus_only_after_the_praise_before(as_walker, stop):
    assert "autofocus" not in as_walker.get(url("praise", stop)).content.decode()
    answer = send(as_walker, stop)
    box = re.search(r"<textarea[^>]*id=\"id_text\"[^>]*>", answer.content.decode())
    assert "autofocus" in box[0]


def test_a_note_is_put_below_the_typed_text_and_can_be_taken_out(as_walker, stop):
    note = a_note(stop, "Whiteboards at every table.")
    answer = as_walker.post(url("praise", stop), {"text": "Thank you, Jonas.", "use": note.pk}, follow=True)
    assert "Thank you, Jonas.\n\nWhiteboards at every table.</textarea>" in answer.content.decode()
    assert "Take it out" in answer.content.decode()
    assert "autofocus" in answer.content.decode()  # so that keyboards go on from the box
    as_walker.post(url("praise", stop), {"text": Praise.objects.get().text, "use": note.pk})
    assert Praise.objects.get().text == "Thank you, Jonas."


@pytest.mark.parametrize("typed", ["I loved your questions.", "questions, many of them", "Their questions"])
def test_a_note_is_added_though_a_sentence_contains_its_words(typed, as_walker, stop):
    note = a_note(stop, "questions")
    as_walker.post(url("praise", stop), {"text": typed, "use": note.pk})
    assert Praise.objects.get().text == f"{typed}\n\nquestions"
    as_walker.post(url("praise", stop), {"text": Praise.objects.get().text, "use": note.pk})
    assert Praise.objects.get().text == typed


def test_enter_on_a_field_saves_the_draft_and_uses_no_note(as_walker, stop):
    """Enter presses the first button of the form."""
    a_note(stop, "Whiteboards at every table.")
    a_photo(stop)
    form = as_walker.get(url("praise", stop)).content.decode().split('class="compose"')[1]
    assert 'name="action" value="save"' in re.findall(r"<button[^>]*>", form)[0]
    assert 'name="use"' in form


def test_a_note_that_makes_the_praise_too_long_is_not_put_in(as_walker, stop):
    note = a_note(stop, "x" * 100)
    answer = as_walker.post(url("praise", stop), {"text": "y" * 3990, "use": note.pk})
    assert (answer.status_code, Praise.objects.count()) == (422, 0)
    assert f"{'y' * 3990}</textarea>" in answer.content.decode()


def test_a_note_of_another_room_is_not_put_into_the_praise(as_walker, stop):
    other = a_note(stop.walk.stops.last(), "From another room.")
    as_walker.post(url("praise", stop), {"text": "Thank you, Jonas.", "use": other.pk})
    assert Praise.objects.get().text == "Thank you, Jonas."


def test_the_page_shows_the_saved_draft(as_walker, stop):
    a_praise(stop, "I noticed the pause")
    assert "I noticed the pause</textarea>" in as_walker.get(url("praise", stop)).content.decode()


def test_after_sending_the_page_of_the_next_colleague_has_an_undo_button(as_walker, stop):
    answer = send(as_walker, stop)
    assert answer.redirect_chain[-1] == (f"{url('praise', stop.walk.stops.all()[1])}?write", 302)
    assert [str(message) for message in answer.context["messages"]] == ["Sent to Jonas."]
    assert f'action="{url("unsend", stop)}"' in answer.content.decode()


def test_the_last_send_leads_to_the_takeaway(as_walker, walk):
    for stop in walk.stops.all():
        answer = send(as_walker, stop)
    assert answer.request["PATH_INFO"] == reverse("observations:takeaway", args=[walk.pk])


def test_pressing_send_twice_sends_one_mail(as_walker, stop):
    send(as_walker, stop)
    answer = send(as_walker, stop)
    assert [str(message) for message in answer.context["messages"]] == ["Sent to Jonas."]
    assert Message.objects.filter(kind="praise").count() == 1


def test_editing_after_sending_is_refused_and_keeps_the_text(as_walker, stop):
    send(as_walker, stop)
    answer = as_walker.post(url("praise", stop), {"text": "Other words", "action": "send"})
    assert answer.status_code == 422
    assert "Other words</textarea>" in answer.content.decode()


def test_sending_without_words_says_what_to_do(as_walker, stop):
    answer = as_walker.post(url("praise", stop), {"text": " ", "action": "send"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"] == ["Write a sentence to Jonas, or mark Jonas as thanked"]


def test_praise_that_is_too_long_keeps_what_was_typed(as_walker, stop):
    answer = as_walker.post(url("praise", stop), {"text": "x" * 4001, "action": "send"})
    assert answer.status_code == 422
    assert "x" * 4001 in answer.content.decode()


def test_save_and_write_later_keeps_the_draft_and_gives_a_hint(as_walker, stop):
    answer = as_walker.post(url("praise", stop), {"text": "Great lesson", "action": "save"}, follow=True)
    assert Praise.objects.get().text == "Great lesson"
    assert answer.context["hint"]


def test_saving_after_sending_stays_on_the_page(as_walker, stop):
    send(as_walker, stop)
    answer = as_walker.post(url("praise", stop), {"text": "Changed", "action": "save"})
    assert (answer.status_code, Praise.objects.get().text) == (422, WORDS)


def test_autosave_answers_without_a_page(as_walker, stop):
    answer = as_walker.post(url("autosave_praise", stop), {"text": "I noticed"})
    assert (answer.status_code, Praise.objects.get().text) == (204, "I noticed")


def test_autosave_after_sending_is_refused(as_walker, stop):
    send(as_walker, stop)
    assert as_walker.post(url("autosave_praise", stop), {"text": "Changed"}).status_code == 409


def test_autosave_of_too_much_text_is_refused(as_walker, stop):
    assert as_walker.post(url("autosave_praise", stop), {"text": "x" * 4001}).status_code == 422


def test_the_hint_never_stores_anything(as_walker, stop):
    answer = as_walker.post(url("praise_hint", stop), {"text": "Great lesson but louder next time"})
    assert (answer.status_code, Praise.objects.count()) == (200, 0)


def test_a_photo_from_the_room_can_be_sent_with_the_praise(as_walker, stop):
    photo = a_photo(stop)
    send(as_walker, stop, photo=photo.pk)
    assert Praise.objects.get().photo == photo


def test_a_photo_from_another_room_is_not_offered(as_walker, stop):
    other = a_photo(stop.walk.stops.last())
    answer = as_walker.post(url("praise", stop), {"text": WORDS, "action": "send", "photo": other.pk})
    assert answer.context["form"].errors["photo"] == ["That photo is no longer there. Choose another, or none."]


def test_one_of_several_photos_can_be_chosen(as_walker, stop):
    a_photo(stop, "Boards")
    a_photo(stop, "")
    html = as_walker.get(url("praise", stop)).content.decode()
    assert len(re.findall(r'type="radio"\s+name="photo"', html)) == 3


def test_photos_are_not_offered_if_the_school_switched_them_off(as_walker, stop, school):
    school.photos_on = False
    school.save()
    a_photo(stop)
    assert as_walker.get(url("praise", stop)).context["photos"] == []


def test_undo_makes_the_praise_a_draft_again(as_walker, stop):
    send(as_walker, stop)
    answer = as_walker.post(url("unsend", stop), follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Not sent. You can change it and send it again."
    ]
    assert f"{WORDS}</textarea>" in answer.content.decode()


def test_an_undo_that_comes_too_late_says_that_the_praise_has_arrived(as_walker, stop):
    a_praise(stop, WORDS, sent_at=timezone.now() - dt.timedelta(seconds=31))
    answer = as_walker.post(url("unsend", stop), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas already has your praise."]


@pytest.mark.parametrize(("seconds", "offered"), [(29, True), (31, False)])
def test_the_page_of_sent_praise_offers_undo_for_30_seconds(as_walker, stop, seconds, offered):
    a_praise(stop, WORDS, sent_at=timezone.now() - dt.timedelta(seconds=seconds))
    assert as_walker.get(url("praise", stop)).context["can_undo"] == offered


def test_marking_as_thanked_keeps_the_typed_words(as_walker, stop):
    answer = as_walker.post(url("thank_in_person", stop), {"text": "I noticed"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas is marked as thanked."]
    assert Praise.objects.get().text == "I noticed"
    assert "You thanked Jonas in person" in as_walker.get(url("praise", stop)).content.decode()


def test_marking_as_thanked_after_sending_changes_nothing(as_walker, stop):
    send(as_walker, stop)
    answer = as_walker.post(url("thank_in_person", stop), {"text": WORDS}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Jonas already has your praise."]
    assert Praise.objects.get().said_in_person_at is None


def test_marking_as_thanked_with_too_much_text_is_refused(as_walker, stop):
    answer = as_walker.post(url("thank_in_person", stop), {"text": "x" * 4001})
    assert (answer.status_code, Stop.objects.get(pk=stop.pk).thanked_at) == (422, None)


def test_a_sample_sentence_is_offered_once_whichever_apostrophe_it_has(as_walker, stop):
    practice = stop.walk.focus.get()
    practice.sample_praise = str(SAMPLE_PRAISE[2]).replace("’", "'")
    practice.save()
    samples = as_walker.get(url("praise", stop)).context["sample_sentences"]
    assert (samples[0], len(samples)) == (SAMPLE_PRAISE[2], len(SAMPLE_PRAISE))


@pytest.mark.parametrize(("days", "offered"), [(0, False), (20, False), (22, True)])
def test_the_sentence_starter_about_three_weeks_later_is_offered_only_then(as_walker, stop, days, offered):
    ended = timezone.now() - dt.timedelta(days=days)
    Walk.objects.update(starts_at=ended - dt.timedelta(hours=1), ends_at=ended)
    assert ("Three weeks later" in as_walker.get(url("praise", stop)).content.decode()) == offered


def test_marking_as_thanked_can_be_undone(as_walker, stop):
    as_walker.post(url("thank_in_person", stop), {"text": ""})
    as_walker.post(url("undo_thanks_in_person", stop))
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
def test_the_sender_sees_where_the_mail_is(as_walker, stop, state, words):
    send(as_walker, stop)
    Message.objects.update(state=state)
    Praise.objects.update(sent_at=timezone.now() - dt.timedelta(seconds=31))
    assert words in as_walker.get(url("praise", stop)).content.decode()


def test_praise_that_waited_when_the_address_was_removed_is_not_called_sent(as_walker, stop, administrator):
    send(as_walker, stop)
    people.change_address(stop.host, "", by=administrator, now=timezone.now())
    for address in (url("praise", stop), reverse("praise:sent")):
        page = text_of(as_walker.get(address))
        assert "Not sent: Jonas has no e-mail address here any more. Thank them in person." in page
        assert "Praise page." not in page.split(WORDS)[1] and not re.search(r"sent \w+ \d", page)
    assert "Jonas Lindqvist Not sent" in text_of(as_walker.get(url("praise", stop)))


def test_the_sender_sees_once_when_the_mail_was_sent_and_to_which_room(as_walker, stop):
    send(as_walker, stop)
    sent_at = timezone.localtime() + dt.timedelta(minutes=1)
    Message.objects.update(state="sent", sent_at=sent_at)
    shown = text_of(as_walker.get(url("praise", stop)))
    assert re.findall(r"sent (?:.{,12})(\d\d:\d\d)", shown) == [f"{sent_at:%H:%M}"]
    assert "Room 204 · sent" in shown


@pytest.mark.parametrize(("arrived", "words"), [("yes", "Good. It arrived."), ("no", "It will be sent again.")])
def test_the_sender_says_whether_a_mail_of_unknown_delivery_arrived(as_walker, stop, arrived, words):
    send(as_walker, stop)
    Message.objects.update(state="unknown", data_started_at=timezone.now() - dt.timedelta(hours=1))
    answer = as_walker.post(url("settle_delivery", stop), {"arrived": arrived}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [words]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("550", "Tell Jonas it is there, and ask an administrator to correct the address."),
        ("sender 550", "Tell Jonas it is there, and tell an administrator."),
    ],
)
def test_a_mail_that_did_not_arrive_says_who_can_help_and_is_sent_again(as_walker, stop, code, advice):
    send(as_walker, stop)
    Message.objects.update(state="failed", error_code=code)
    assert advice in as_walker.get(url("praise", stop)).content.decode()
    answer = as_walker.post(url("settle_delivery", stop), {"arrived": "no"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["It will be sent again."]
    assert Message.objects.get().state == "queued"


@pytest.mark.parametrize(("state", "buttons"), [("failed", []), ("unknown", ["It arrived"])])
def test_a_mail_whose_text_was_deleted_cannot_be_sent_again(as_walker, stop, state, buttons):
    send(as_walker, stop)
    Message.objects.update(state=state, data_started_at=timezone.now() - dt.timedelta(days=31), **retention.BLANK)
    shown = as_walker.get(url("praise", stop)).content.decode()
    assert [words for words in ("It arrived", "Send again", "Once that is mended") if words in shown] == buttons


def test_only_a_mail_of_unknown_delivery_can_be_confirmed(as_walker, stop):
    send(as_walker, stop)
    answer = as_walker.post(url("settle_delivery", stop), {"arrived": "yes"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]


def test_praise_before_the_end_of_the_walk_leads_to_the_walk(as_walker, walker, hosts):
    walk = a_walk(walker, hosts)
    answer = as_walker.get(reverse("observations:praise_next", args=[walk.pk]))
    assert answer.url == reverse("walks:detail", args=[walk.pk])
    assert as_walker.get(url("praise", walk.stops.first())).status_code == 403


def test_a_complete_walk_still_shows_its_praise(as_walker, walk, stop):
    a_praise(stop, WORDS, sent_at=walk.finished_at)
    Walk.objects.filter(pk=walk.pk).update(state="complete")
    assert WORDS in as_walker.get(url("praise", stop)).content.decode()


@pytest.mark.parametrize("persona", ["host", "head", "administrator", "stranger", "colleague"])
@pytest.mark.parametrize("name", ["praise", "praise_next"])
def test_nobody_else_finds_the_page(request, sign_in, stop, persona, name):
    address = url("praise", stop) if name == "praise" else reverse("observations:praise_next", args=[stop.walk_id])
    assert sign_in(request.getfixturevalue(persona)).get(address).status_code == 404


@pytest.mark.parametrize("name", ["autosave_praise", "praise_hint", "unsend", "thank_in_person", "settle_delivery"])
def test_nobody_else_can_use_the_buttons(sign_in, host, stop, name):
    a_praise(stop, WORDS, sent_at=timezone.now())
    assert sign_in(host).post(url(name, stop), {"text": "x"}).status_code == 404


# --- One praise, two devices --------------------------------------------------------------------
@pytest.fixture
def open_page(as_walker, stop):
    """Return a function that opens the page as another device would, and returns its form's data with these words."""

    def fields(words):
        form = as_walker.get(url("praise", stop)).context["form"]
        return {"text": words, "page": form["page"].value(), "seen": form["seen"].value() or ""}

    return fields


def test_an_older_page_on_a_phone_does_not_replace_the_words_of_a_laptop(as_walker, stop, open_page):
    phone, laptop = open_page("Monday, on the phone"), open_page("Tuesday, on the laptop")
    as_walker.post(url("praise", stop), {**laptop, "action": "save"})
    answer = as_walker.post(url("autosave_praise", stop), phone)
    assert (answer.status_code, answer.json()["text"]) == (409, "Tuesday, on the laptop")
    assert Praise.objects.get().text == "Tuesday, on the laptop"


@pytest.mark.parametrize("button", ["save", "send", "thanked"])
def test_the_first_press_shows_both_versions_and_the_second_keeps_the_chosen_one(as_walker, stop, open_page, button):
    phone, laptop = open_page("Monday, on the phone"), open_page("Tuesday, on the laptop")
    as_walker.post(url("autosave_praise", stop), laptop)
    pressed = url("thank_in_person" if button == "thanked" else "praise", stop)
    answer = as_walker.post(pressed, {**phone, "action": button})
    assert answer.status_code == 422
    assert all(f"{words}</textarea>" in answer.content.decode() for words in (phone["text"], laptop["text"]))
    assert (Praise.objects.get().text, Message.objects.filter(kind="praise").count()) == (laptop["text"], 0)
    shown = {"replaces": str(answer.context["other_version"].page)}
    assert as_walker.post(url("autosave_praise", stop), {**phone, **shown}).status_code == 409
    assert as_walker.post(pressed, {**phone, **shown, "action": button}).status_code == 302
    assert Praise.objects.get().text == phone["text"]


def test_a_page_can_autosave_many_times_and_a_later_page_can_go_on(as_walker, stop, open_page):
    first = open_page("I noticed")
    for words in ("I noticed", "I noticed the pause"):
        assert as_walker.post(url("autosave_praise", stop), {**first, "text": words}).status_code == 204
    second = open_page("I noticed the long pause")
    assert as_walker.post(url("autosave_praise", stop), second).status_code == 204
    assert as_walker.post(url("autosave_praise", stop), {**first, "text": second["text"]}).status_code == 204
    assert Praise.objects.get().text == "I noticed the long pause"
