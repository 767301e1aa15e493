"""The page on which a walker writes praise to one host, beside their notes from that room."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.sending import outbox
from school.errors import NotAllowedError
from school.http import SignedInRequest
from school.models import Person
from walks.models import Stop, Walk

from ..content import PRAISE_STARTERS, SAMPLE_PRAISE, SAMPLE_PRAISE_LATER
from ..forms.praise import PraiseForm
from ..models import Note, Photo, Praise
from ..permissions import may_praise
from ..words import praise as rules
from ..words.inserted_notes import contains_note
from ..words.note_readers import readers_in_words
from ..words.praise_hint import find_hint

WEEKS_LATER = dt.timedelta(weeks=3)


def stop_to_praise(request: SignedInRequest, walk_id: int, stop_id: int) -> Stop:
    """Return a stop of the person's own walk. Refuse it before the end of the walk, and if the room was skipped."""
    stops = Stop.objects.visible_to(request.user).select_related("walk__walker__school", "room", "host")
    stop = get_object_or_404(stops, pk=stop_id, walk=walk_id)
    if not may_praise(request.user, stop):
        raise NotAllowedError(_("Praise is written after the walk, for the rooms you were in."))
    return stop


def own_notes(stop: Stop, person: Person) -> Any:
    """Return the walker's notes from the room of this stop, without empty ones."""
    return Note.objects.visible_to(person).filter(stop__in=stop.same_room).exclude(text="")


def attachable_photos(stop: Stop, person: Person) -> Any:
    """Return the walker's photos of the room, or none if the school has switched photos off."""
    photos = Photo.objects.visible_to(person).own(person).filter(stop__in=stop.same_room)
    return photos if stop.walk.walker.school.photos_on else photos.none()


def praise_page(
    request: SignedInRequest, stop: Stop, form: PraiseForm, *, status: int = 200, other_version: Praise | None = None
) -> HttpResponse:
    """Show the page. `other_version` is the draft that another page or device has stored meanwhile."""
    now = timezone.now()
    text = form["text"].value() or ""
    visited = rules.visited_stops(stop.walk)
    praises = rules.praise_by_stop(visited)
    praise = praises.get(stop.pk)
    deliveries = _newest_deliveries(visited, praises, request.user)
    context = {
        "walk": stop.walk,
        "stop": stop,
        "visited_stops": [(other, praises.get(other.pk)) for other in visited],
        "not_sent": [other for other, delivery in deliveries.items() if delivery.address_removed],
        "thanks_are_owed": any(other.is_owed_thanks for other in visited),
        "host_has_left": not stop.host.is_active and stop.thanked_at is None,
        "draft_days": request.user.school.draft_days,
        "notes": [(note, contains_note(text, note.text)) for note in own_notes(stop, request.user)],
        "note_readers": readers_in_words(stop.walk),
        "photos": list(form.photos.all()),
        "chosen_photo": str(form["photo"].value() or ""),
        "praise": praise,
        "form": form,
        "other_version": other_version,
        "is_writing": form.is_bound or not _is_thanked(stop, praise),
        "is_unsaved": form.is_bound and text != (praise.text if praise else ""),
        "starts_in_box": "write" in request.GET,
        "hint": find_hint(text),
        "sentence_starters": PRAISE_STARTERS,
        "sample_sentences": _sample_sentences(stop.walk, now),
        "delivery": deliveries.get(stop),
        "can_undo": praise is not None and praise.can_undo(now),
    }
    return TemplateResponse(request, "observations/praise.html", context, status=status)


def _is_thanked(stop: Stop, praise: Praise | None) -> bool:
    if praise is None:
        return stop.thanked_at is not None  # the host was thanked, and the words are deleted by now
    return praise.sent_at is not None or praise.said_in_person_at is not None


def _sample_sentences(walk: Walk, now: dt.datetime) -> list[str]:
    """Return the sample sentences, those of the focus first.

    Straight and curly apostrophes count as the same, so that no sentence is shown twice.
    """
    of_focus = [practice.sample_praise for practice in walk.focus.all() if practice.sample_praise]
    later = [SAMPLE_PRAISE_LATER] if walk.ends_at + WEEKS_LATER <= now else []
    sentences = (*of_focus, *SAMPLE_PRAISE, *later)
    return list(dict.fromkeys(str(sentence).replace("'", "’") for sentence in sentences))


def _newest_deliveries(stops: list[Stop], praises: dict[int, Praise], author: Person) -> dict[Stop, outbox.Delivery]:
    """Return the newest e-mail with the sent praise of each of these stops, if it has one (one query)."""
    sent = [(stop, praises[stop.pk].about) for stop in stops if stop.pk in praises and praises[stop.pk].sent_at]
    found = outbox.newest_deliveries([about for _stop, about in sent], author)
    return {stop: found[about] for stop, about in sent if about in found}
