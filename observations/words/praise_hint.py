"""A hint about praise while it is written: does it name a moment, and is it free of advice?

The text is not stored and not sent anywhere, and a hint never blocks sending.
"""

from __future__ import annotations

import re

from django.utils.translation import get_language
from django.utils.translation import gettext as _

SHORT_WORDS = 20  # praise with fewer words gets the hint for short texts
SHORT_CHARACTERS = 100  # for other languages than English, some of which have no spaces between words
QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|(?<!\w)['‘][^'‘’]*['’](?!\w)")
NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|dozen"
CONCRETE = re.compile(
    rf"\b(when|because|i (also )?(saw|heard)|noticed|{NUMBERS})\b"
    r"|\bso\b(?! (much|many|good|great|nice|lovely|well|very|glad|happy|impressed|grateful|proud))"
    r"|\d|[“”„«»\"]",
    re.IGNORECASE,
)
# "Nothing but smiles" and "not only … but" are exceptions: there the word does not take the thanks back.
TAKES_BACK = re.compile(
    r"(?<!nothing )(?<!anything )(?<!all )(?<!help )(?<!last )\b(?P<word>but|however)\b"
    r"(?! (also|small|quiet|shy|hard|long|many|much)\b)",
    re.IGNORECASE,
)
NOT_ONLY = re.compile(r"\bnot (only|just)\b[^.!?]*?\bbut\b", re.IGNORECASE)
# Advice to the other person. Plans of the author (OWN_PLAN) get no hint.
FOR_OTHERS = re.compile(
    r"(?<!\bI )(?<!\bwe )(?<!really )(?<!also )\b(?P<should>should(?:n.t)?)\b"
    r"|(?P<next>\bnext time\b)"
    r"|(?:^|[.!?;:,\n]\s*|\b(?:maybe|perhaps|just|always)\s+"
    r"|\byou (?:could|can|might|may|must|need to|want to|ought to)\s+(?:also\s+)?)(?P<try>try to)\b",
    re.IGNORECASE,
)
OWN_PLAN = re.compile(r"\b(I.ll|I will|I.m going to|I am going to|I want to|I plan to|next time I)\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def find_hint(text: str) -> str | None:
    """Return a hint on how to make the praise warmer, or None."""
    words = text.split()
    if not words:
        return None
    if not (get_language() or "en").startswith("en"):  # the word lists are English
        return _hint_for_short_text() if len(text.strip()) < SHORT_CHARACTERS else None
    unquoted = QUOTED.sub("“”", text.replace("’", "'"))  # a quoted student may say "but"
    found = _hint_for_thanks_taken_back(unquoted) or _hint_for_advice(unquoted)
    if found:
        return found
    return _hint_for_short_text() if len(words) < SHORT_WORDS else _hint_for_vague_text(text)


def _hint_for_short_text() -> str:
    return _(
        "Short and kind. One more line would make it personal: what you saw, and what students did because of it. "
        "People keep praise that could only be about them."
    )


def _hint_for_vague_text(text: str) -> str | None:
    """Return a hint if the text names no moment."""
    if CONCRETE.search(text):
        return None
    return _(
        "Is there one moment in your praise? “When you…”, “I heard…” or a student’s own words show a colleague "
        "what is worth repeating."
    )


def _hint_for_thanks_taken_back(unquoted: str) -> str | None:
    """Return a hint if the text takes half of its thanks back ("but", "however")."""
    found = TAKES_BACK.search(NOT_ONLY.sub("", unquoted))
    if not found:
        return None
    return _(
        "Your praise contains “%(word)s”. Often people remember only what comes after that word. Would the praise "
        "work without it?"
    ) % {"word": found["word"].lower()}


def _hint_for_advice(unquoted: str) -> str | None:
    """Return a hint if the text gives advice. The author's own plans are no advice, unless they say "should"."""
    for sentence in SENTENCE_END.split(unquoted):
        found = FOR_OTHERS.search(sentence)
        if found and (found["should"] or not OWN_PLAN.search(sentence)):
            word = (found["should"] or found["next"] or found["try"]).lower()
            return _(
                "“%(word)s” can sound like advice. A walk is for learning, so praise says what worked and what "
                "you take with you. Keep advice for when a colleague asks."
            ) % {"word": word}
    return None
