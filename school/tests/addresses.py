"""Access rows for the settings pages of the school."""

from school.models import Lesson, Room

from .access import get, post


def ids(world):
    """Return the values of the parameters in these URLs."""
    lesson = Lesson.objects.filter(semester__school=world.school).latest("pk")
    row = Room.objects.filter(school=world.school).latest("pk")
    return {"kind": "rooms", "row_id": row.pk, "teacher_id": lesson.teacher_id, "lesson_id": lesson.pk}


ROWS = [
    get("school:settings", admins=200, strange_admin=200, others=404),
    post("school:settings", admins=422, strange_admin=422, others=404),
    get("school:timetable", admins=200, strange_admin=200, others=404),
    get("school:paste_timetable", admins=200, strange_admin=200, others=404),
    post("school:timetable", admins=422, strange_admin=422, others=404),
    post("school:copy_timetable", admins=302, strange_admin=302, others=404),
    get("school:teacher_timetable", admins=200, others=404),
    get("school:add_lesson", admins=200, others=404),
    post("school:add_lesson", admins=422, others=404),
    get("school:hand_over", admins=200, others=404),
    post("school:hand_over", admins=422, others=404),
    get("school:change_lesson", admins=200, others=404),
    post("school:change_lesson", admins=422, others=404),
    get("school:days", admins=200, strange_admin=200, others=404),
    post("school:days", admins=422, strange_admin=422, others=404),
    get("school:rows", admins=200, strange_admin=200, others=404),
    get("school:new_row", admins=200, strange_admin=200, others=404),
    post("school:new_row", admins=422, strange_admin=422, others=404),
    get("school:edit_row", admins=200, others=404),
    post("school:edit_row", admins=422, others=404),
    post("school:move_row", admins=302, others=404),
    post("school:remove_row", admins=302, others=404),
]
