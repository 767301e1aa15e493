"""Rows of the access matrix. Each app lists its own in `tests/addresses.py`; matrix.py in learningwalks joins them."""

from dataclasses import dataclass

SIGNED_IN = (
    "walker",
    "host",
    "second_host",
    "colleague",
    "head",
    "other_head",
    "administrator",
    "admin_walker",
    "superuser",
    "stranger",
    "strange_admin",
)
SIGNED_OUT = ("anonymous", "left")
GROUPS = {
    "teachers": ("walker", "host", "second_host", "colleague", "stranger"),
    "heads": ("head", "other_head"),
    "admins": ("administrator", "admin_walker", "superuser"),
    "signed_out": SIGNED_OUT,
    "others": SIGNED_IN,
}


@dataclass(frozen=True)
class AddressRow:
    """The statuses that each persona gets from one URL with one method."""

    name: str
    method: str
    answers: dict[str, tuple[str, ...]]


def get(name, **answers):
    """Return a row for GET.

    A keyword is a persona or a group. A persona overrides its group; `others` is everyone who is signed in and not
    named. A number is the status for every object. A list has one status for each object that the URL can be about,
    in the order of SERIES in matrix.py. "in" means a redirect to the sign-in page, the default for everyone who is
    signed out. A method without a row is not allowed (405).
    """
    return _row(name, "GET", answers)


def post(name, **answers):
    """Return a row for POST; see `get`."""
    return _row(name, "POST", answers)


def _row(name, method, answers):
    found = dict.fromkeys(SIGNED_OUT, ("in",))
    for who in sorted(answers, key=_specific):
        given = answers[who] if isinstance(answers[who], list) else [answers[who]]
        found |= dict.fromkeys(GROUPS.get(who, (who,)), tuple(str(status) for status in given))
    return AddressRow(name, method, found)


def _specific(who):
    return ["others", *(group for group in GROUPS if group != "others")].index(who) if who in GROUPS else len(GROUPS)
