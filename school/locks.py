"""The lock of a school. Rules that change its directory take turns."""

from __future__ import annotations

from .models import School


def lock_school(school_id: int) -> School:
    """Lock the school until the transaction ends, and return it.

    Lock it before people and walks, because triggers change its row with the directory (docs/adr/0011). The lock is
    `no_key`, so that other transactions can store rows that refer to the school.
    """
    school: School = School.objects.select_for_update(no_key=True).get(pk=school_id)
    return school
