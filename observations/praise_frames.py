"""Beginnings that help to praise what was seen: name the move, what students did because of it, what I take away."""

from django.utils.translation import gettext_lazy as _

STARTERS = (
    _("Thank you for letting me…"),
    _("I noticed…"),
    _("Because of that, students…"),
    _("I’m going to try…"),
)
FRAMES = (
    _("When you ___, I noticed students ___. I’m going to try ___ with my ___."),
    _("I heard a student say “___”. Your ___ made room for that."),
    _("You waited after asking ___, and ___ more ideas came. I rush; I’m borrowing your pause."),
    _("The way ___ was ready when students walked in meant learning began at once. I’m copying ___."),
    _("I asked a student how they knew their work was good; they pointed to your ___. I want that in my room."),
    _("Thank you for letting me walk in. I left with ___."),
    _("Your ___ let the quieter students join: I saw ___. I’d not thought of doing that."),
    _("I was looking for ___ and found it in ___. The moment that showed it was ___."),
    _("I saw you ___ instead of ___, and the group went on working. I’m keeping that."),
    _("The wall of ___ was being used: ___. Mine is only decoration, and I’m fixing that thanks to you."),
    _("It was only three minutes, and still I picked up ___."),
    _("Three weeks on: I tried your ___ with ___. What happened was ___. Thank you."),
)
SHARE_FRAMES = (
    _("Borrowed today: ___ (students ___)."),
    _("Look-for: ___. Found in ___ grade: ___."),
    _("Three minutes next door taught me ___."),
)
