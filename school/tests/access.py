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
    "keeper",
    "stranger",
    "strange_admin",
)
SIGNED_OUT = ("anonymous", "left")
GROUPS = {
    "teachers": ("walker", "host", "second_host", "colleague", "stranger"),
    "heads": ("head", "other_head"),
    "admins": ("administrator", "admin_walker", "keeper"),
    "signed_out": SIGNED_OUT,
    "others": SIGNED_IN,
}


@dataclass(frozen=True)
class AddressRow:
    """The answers of one address to one method: the statuses that each persona gets."""

    name: str
    method: str
    answers: dict[str, tuple[str, ...]]


def get(name, **answers):
    """A row for GET.

    Keywords are personas or groups; the more specific one counts, `others` is everyone who is signed in and not named.
    A number is the answer whatever the state. A list holds the answers for the objects of the address, in the order
    of SERIES in matrix.py. "in" is a redirect to the sign-in page, the default for everyone who is signed out.
    A method without a row is not allowed (405).
    """
    return _row(name, "GET", answers)


def post(name, **answers):
    """A row for POST; see `get`."""
    return _row(name, "POST", answers)


def _row(name, method, answers):
    found = dict.fromkeys(SIGNED_OUT, ("in",))
    for who in sorted(answers, key=_specific):
        given = answers[who] if isinstance(answers[who], list) else [answers[who]]
        found |= dict.fromkeys(GROUPS.get(who, (who,)), tuple(str(status) for status in given))
    return AddressRow(name, method, found)


def _specific(who):
    return ["others", *(group for group in GROUPS if group != "others")].index(who) if who in GROUPS else len(GROUPS)
