"""Write praise: one page for each host, which also shows the walker's notes from that room."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notifications.sending import outbox
from school.errors import NotAllowedError
from school.http import SignedInRequest
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved
from walks.models import State, Stop, Walk

from ..content import PRAISE_STARTERS, SAMPLE_PRAISE, SAMPLE_PRAISE_LATER
from ..forms.praise import MAX_LENGTH, TOO_LONG, PraiseForm
from ..models import Note, Photo, Praise
from ..permissions import may_praise
from ..words import praise as rules
from ..words.copies import mark_kept
from ..words.specificity import hint as hint_for

WEEKS_LATER = dt.timedelta(weeks=3)


def _stop(request: SignedInRequest, walk_id: int, stop_id: int) -> Stop:
    stops = Stop.objects.visible_to(request.user).select_related("walk__walker__school", "room", "host", "praise")
    stop = get_object_or_404(stops, pk=stop_id, walk=walk_id)
    if not may_praise(request.user, stop):
        raise NotAllowedError(_("Praise is written after the walk, for the rooms you were in."))
    return stop


def _praise(stop: Stop) -> Praise | None:
    return getattr(stop, "praise", None)


def _notes(stop: Stop, person: Person) -> Any:
    """Return the walker's notes from that room, without empty ones."""
    own = Note.objects.visible_to(person).filter(stop=stop).exclude(text="")
    return own.select_related("practice", "stop__walk")


def _photos(stop: Stop, person: Person) -> Any:
    """Return the walker's photos of the room, or none if the school has switched photos off."""
    photos = Photo.objects.visible_to(person).own(person).filter(stop=stop)
    return photos if stop.walk.walker.school.photos_on else photos.none()


@require_safe
def next_praise(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Redirect to the first colleague who is not thanked yet. If all are thanked, redirect to the takeaway."""
    walk = get_object_or_404(Walk.objects.of(request.user), pk=walk_id)
    if walk.state not in (State.WALKED, State.COMPLETE):
        return redirect("walks:detail", walk.pk)
    stop = rules.next_to_write(walk)
    return redirect("observations:praise", walk.pk, stop.pk) if stop else redirect("observations:takeaway", walk.pk)


@require_safe
def write_next(request: SignedInRequest) -> HttpResponse:
    """Redirect to the praise that is due first, of any walk. If none is due, redirect to the Praise page."""
    stop = rules.next_owed(request.user)
    return redirect("observations:praise", stop.walk_id, stop.pk) if stop else redirect("praise:list")


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Write to one host. The draft is saved during typing, but only the button Send sends it."""
    stop = _stop(request, walk_id, stop_id)
    photos = _photos(stop, request.user)
    if request.method != "POST":
        return _page(request, stop, PraiseForm.of(_praise(stop), photos))
    form = PraiseForm(request.POST, photos=photos)
    if not form.is_valid():
        return _page(request, stop, form, status=422)
    now = timezone.now()
    note = next((note for note in _notes(stop, request.user) if str(note.pk) == request.POST.get("use")), None)
    if note is not None:
        return _use_note(request, stop, form, note, now)
    act = _send if request.POST.get("action") == "send" else _save
    return act(request, stop, form, now)


def _use_note(request: SignedInRequest, stop: Stop, form: PraiseForm, note: Note, now: dt.datetime) -> HttpResponse:
    """Put one's own note into the draft, or take it out again, for browsers without JavaScript."""
    text = form.cleaned_data["text"]
    has_it = rules.has_note(text, note.text)
    text = rules.without_note(text, note.text) if has_it else rules.with_note(text, note.text)
    if len(text) > MAX_LENGTH:
        form.add_error("text", TOO_LONG % {"show_value": len(text), "limit_value": MAX_LENGTH})
        return _page(request, stop, form, status=422)
    form.cleaned_data["text"] = text
    return _save(request, stop, form, now)


def _host_left(
    request: SignedInRequest, stop: Stop, form: PraiseForm, now: dt.datetime, error: rules.HostLeftError
) -> HttpResponse:
    """Nothing was sent. Store the text as a draft if possible; otherwise leave it on the page to copy."""
    try:
        with report_if_not_saved():
            rules.save_draft(stop, **form.chosen(), by=request.user, now=now)
    except (rules.HostLeftError, rules.AlreadySentError, rules.ChangedElsewhereError, NotSavedError) as refused:
        form.add_error("text", str(refused))
        return _page(request, stop, form, status=422)
    messages.warning(request, str(error))
    return redirect("observations:praise", stop.walk_id, stop.pk)


def _save(request: SignedInRequest, stop: Stop, form: PraiseForm, now: dt.datetime) -> HttpResponse:
    try:
        with report_if_not_saved():
            rules.save_draft(stop, **form.chosen(), by=request.user, now=now)
    except rules.ChangedElsewhereError as error:
        return _show_both_versions(request, stop, form, error)
    except (rules.AlreadySentError, rules.HostLeftError, NotSavedError) as error:
        form.add_error("text", str(error))
        return _page(request, stop, form, status=422)
    _confirm_stored(request, stop)
    messages.success(request, _("Saved. Only you can read it until you send it."))
    return redirect("observations:praise", stop.walk_id, stop.pk)


def _send(request: SignedInRequest, stop: Stop, form: PraiseForm, now: dt.datetime) -> HttpResponse:
    try:
        with report_if_not_saved():
            rules.send(stop, **form.chosen(), by=request.user, now=now)
    except rules.HostLeftError as error:
        return _host_left(request, stop, form, now, error)
    except rules.ChangedElsewhereError as error:
        return _show_both_versions(request, stop, form, error)
    except (rules.EmptyPraiseError, rules.AlreadySentError, NotSavedError) as error:
        form.add_error("text", str(error))
        return _page(request, stop, form, status=422)
    _confirm_stored(request, stop)
    undo = reverse("observations:unsend", args=[stop.walk_id, stop.pk])
    words = _("Sent to %(name)s.") % {"name": stop.host.given_name}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return redirect("observations:praise_next", stop.walk_id)


def _show_both_versions(
    request: SignedInRequest, stop: Stop, form: PraiseForm, error: rules.ChangedElsewhereError
) -> HttpResponse:
    """Nothing was stored. Show the typed text next to the other version, so that the walker can choose."""
    form.add_error("text", str(error))
    return _page(request, stop, form, status=422, elsewhere=error.saved)


def _confirm_stored(request: SignedInRequest, stop: Stop) -> None:
    mark_kept(request, f"praise-{stop.pk}")


def _page(
    request: SignedInRequest, stop: Stop, form: PraiseForm, *, status: int = 200, elsewhere: Praise | None = None
) -> HttpResponse:
    now = timezone.now()
    praise = _praise(stop)
    thanked_at = stop.thanked_at if praise is None else praise.sent_at or praise.said_in_person_at
    text = form["text"].value() or ""
    people = rules.to_write(stop.walk)
    context = {
        "stop": stop,
        "walk": stop.walk,
        "people": people,
        "owed": any(other.is_owed_thanks for other in people),
        "left": not stop.host.is_active and stop.thanked_at is None,
        "kept_days": request.user.school.draft_days,
        "notes": [(note, rules.has_note(text, note.text)) for note in _notes(stop, request.user)],
        "photos": list(form.photos.all()),
        "chosen_photo": str(form["photo"].value() or ""),
        "praise": praise,
        "form": form,
        "elsewhere": elsewhere,
        "writing": form.is_bound or not thanked_at,
        "hint": hint_for(text) if text else None,
        "starters": PRAISE_STARTERS,
        "samples": _samples(stop.walk, now),
        "delivery": _delivery(praise),
        "can_undo": praise is not None and praise.can_undo(now),
    }
    return TemplateResponse(request, "observations/praise.html", context, status=status)


def _samples(walk: Walk, now: dt.datetime) -> list[str]:
    """Return the sample sentences, those of the focus first.

    Straight and curly apostrophes count as the same, so that no sentence is shown twice.
    """
    of_focus = [practice.sample_praise for practice in walk.focus.all() if practice.sample_praise]
    later = [SAMPLE_PRAISE_LATER] if walk.ends_at + WEEKS_LATER <= now else []
    sentences = (*of_focus, *SAMPLE_PRAISE, *later)
    return list(dict.fromkeys(str(sentence).replace("'", "’") for sentence in sentences))


def _delivery(praise: Praise | None) -> outbox.Delivery | None:
    if praise is None or praise.sent_at is None:
        return None
    return next(reversed(outbox.delivery_of(praise.about)), None)


@require_POST
def autosave(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Save the draft while the walker types. Return 409 if the praise was sent or another page changed the draft."""
    stop = _stop(request, walk_id, stop_id)
    form = PraiseForm(request.POST, photos=_photos(stop, request.user))
    if not form.is_valid():
        return HttpResponse(status=422)
    try:
        with report_if_not_saved():
            rules.save_draft(stop, **form.draft(), by=request.user, now=timezone.now())
    except rules.ChangedElsewhereError as error:
        return JsonResponse({"text": error.saved.text, "page": error.saved.page}, status=409)
    except (rules.AlreadySentError, rules.HostLeftError):
        return HttpResponse(status=409)
    except NotSavedError:
        return HttpResponse(status=503)
    return HttpResponse(status=204)


@require_POST
def hint(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Return a hint about the text so far. Nothing is stored or blocked."""
    _stop(request, walk_id, stop_id)
    context = {"hint": hint_for(request.POST.get("text", "")[:4000])}
    return TemplateResponse(request, "observations/_hint.html", context)


@require_POST
def unsend(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = _stop(request, walk_id, stop_id)
    praise = get_object_or_404(Praise.objects.visible_to(request.user), stop=stop)
    try:
        rules.unsend(praise, by=request.user, now=timezone.now())
    except rules.TooLateError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Not sent. You can change it and send it again."))
    return redirect("observations:praise", walk_id, stop_id)


@require_POST
def said_in_person(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Mark the host as thanked face to face. Typed words stay as a draft."""
    stop = _stop(request, walk_id, stop_id)
    form = PraiseForm(request.POST, photos=_photos(stop, request.user))
    if not form.is_valid():
        return _page(request, stop, form, status=422)
    now = timezone.now()
    try:
        with report_if_not_saved():
            rules.say_in_person(stop, **form.chosen(), by=request.user, now=now)
    except rules.HostLeftError as error:
        return _host_left(request, stop, form, now, error)
    except rules.ChangedElsewhereError as error:
        return _show_both_versions(request, stop, form, error)
    except NotSavedError as error:
        form.add_error("text", str(error))
        return _page(request, stop, form, status=422)
    except rules.AlreadySentError as error:
        messages.info(request, str(error))
        return redirect("observations:praise", walk_id, stop_id)
    _confirm_stored(request, stop)
    undo = reverse("observations:unsaid_in_person", args=[walk_id, stop_id])
    words = _("%(name)s is marked as thanked.") % {"name": stop.host.given_name}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return redirect("observations:praise_next", walk_id)


@require_safe
def draft_text(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Return an unsent draft as a text file, for example after the host has left."""
    stop = _stop(request, walk_id, stop_id)
    draft = get_object_or_404(Praise.objects.of(request.user).exclude(text=""), stop=stop, sent_at__isnull=True)
    answer = HttpResponse(f"{draft.text}\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="praise-{stop.walk.date}.txt"'
    return answer


@require_POST
def delete_draft(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    stop = _stop(request, walk_id, stop_id)
    rules.delete_draft(stop, by=request.user)
    messages.success(request, _("Deleted."))
    return redirect("observations:praise", walk_id, stop_id)


@require_POST
def unsaid(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Undo "thanked in person"."""
    stop = _stop(request, walk_id, stop_id)
    rules.unsay_in_person(stop, by=request.user, now=timezone.now())
    return redirect("observations:praise", walk_id, stop_id)


@require_POST
def delivery(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Settle a mail whose delivery is in doubt: "it arrived", or "send again"."""
    praise = get_object_or_404(Praise.objects.visible_to(request.user), stop=_stop(request, walk_id, stop_id))
    arrived = {"yes": True, "no": False}.get(request.POST.get("arrived", ""))
    if arrived is None:
        messages.warning(request, _("Choose whether it arrived."))
        return redirect("observations:praise", walk_id, stop_id)
    try:
        rules.settle_delivery(praise, arrived=arrived, by=request.user, now=timezone.now())
    except outbox.DeliveryNotInDoubtError as error:
        messages.warning(request, str(error))
    else:
        words = _("Good. It arrived.") if arrived else _("It will be sent again.")
        messages.success(request, words)
    return redirect("observations:praise", walk_id, stop_id)
