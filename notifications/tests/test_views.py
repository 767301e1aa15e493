"""The pages about e-mail."""

import pytest
from django.core import mail as django_mail
from django.urls import reverse

from notifications import preferences
from notifications.models import MutedKind
from notifications.sending import delivery, outbox
from notifications.tests.factories import a_message
from school import demo as the_demo
from school.models import School
from school.tests.factories import a_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds():
    preferences.register_kind("tips", "Tips and tricks", "Now and then.")
    preferences.register_kind("nudge", "Semester nudges", nudge=True)


def muted_kinds(person):
    return sorted(MutedKind.objects.filter(person=person).values_list("kind", flat=True))


def test_a_person_chooses_their_emails(sign_in, walker, kinds):
    client, url = sign_in(walker), reverse("notifications:preferences")
    assert client.get(url).content.decode().count(" checked") == 2
    assert client.post(url, {"wanted": ["nudge"]}).status_code == 302
    assert muted_kinds(walker) == ["tips"]
    assert client.get(url).content.decode().count(" checked") == 1
    client.post(url, {"wanted": ["nudge", "tips"]})
    assert muted_kinds(walker) == []


def test_a_choice_is_offered_only_to_people_who_get_such_mails(sign_in, walker, head, kinds):
    preferences.register_kind("requests", "Requests to decide", concerns=lambda person: person.is_head)
    preferences.mute(walker, "requests")
    url = reverse("notifications:preferences")
    assert "Requests to decide" not in sign_in(walker).get(url).content.decode()
    sign_in(walker).post(url, {"wanted": ["nudge", "tips"]})
    assert muted_kinds(walker) == ["requests"]  # not offered, so left as it was
    assert "Requests to decide" in sign_in(head).get(url).content.decode()


def test_an_unknown_choice_changes_nothing(sign_in, walker, kinds):
    answer = sign_in(walker).post(reverse("notifications:preferences"), {"wanted": ["approvals"]})
    assert (answer.status_code, muted_kinds(walker)) == (422, [])


def test_choosing_emails_needs_a_sign_in(client):
    assert client.get(reverse("notifications:preferences")).status_code == 302


def unsubscribe_path(person, kind="tips"):
    return preferences.unsubscribe_url(person.pk, kind).removeprefix("http://127.0.0.1:8000")


def test_the_link_in_a_mail_asks_before_it_switches_a_kind_off(client, walker, kinds):
    answer = client.get(unsubscribe_path(walker))
    assert (answer.status_code, muted_kinds(walker)) == (200, [])
    assert "Tips and tricks" in answer.content.decode()
    assert client.post(unsubscribe_path(walker)).status_code == 200
    assert muted_kinds(walker) == ["tips"]


def test_a_mail_program_switches_a_kind_off_with_one_click(walker, kinds, client):
    client.handler.enforce_csrf_checks = True
    client.post(unsubscribe_path(walker), {"List-Unsubscribe": "One-Click"})
    client.post(unsubscribe_path(walker), {"List-Unsubscribe": "One-Click"})
    assert muted_kinds(walker) == ["tips"]


def test_a_post_from_elsewhere_is_refused_without_our_csrf_token(walker, kinds, client):
    client.handler.enforce_csrf_checks = True
    assert client.post(unsubscribe_path(walker)).status_code == 403
    assert muted_kinds(walker) == []


@pytest.mark.parametrize("change", [lambda token: token + "x", lambda token: "x" + token, lambda token: "nonsense"])
def test_a_forged_link_returns_404(client, walker, kinds, change):
    token = unsubscribe_path(walker).split("/")[-2]
    url = reverse("notifications:unsubscribe", args=[change(token)])
    answers = [client.get(url), client.post(url), client.post(url, {"List-Unsubscribe": "One-Click"})]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert muted_kinds(walker) == []


def test_a_link_for_a_kind_that_cannot_be_switched_off_returns_404(client, walker):
    assert client.get(unsubscribe_path(walker, "approvals")).status_code == 404


@pytest.fixture
def demo(settings, walker, host, now):
    """A demo with two mails in the mailbox."""
    settings.DEMO = True
    School.objects.update(name=the_demo.NAME)
    a_message(walker, key="1", context={"words": "See https://example.org/x <b>bold</b>"})
    a_message(host, key="2", calendar=outbox.CalendarPart("BEGIN:VCALENDAR", "REQUEST"))
    delivery.sweep(now)
    return sorted(p.name for p in settings.MAIL_DIR.iterdir())


def test_the_demo_mailbox_lists_the_newest_mail_first(client, demo, walker, host):
    page = client.get(reverse("notifications:mailbox")).content.decode()
    assert page.index("Hello Jonas") < page.index("To Jonas Lindqvist") < page.index("Hello Amara")
    to_amara = client.get(reverse("notifications:mailbox"), {"to": walker.email}).content.decode()
    assert "Hello Amara" in to_amara
    assert "Hello Jonas" not in to_amara


def test_a_demo_mail_shows_text_with_links_and_nothing_unescaped(client, demo):
    page = client.get(reverse("notifications:mail", args=[demo[0]])).content.decode()
    assert '<a href="https://example.org/x"' in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_a_demo_mail_shows_the_designed_version_in_a_frame(client, demo):
    page = client.get(reverse("notifications:mail", args=[demo[0]]))
    assert f'src="{reverse("notifications:mail_html", args=[demo[0]])}"' in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]


def test_a_demo_mail_names_its_calendar(client, demo):
    page = client.get(reverse("notifications:mail", args=[demo[1]])).content.decode()
    assert "Calendar invitation" in page


def test_the_html_of_a_mail_is_shown_in_a_sandbox(client, demo):
    answer = client.get(reverse("notifications:mail_html", args=[demo[0]]))
    policy = answer["Content-Security-Policy"].split("; ")
    assert policy[:2] == ["sandbox allow-same-origin allow-top-navigation-by-user-activation", "default-src 'none'"]
    assert (policy[-1], answer["X-Frame-Options"]) == ("frame-ancestors 'self'", "SAMEORIGIN")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;bold&lt;/b&gt;" in answer.content.decode()


@pytest.mark.parametrize("name", ["nothing.eml", "..eml", "x.part", "%2e%2e%2fdb.sqlite3", "a.eml%00"])
def test_names_of_other_files_return_404(client, demo, name):
    assert client.get(f"/demo/mailbox/{name}/").status_code == 404
    assert client.get(f"/demo/mailbox/{name}/html/").status_code == 404


def test_a_garbled_mail_breaks_nothing(client, demo, settings):
    garbled = (
        b"Subject: =?utf-8?q?=ff=fe?=\nDate: soon\nTo: \xff\nContent-Type: text/plain; charset=nonsense\n\n\xff\xfe"
    )
    (settings.MAIL_DIR / "99999999T000000.0-x.eml").write_bytes(garbled)
    assert client.get(reverse("notifications:mailbox")).status_code == 200
    assert client.get("/demo/mailbox/99999999T000000.0-x.eml/").status_code == 200


def test_a_long_mailbox_has_pages(client, settings, walker, now):
    settings.DEMO = True
    School.objects.update(name=the_demo.NAME)
    for number in range(26):
        a_message(walker, key=str(number))
    delivery.sweep(now)
    first = client.get(reverse("notifications:mailbox")).content.decode()
    second = client.get(reverse("notifications:mailbox"), {"page": 2}).content.decode()
    assert (first.count("Hello Amara"), second.count("Hello Amara")) == (25, 1)


@pytest.mark.parametrize("mails", [1, 3])
def test_the_mailbox_takes_the_same_number_of_queries_for_one_and_for_three_mails(
    mails, sign_in, settings, walker, now, django_assert_num_queries
):
    settings.DEMO = True
    School.objects.update(name=the_demo.NAME)
    for number in range(mails):
        a_message(walker, key=str(number))
    delivery.sweep(now)
    client = sign_in(walker)
    with django_assert_num_queries(4):  # the session, the person, whether this is the demo, and the names of receivers
        client.get(reverse("notifications:mailbox"))


def test_outside_the_demo_there_is_no_mailbox(client, sign_in, administrator, demo, settings):
    settings.DEMO = False
    sign_in(administrator)
    urls = [reverse("notifications:mailbox")]
    urls += [reverse(f"notifications:{name}", args=[demo[0]]) for name in ("mail", "mail_html")]
    assert [client.get(url).status_code for url in urls] == [404, 404, 404]


def test_the_mailbox_closes_as_soon_as_there_is_a_real_school(client, demo):
    assert client.get(reverse("notifications:mailbox")).status_code == 200
    a_school("Riverside School")
    urls = [reverse("notifications:mailbox"), reverse("notifications:mail", args=[demo[0]])]
    assert [client.get(url).status_code for url in urls] == [404, 404]


def test_sign_in_mails_are_in_the_demo_mailbox(client, settings):
    settings.DEMO = True
    settings.EMAIL_BACKEND = "notifications.sending.backends.EmlFileBackend"
    django_mail.send_mail("Your code", "1234 ü", "school@example.org", ["amara@example.org"])
    assert django_mail.EmailMessage("nobody", "x").send() == 0
    page = client.get(reverse("notifications:mailbox"), {"to": "amara@example.org"}).content.decode()
    assert "Your code" in page
