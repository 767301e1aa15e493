"""The practices that ship with the product; `load` gives a school its own copy of them, which it can edit.

Look-fors tell the walker what to watch, students first; they are not a checklist. Prompts ask about learning, never
about teachers.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from school.models import School

from ..models import Practice

STANDARDS = _("Standards of professional excellence")
OUTCOMES = _("Essential outcomes")
ASSESSMENT = _("Assessment")
TECHNOLOGY = _("Technology")


@dataclass(frozen=True)
class ShippedPractice:
    """A practice in English; `load` translates it."""

    name: str
    group: str
    look_fors: tuple[str, ...]
    student_prompts: tuple[str, ...]
    borrow_prompt: str
    sample_praise: str


CATALOGUE = (
    ShippedPractice(
        _("Clear learning target"),
        OUTCOMES,
        (
            _("Students can say what they are learning, not only what they are doing"),
            _("The target is used during the lesson, not just posted"),
            _("The target comes back at the end"),
        ),
        (_("What are you learning today?"), _("How will you know that you have learned it?")),
        _("How could my target come back in the middle and at the end of my lesson?"),
        _("I asked a student what they were learning, and they said “___”. Your ___ made that clear to them."),
    ),
    ShippedPractice(
        _("Success criteria and models"),
        OUTCOMES,
        (
            _("A good example is where students can see it"),
            _("Students compare their own work with it"),
            _("The criteria are in the students’ words"),
            _("Students change something after comparing"),
        ),
        (_("What does good look like here?"), _("Show me where your work already does that.")),
        _("Which example could I show, and when, so that students use it?"),
        _("I asked a student how they knew their work was good, and they pointed to your ___. I want that in my room."),
    ),
    ShippedPractice(
        _("Checking for understanding"),
        ASSESSMENT,
        (
            _("Every student answers: boards, cards, fingers or pairs"),
            _("The teacher looks at the answers before moving on"),
            _("Something changes because of the answers"),
            _("Students find out at once how they are doing"),
        ),
        (_("How are you doing with this so far?"), _("What do you still want to find out?")),
        _("How could I hear from every student before I move on?"),
        _("When every student showed ___, I noticed you ___. I’m going to look before I move on, too, with my ___."),
    ),
    ShippedPractice(
        _("Questioning and wait time"),
        STANDARDS,
        (
            _("Three quiet seconds after a question"),
            _("Questions that begin with why or how"),
            _("An answer goes to another student before it goes back to the teacher"),
            _("Students build on or question an answer"),
        ),
        (_("Which question made you think today?"), _("What would you ask next?")),
        _("Which question could I ask, and then wait?"),
        _("You waited after asking ___, and ___ more ideas came. I rush; I’m borrowing your pause."),
    ),
    ShippedPractice(
        _("Student talk"),
        STANDARDS,
        (
            _("Students speak more than the teacher"),
            _("Students use each other’s ideas and say whose they are"),
            _("Sentence starters are in use"),
            _("Everyone in the group gets a turn"),
        ),
        (_("How did your partner help your thinking?"), _("What did a classmate say that you want to remember?")),
        _("Where in my lesson could students do the talking instead of me?"),
        _("I heard a student say “___”. Your ___ made room for that."),
    ),
    ShippedPractice(
        _("Feedback to learners"),
        ASSESSMENT,
        (
            _("Feedback names a next step"),
            _("There is time to act on it in the lesson"),
            _("Students give each other feedback with the criteria at hand"),
            _("Students can show what they changed"),
        ),
        (_("What did you change after feedback?"), _("How could you make it better?")),
        _("When could my students use feedback while the work is still open?"),
        _("I saw a student change ___ because you said ___. I’m going to make time for that with my ___."),
    ),
    ShippedPractice(
        _("Starts and entry routines"),
        STANDARDS,
        (
            _("Learning begins within two minutes"),
            _("Students know what to do without instructions"),
            _("The first task brings back something learned before"),
        ),
        (_("What do you do first when you come in?"), _("What did the first task remind you of?")),
        _("What could be waiting for my students when they walk in?"),
        _("The way ___ was ready when students walked in meant that learning began at once. I’m copying ___."),
    ),
    ShippedPractice(
        _("Transitions and endings"),
        STANDARDS,
        (
            _("Changes from one task to the next are short and calm"),
            _("Students have practised them and lead them"),
            _("The end returns to what was learned, with an exit check"),
        ),
        (_("How do you know what comes next?"), _("What will you take with you from today?")),
        _("Which change from one task to the next could be shorter or calmer in my lesson, and how?"),
        _("When it was time for ___, students ___ in ___ seconds, all calm. I’m going to practise that with my ___."),
    ),
    ShippedPractice(
        _("Modelling and worked examples"),
        STANDARDS,
        (
            _("The teacher thinks aloud"),
            _("Steps are shown first, then left out one by one"),
            _("Students say a step in their own words"),
            _("Students go back to the example when they work alone"),
        ),
        (_("Which step was the hard one, and what did you do?"), _("Can you talk me through this example?")),
        _("Which of my own thoughts could I say aloud, step by step?"),
        _("When you thought aloud about ___, I noticed students ___. I’m going to say my own steps for ___."),
    ),
    ShippedPractice(
        _("Retrieval and recall"),
        OUTCOMES,
        (
            _("Students answer from memory, with nothing at stake"),
            _("Older content comes back, not only last week’s"),
            _("Mistakes are put right at once"),
        ),
        (_("How is this like something you already knew?"), _("How do you make sure that you remember it?")),
        _("Which older idea could come back in my next lesson?"),
        _("In ___ minutes students brought back ___ from memory. I’m borrowing your ___ for my ___."),
    ),
    ShippedPractice(
        _("Differentiation and scaffolds"),
        STANDARDS,
        (
            _("One goal for all, with different supports"),
            _("A support goes away when it is no longer needed"),
            _("Students choose their challenge"),
            _("Using a support looks ordinary"),
        ),
        (_("What helps you with this task?"), _("How did you choose this challenge?")),
        _("Which support could I offer to all, and when could it go away?"),
        _("Every student who wanted ___ could use it, so I saw a student ___. I’d like that choice in my room."),
    ),
    ShippedPractice(
        _("Collaborative work"),
        STANDARDS,
        (
            _("Each member has a part"),
            _("The task needs the group"),
            _("The talk is about the task"),
            _("The group can say how it came to its answer"),
        ),
        (_("What is your part in the group?"), _("What couldn’t you have done alone?")),
        _("How could I change a task so that it needs the whole group?"),
        _("I saw each student in a group ___, so that together they ___. I’m going to try your ___ with my ___."),
    ),
    ShippedPractice(
        _("Student choice and agency"),
        OUTCOMES,
        (
            _("Students choose a topic, a method or a product"),
            _("Students set a goal of their own"),
            _("Students know where to get help"),
            _("Students can say why they chose as they did"),
        ),
        (_("What did you decide yourself today?"), _("Where do you go when you are stuck?")),
        _("Which decision of mine could I hand to my students?"),
        _("You let students choose ___, and I heard one explain “___”. I’m going to hand over ___."),
    ),
    ShippedPractice(
        _("Technology with a purpose"),
        TECHNOLOGY,
        (
            _("The tool does what paper cannot"),
            _("Students create more than they consume"),
            _("Screens are down when they are not needed"),
            _("Students help each other with the tool"),
        ),
        (_("What can you do with this that you could not do on paper?"), _("Show me a part that you are proud of.")),
        _("Where could a tool do something in my lesson that paper cannot?"),
        _("With ___, students could ___. Paper could not have done that. I’m going to try it for ___."),
    ),
    ShippedPractice(
        _("Environment as teacher"),
        STANDARDS,
        (
            _("Current student work is on the walls"),
            _("Students use charts and walls while they work"),
            _("The furniture fits the task"),
            _("Students can reach what they need"),
        ),
        (_("What in this room helps you learn?"), _("When did you last look something up on the wall?")),
        _("Which wall or corner of my room could do some of the teaching?"),
        _("Your ___ was being used: I saw ___. Mine is only decoration, and thanks to you I’m changing that."),
    ),
    ShippedPractice(
        _("Relationships and belonging"),
        STANDARDS,
        (
            _("Students are greeted by name"),
            _("Mistakes are treated as useful"),
            _("Quiet voices are heard"),
            _("Students are kind to each other’s ideas"),
        ),
        (_("What happens here when a student gets something wrong?"), _("Who helps you in this class?")),
        _("What could I do in the first minute so that everyone feels expected?"),
        _("Your ___ let the quieter students join: I saw ___. I had not thought of doing that."),
    ),
    ShippedPractice(
        _("Inclusion and language support"),
        STANDARDS,
        (
            _("Pictures, glossaries or gestures carry the meaning too"),
            _("First languages are welcome and used"),
            _("Every student has a way in"),
            _("New words are said, seen and used"),
        ),
        (_("What helps you when a word is new?"), _("How else could you show what you know?")),
        _("Which way in could I add for a student who does not have the words yet?"),
        _("Because of your ___, a student who ___ could ___. I’m adding it to my lessons on ___."),
    ),
    ShippedPractice(
        _("Assessment of essential outcomes"),
        ASSESSMENT,
        (
            _("What students are asked to show matches the outcome"),
            _("Students know what their work will be measured by"),
            _("There is a second chance"),
            _("Students can show it in more than one way"),
        ),
        (_("How will you show what you have learned?"), _("What happens if you are not there yet?")),
        _("How could my students show the outcome itself, and try again?"),
        _("The task asked students to ___, as the outcome says. I noticed that they knew ___. I’m borrowing that."),
    ),
    ShippedPractice(
        _("Inquiry and thinking"),
        OUTCOMES,
        (
            _("Students ask the questions"),
            _("“How do you know?” is heard, from students too"),
            _("Problems are open, and struggling for a while is fine"),
            _("Students change their minds and say why"),
        ),
        (_("How do you know?"), _("What are you wondering about now?")),
        _("Which answer could I hold back so that students find it?"),
        _("I heard a student ask “___”. You ___ instead of answering, and the group ___. I’m keeping that."),
    ),
    ShippedPractice(
        _("Vertical thread"),
        OUTCOMES,
        (
            _("The same words are used one grade up and one grade down"),
            _("The same picture or model of the idea comes back"),
            _("I can tell what students are assumed to know already"),
            _("Students connect it with an earlier year"),
        ),
        (_("Where have you met this before?"), _("What do you think comes next, in another year?")),
        _("Which word or picture could we share across our grades?"),
        _("I teach ___ a grade away from you, and I saw students ___. Now I know that I can build on ___."),
    ),
)


def load(school: School) -> int:
    """Add the shipped practices that the school lacks, in the current language. Return how many were added.

    Idempotent: a practice that the school edited or hid stays as it is.
    """
    present = set(Practice.objects.filter(school=school).values_list("name", flat=True))
    rows = [_row(school, entry, position) for position, entry in enumerate(CATALOGUE, start=1)]
    missing = [row for row in rows if row.name not in present]
    Practice.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _row(school: School, entry: ShippedPractice, position: int) -> Practice:
    return Practice(
        school=school,
        name=gettext(entry.name),
        group=gettext(entry.group),
        look_fors="\n".join(gettext(line) for line in entry.look_fors),
        student_prompts="\n".join(gettext(line) for line in entry.student_prompts),
        borrow_prompt=gettext(entry.borrow_prompt),
        sample_praise=gettext(entry.sample_praise),
        position=position,
    )
