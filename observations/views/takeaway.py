"""The takeaway: write it, finish the walk with it, and list the ideas so far."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.http import SignedInRequest
from school.models import Person
from school.save_errors import NotSavedError, report_if_not_saved
from school.text.typed import number_in_words
from walks.models import State, Stop, Walk

from ..content import SENTENCES_TO_SHARE, SHARE_TAKEAWAY
from ..forms.takeaway import OutcomeForm, TakeawayForm
from ..models import Note, Takeaway
from ..permissions import may_write_takeaway
from ..words import credit
from ..words import takeaway as rules
from ..words.inserted_notes import contains_note, toggle_note
from ..words.note_readers import readers_in_words
from ..words.praise import visited_stops

IDEAS_A_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def takeaway(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Write the takeaway, the last step of a walk. Afterwards the page shows that the walk is complete."""
    own = Walk.objects.of(request.user).select_related("walker__school", "semester").prefetch_related("focus")
    walk = get_object_or_404(own, pk=walk_id)
    if not may_write_takeaway(request.user, walk):
        return redirect("walks:detail", walk.pk)
    now = timezone.now()
    days = rules.days_to_try(walk.walker.school, now=now)
    written = Takeaway.objects.visible_to(request.user).filter(walk=walk).first()
    if request.method != "POST":
        return _page(request, walk, written, TakeawayForm.of(written, days))
    note_id = request.POST.get("use")
    note = next((note for note in rules.notes_of_walk(walk) if str(note.pk) == note_id), None)
    if note is not None:
        form = TakeawayForm(_toggle_note(request, note), days=days)
        form.fields["text"].widget.attrs["autofocus"] = True
        return _page(request, walk, written, form)
    form = TakeawayForm(request.POST, days=days)
    if not form.is_valid():
        return _page(request, walk, written, form, status=422)
    try:
        with report_if_not_saved():
            rules.write(walk, **form.cleaned_data, by=request.user, now=now)
    except (NotSavedError, rules.EmptyTakeawayError) as error:
        form.add_error("text", str(error))
        return _page(request, walk, written, form, status=422)
    return redirect("observations:takeaway", walk.pk)


def _toggle_note(request: SignedInRequest, note: Note) -> QueryDict:
    """Put a note into the typed text, or take it out again, for browsers without JavaScript."""
    typed = request.POST.copy()
    text = typed.get("text", "")
    typed["text"] = toggle_note(text, note.text)
    return typed


def _summary(stops: list[Stop]) -> str:
    """Return for example "Three rooms, two colleagues thanked, one idea to try."."""
    rooms = len({stop.room_id for stop in stops})
    parts = [ngettext("%(n)s room", "%(n)s rooms", rooms) % {"n": number_in_words(rooms)}]
    thanked = sum(1 for stop in stops if stop.thanked_at)
    if thanked:  # 0 if every host left before the praise was written
        words = ngettext("%(n)s colleague thanked", "%(n)s colleagues thanked", thanked)
        parts.append(words % {"n": number_in_words(thanked).lower()})
    return ", ".join([*parts, _("one idea to try.")])


def _page(
    request: SignedInRequest, walk: Walk, written: Takeaway | None, form: TakeawayForm, *, status: int = 200
) -> HttpResponse:
    stops = visited_stops(walk)
    text = form["text"].value() or ""
    context = {
        "walk": walk,
        "idea": written,
        "form": form,
        "is_writing": written is None or form.is_bound or "edit" in request.GET,
        "is_complete": walk.state == State.COMPLETE,
        "is_first_of_semester": not _completed_before(walk, request.user).exists(),
        "summary": _summary(stops),
        "stops_to_thank": [stop for stop in stops if stop.is_owed_thanks],
        "note_readers": readers_in_words(walk),
        "notes": [(note, contains_note(text, note.text)) for note in rules.notes_of_walk(walk)],
        "posts": _texts_to_share(walk, written),
    }
    return TemplateResponse(request, "observations/takeaway.html", context, status=status)


def _completed_before(walk: Walk, person: Person) -> QuerySet[Walk]:
    """Return the person's walks of this semester that were completed before this one."""
    own = Walk.objects.of(person).filter(semester=walk.semester, state=State.COMPLETE)
    return own.filter(completed_at__lt=walk.completed_at) if walk.completed_at else own


def _texts_to_share(walk: Walk, written: Takeaway | None) -> list[str]:
    """Return texts to post on social media, with hashtags: the walker's takeaway, then sentences with blanks.

    There are none if the school does not want anything to be shared outside.
    """
    if not walk.walker.school.sharing_on:
        return []
    own = [SHARE_TAKEAWAY % {"idea": written.text}] if written else []
    return [f"{words} {walk.walker.school.hashtags}".strip() for words in (*own, *SENTENCES_TO_SHARE)]


@require_safe
def ideas(request: SignedInRequest) -> HttpResponse:
    """List the person's takeaways with their outcomes, newest first."""
    own = Takeaway.objects.visible_to(request.user).select_related("walk").order_by("-walk__starts_at")
    own = own.prefetch_related(Prefetch("walk__stops", credit.stops_to_tell(), to_attr="stops_to_tell"))
    page = Paginator(own, IDEAS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": page, "tried": credit.TRIED, "outcomes": Takeaway.Outcome.choices[1:]}
    return TemplateResponse(request, "observations/ideas.html", context)


@require_POST
def outcome(request: SignedInRequest, takeaway_id: int) -> HttpResponse:
    """Store or remove the outcome of one's own takeaway."""
    written = get_object_or_404(Takeaway.objects.visible_to(request.user), pk=takeaway_id)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    chosen = form.cleaned_data["outcome"]
    rules.record_outcome(written, outcome=chosen, by=request.user, now=timezone.now())
    if chosen:
        messages.success(request, _("Saved. Thank you for trying."))
    return redirect(f"{reverse('observations:ideas')}#idea-{written.pk}")
