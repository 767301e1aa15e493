"""Fixed texts: prompts, sentence starters, sample sentences, photo rules, debrief questions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# --- Questions to a student: about learning, never about the teacher -----------------------------------------------
CORE_PROMPTS = (
    _("What are you learning?"),
    _("How are you doing with it?"),
    _("How do you know?"),
    _("How could you make it better?"),
    _("Where do you go when you are stuck?"),
)
MORE_PROMPTS = (
    _("Why does this matter?"),
    _("Show me a part that you are proud of."),
    _("What was hard, and what did you do?"),
    _("How did your partner help your thinking?"),
    _("What will you do next?"),
    _("What does good look like here?"),
    _("What did you change after feedback?"),
    _("How is this like something you already knew?"),
)
LITTLE_ONES_PROMPTS = (
    _("Show me what you are making."),
    _("What comes next?"),
    _("Who helps you?"),
)
STUDENT_PROMPTS = CORE_PROMPTS + MORE_PROMPTS + LITTLE_ONES_PROMPTS

# --- Notes ------------------------------------------------------------------------------------------------------
BORROW_STARTER = _("I’ll borrow…")
NOTE_STARTERS = (
    _("I noticed…"),
    _("A student said…"),
    BORROW_STARTER,
    _("Ask about…"),
)

# --- Praise: what the teacher did, what students did because of it, what I take away -----------------------------
PRAISE_STARTERS = (
    _("Thank you for letting me…"),
    _("I noticed…"),
    _("Because of that, students…"),
    _("I’m going to try…"),
)
SAMPLE_PRAISE = (
    _("When you ___, I noticed students ___. I’m going to try ___ with my ___."),
    _("I heard a student say “___”. Your ___ made room for that."),
    _("You waited after asking ___, and ___ more ideas came. I rush; I’m borrowing your pause."),
    _("The way ___ was ready when students walked in meant that learning began at once. I’m copying ___."),
    _("I asked a student how they knew their work was good, and they pointed to your ___. I want that in my room."),
    _("Thank you for letting me walk in. I left with ___."),
    _("Your ___ let the quieter students join: I saw ___. I had not thought of doing that."),
    _("I was looking for ___ and found it in ___. The moment that showed it was ___."),
    _("I saw you ___ instead of ___, and the group went on working. I’m keeping that."),
    _("Your ___ was being used: I saw ___. Mine is only decoration, and thanks to you I’m changing that."),
    _("It was only three minutes, and still I picked up ___."),
)
SAMPLE_PRAISE_LATER = _("Three weeks later: I tried your ___ with ___. What happened was ___. Thank you.")

# --- Sharing: text only, no names, no faces, the grade and not the room ------------------------------------------
SHARE_TAKEAWAY = _("Borrowed today: %(idea)s")
SENTENCES_TO_SHARE = (
    _("Borrowed today: ___ (students ___)."),
    _("Looked for: ___. Found it in grade ___: ___"),
    _("Three minutes next door taught me ___."),
)
SHARE_RULES = (
    _("No names of students or colleagues."),
    _("No faces, and no photo of handwriting with a name on it."),
    _("Name the grade, not the room."),
)

# --- Photos -----------------------------------------------------------------------------------------------------
PHOTO_RULES = (
    _("Photograph work, boards, walls and tools, not faces."),
    _("Names count too: look at name tags, labels and handwriting."),
    _("Only you see a photo, until you put it into your praise."),
    _("Place, time and phone model are removed from the photo when you upload it."),
    _("The colleague who receives the praise can remove the photo with one tap."),
    _("Some phones keep a copy in their gallery. Delete it there."),
)

# --- A debrief on one's own, in five minutes, and questions once the idea was tried ------------------------------
SOLO_DEBRIEF = (
    _("What did I see more than once?"),
    _("Which moment surprised me?"),
    _("What did students do because of it?"),
    _("What will I try, with which class, by when?"),
    _("Who do I thank, and for what?"),
)
FOLLOW_UP = (
    _("Did you try it?"),
    _("What happened for students?"),
    _("Keep, change or drop?"),
    _("Will you tell the colleague you borrowed it from?"),
)
