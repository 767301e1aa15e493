"""Write praise: save a draft, send it, or mark a host as thanked in person."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from school.http import SignedInRequest
from school.save_errors import NotSavedError, report_if_not_saved
from walks.models import State, Stop, Walk

from ..forms.praise import MAX_LENGTH, TOO_LONG, PraiseForm
from ..models import Note, Praise
from ..words import praise as rules
from ..words.copies import mark_kept
from ..words.inserted_notes import toggle_note
from ..words.praise_hint import find_hint
from .praise_page import attachable_photos, own_notes, praise_page, stop_to_praise

Rule = Callable[..., Praise]


@require_safe
def next_praise(request: SignedInRequest, walk_id: int) -> HttpResponse:
    """Redirect to the first colleague who is not thanked yet. If all are thanked, redirect to the takeaway.

    With `?write` the box for the praise gets the focus there.
    """
    walk = get_object_or_404(Walk.objects.of(request.user), pk=walk_id)
    if walk.state not in (State.WALKED, State.COMPLETE):
        return redirect("walks:detail", walk.pk)
    stop = rules.next_stop_to_thank(walk)
    if stop is None:
        return redirect("observations:takeaway", walk.pk)
    page = reverse("observations:praise", args=[walk.pk, stop.pk])
    return redirect(f"{page}?write" if "write" in request.GET else page)


@require_safe
def most_urgent_praise(request: SignedInRequest) -> HttpResponse:
    """Redirect to the praise that is due first, of any walk. If none is due, redirect to the Praise page."""
    stop = rules.most_urgent_stop_to_thank(request.user)
    if stop is None:
        return redirect("praise:list")
    return redirect("observations:praise", stop.walk_id, stop.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Write to one host. The draft is saved during typing, but only the button Send sends it."""
    stop = stop_to_praise(request, walk_id, stop_id)
    photos = attachable_photos(stop, request.user)
    if request.method != "POST":
        return praise_page(request, stop, PraiseForm.of(rules.praise_of(stop), photos))
    form = PraiseForm(request.POST, photos=photos)
    if not form.is_valid():
        return praise_page(request, stop, form, status=422)
    note = _note_of_pressed_button(request, stop)
    if note is not None:
        return _toggle_note(request, stop, form, note)
    if request.POST.get("action") == "send":
        return _send(request, stop, form)
    return _save_draft(request, stop, form)


def _note_of_pressed_button(request: SignedInRequest, stop: Stop) -> Note | None:
    """Return the note whose button "Use my note" or "Take it out" was pressed."""
    note_id = request.POST.get("use")
    return next((note for note in own_notes(stop, request.user) if str(note.pk) == note_id), None)


def _toggle_note(request: SignedInRequest, stop: Stop, form: PraiseForm, note: Note) -> HttpResponse:
    """Put a note into the draft, or take it out again, for browsers without JavaScript. The box gets the focus."""
    text = toggle_note(form.cleaned_data["text"], note.text)
    if len(text) > MAX_LENGTH:
        words = TOO_LONG % {"show_value": len(text), "limit_value": MAX_LENGTH}
        return _page_with_error(request, stop, form, words)
    form.cleaned_data["text"] = text
    return _save_draft(request, stop, form, query="?write")


def _save_draft(request: SignedInRequest, stop: Stop, form: PraiseForm, *, query: str = "") -> HttpResponse:
    refusal = _run_rule(request, stop, form, rules.save_draft)
    if refusal is not None:
        return refusal
    messages.success(request, _("Saved. Only you can read it until you send it."))
    return redirect(reverse("observations:praise", args=[stop.walk_id, stop.pk]) + query)


def _send(request: SignedInRequest, stop: Stop, form: PraiseForm) -> HttpResponse:
    refusal = _run_rule(request, stop, form, rules.send)
    if refusal is not None:
        return refusal
    undo = reverse("observations:unsend", args=[stop.walk_id, stop.pk])
    words = _("Sent to %(name)s.") % {"name": stop.host.short_name}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return _redirect_to_next_box(stop.walk_id)


def _redirect_to_next_box(walk_id: int) -> HttpResponse:
    """Redirect to the next colleague, so that the walker can go on typing."""
    return redirect(f"{reverse('observations:praise_next', args=[walk_id])}?write")


@require_POST
def thank_in_person(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Mark the host as thanked face to face. Typed words stay as a draft."""
    stop = stop_to_praise(request, walk_id, stop_id)
    form = PraiseForm(request.POST, photos=attachable_photos(stop, request.user))
    if not form.is_valid():
        return praise_page(request, stop, form, status=422)
    if rules.is_sent(stop):
        messages.info(request, _("%(name)s already has your praise.") % {"name": stop.host.short_name})
        return redirect("observations:praise", walk_id, stop_id)
    refusal = _run_rule(request, stop, form, rules.thank_in_person)
    if refusal is not None:
        return refusal
    undo = reverse("observations:undo_thanks_in_person", args=[walk_id, stop_id])
    words = _("%(name)s is marked as thanked.") % {"name": stop.host.short_name}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return _redirect_to_next_box(walk_id)


def _run_rule(request: SignedInRequest, stop: Stop, form: PraiseForm, rule: Rule) -> HttpResponse | None:
    """Run a rule with the typed words. Return the page that explains a refusal, or None if the rule succeeded."""
    try:
        with report_if_not_saved():
            rule(stop, **form.draft_of_button(), by=request.user, now=timezone.now())
    except rules.HostLeftError as error:
        return _save_draft_for_host_who_left(request, stop, form, error)
    except rules.ChangedElsewhereError as error:
        return _page_with_error(request, stop, form, str(error), other_version=error.saved)
    except (rules.EmptyPraiseError, rules.NoAddressError, rules.AlreadySentError, NotSavedError) as error:
        return _page_with_error(request, stop, form, str(error))
    mark_kept(request, f"praise-{stop.pk}")
    return None


def _save_draft_for_host_who_left(
    request: SignedInRequest, stop: Stop, form: PraiseForm, error: rules.HostLeftError
) -> HttpResponse:
    """Keep the text as a draft, although it cannot be sent. If that fails, it stays on the page to be copied."""
    try:
        with report_if_not_saved():
            rules.save_draft(stop, **form.draft_of_button(), by=request.user, now=timezone.now())
    except (rules.HostLeftError, rules.AlreadySentError, rules.ChangedElsewhereError, NotSavedError) as refused:
        return _page_with_error(request, stop, form, str(refused))
    messages.warning(request, str(error))
    return redirect("observations:praise", stop.walk_id, stop.pk)


def _page_with_error(
    request: SignedInRequest, stop: Stop, form: PraiseForm, words: str, *, other_version: Praise | None = None
) -> HttpResponse:
    form.add_error("text", words)
    return praise_page(request, stop, form, status=422, other_version=other_version)


@require_POST
def autosave(request: SignedInRequest, walk_id: int, stop_id: int) -> HttpResponse:
    """Save the draft while the walker types. Return 409 if the praise was sent or another page changed the draft."""
    stop = stop_to_praise(request, walk_id, stop_id)
    form = PraiseForm(request.POST, photos=attachable_photos(stop, request.user))
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
    stop_to_praise(request, walk_id, stop_id)
    context = {"hint": find_hint(request.POST.get("text", "")[:MAX_LENGTH])}
    return TemplateResponse(request, "observations/_hint.html", context)
