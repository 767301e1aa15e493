"""The form of the school's policy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import policy
from ..models import School
from ..text.typed import refuse_hidden_characters_in_one_line_fields
from .fields import offer_choices
from .settings import name_fields_in_errors, time_input

# The smallest and largest number of days. The privacy page promises the largest, so a school cannot choose more.
RETENTION_DAYS = {
    "photo_days": (1, 30),
    "note_days": (7, 365),
    "draft_days": (1, 30),
    "plan_days": (30, 365),
    "report_days": (365, 1095),
}


class PolicyForm(forms.ModelForm):
    """The form of the school's policy, which everybody reads on the norms page."""

    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    class Meta:
        model = School
        fields = policy.POLICY_FIELDS
        widgets = {
            "quiet_from": time_input(),
            "quiet_until": time_input(),
            "norms": forms.Textarea(attrs={"rows": 6}),
            "who_may_be_visited": forms.RadioSelect,
            "notes_about_a_room": forms.RadioSelect,
        }
        labels = {
            "name": gettext_lazy("Name of the school"),
            "norms": gettext_lazy("Norms, one per line"),
            "visitor_limit": gettext_lazy("Highest number of visitors in one room"),
            "minutes_between_buildings": gettext_lazy("Minutes from one building to another"),
            "family_name_first": gettext_lazy("Say the family name first"),
            "photos_on": gettext_lazy("Photos of work and walls are welcome"),
            "announce_by_default": gettext_lazy("Tell colleagues about a visit beforehand"),
            "required_walks": gettext_lazy("Walks each semester"),
            "walk_minutes_max": gettext_lazy("Longest walk, in minutes"),
            "room_minutes_max": gettext_lazy("Longest time in one room, in minutes"),
            "who_may_be_visited": gettext_lazy("Who may be visited"),
            "fortnight_visit_limit": gettext_lazy("Most visits to one teacher in two weeks"),
            "always_announce": gettext_lazy("Always tell them"),
            "announce_days_ahead": gettext_lazy("How many school days before"),
            "focus_in_heads_up": gettext_lazy("Tell them what the walk looks for"),
            "notes_about_a_room": gettext_lazy("Notes about a room"),
            "student_prompts": gettext_lazy("Offer questions to ask students"),
            "drop_ins_for_a_walk": gettext_lazy("Visits through open doors that make a walk"),
            "sharing_on": gettext_lazy("Help to share what was learned outside the school"),
            "photo_days": gettext_lazy("Photos"),
            "note_days": gettext_lazy("Notes and takeaways"),
            "draft_days": gettext_lazy("Unsent praise"),
            "plan_days": gettext_lazy("Plans without a walk, and messages about approval"),
            "report_days": gettext_lazy("The semester’s report"),
            "quiet_from": gettext_lazy("Quiet from"),
            "quiet_until": gettext_lazy("Quiet until"),
        }
        help_texts = {
            "visitor_limit": gettext_lazy(
                "From 1 to 9. Visitors of all walks at the same time are counted. "
                "The Plan page warns if a room would have more than this number."
            ),
            "minutes_between_buildings": gettext_lazy(
                "The Plan page adds them to a walk. Along a hallway it counts one minute from room to room, and two "
                "from one hallway to another."
            ),
            "required_walks": gettext_lazy("From 0 to 6. With 0, walks are voluntary: nobody is reminded to plan one."),
            "walk_minutes_max": gettext_lazy("From 20 to 90. No plan is longer."),
            "room_minutes_max": gettext_lazy("From 1 to 20."),
            "who_may_be_visited": gettext_lazy(
                "Teachers opt out on their account page, without a reason. Nobody sees a list of those who did. Visits "
                "that are planned already stay."
            ),
            "fortnight_visit_limit": gettext_lazy(
                "From 1 to 10, or empty for no limit. The Plan page warns beyond it. Only the teacher sees the number."
            ),
            "announce_by_default": gettext_lazy("A walker can choose differently for any walk."),
            "always_announce": gettext_lazy("Then walkers have no choice."),
            "announce_days_ahead": gettext_lazy(
                "From 0 to 10. It counts if colleagues are always told: a walk is planned at least as far ahead."
            ),
            "focus_in_heads_up": gettext_lazy("Otherwise they read it with their praise."),
            "notes_about_a_room": gettext_lazy(
                "It is said above every box for notes. Notes keep the rule under which they were written."
            ),
            "student_prompts": gettext_lazy("Such as: “What are you learning?”"),
            "drop_ins_for_a_walk": gettext_lazy(
                "From 0 to 6. So many visits in a semester, with thanks and one takeaway, count as one walk. With 0, "
                "they are always extra."
            ),
            "sharing_on": gettext_lazy("Texts to copy, with the school’s hashtags."),
            "family_name_first": gettext_lazy("As in Osei Amara. People can choose differently for their own name."),
            "photos_on": gettext_lazy("Only the walker sees a photo, until they put it into praise."),
            "photo_days": gettext_lazy("days after the walk"),
            "note_days": gettext_lazy("days after the walk"),
            "draft_days": gettext_lazy("days after the walk"),
            "plan_days": gettext_lazy("days after the planned day"),
            "report_days": gettext_lazy("days after the semester’s end"),
            "hashtags": gettext_lazy("For posts that colleagues share. Separate hashtags with spaces."),
            "norms": gettext_lazy("Leave this empty to use the standard norms."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_fields_in_errors(self)
        refuse_hidden_characters_in_one_line_fields(self)
        offer_choices(self, "time_zone", policy.time_zones())
        for name, (least, most) in RETENTION_DAYS.items():
            field = self.fields[name]
            assert isinstance(field, forms.IntegerField)
            field.widget.attrs |= {"min": least, "max": most}

    def clean_hashtags(self) -> str:
        """Put # before each word, and one space between two words."""
        words = self.cleaned_data["hashtags"].replace(",", " ").split()
        return " ".join(word if word.startswith("#") else f"#{word}" for word in words)

    def clean_norms(self) -> str:
        """Drop empty lines."""
        return "\n".join(line.strip() for line in self.cleaned_data["norms"].splitlines() if line.strip())

    def clean(self) -> dict[str, Any]:
        """Refuse a number of days outside RETENTION_DAYS."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, (least, most) in RETENTION_DAYS.items():
            if name in data and not least <= data[name] <= most:
                numbers = {"what": self.fields[name].label, "least": least, "most": most}
                self.add_error(name, _("%(what)s: choose a number of days from %(least)s to %(most)s") % numbers)
        return data
