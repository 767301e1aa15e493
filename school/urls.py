"""URLs of the school's settings."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import days, lists, policy, teacher_timetable, timetable

app_name = "school"
urlpatterns: list[URLPattern] = [
    path("settings/", policy.settings, name="settings"),
    path("settings/timetable/", timetable.timetable, name="timetable"),
    path("settings/timetable/paste/", timetable.paste_timetable, name="paste_timetable"),
    path("settings/timetable/copy/", timetable.copy_timetable, name="copy_timetable"),
    path("settings/timetable/<int:teacher_id>/", teacher_timetable.teacher_timetable, name="teacher_timetable"),
    path("settings/timetable/<int:teacher_id>/add/", teacher_timetable.add_lesson, name="add_lesson"),
    path("settings/timetable/<int:teacher_id>/hand-over/", teacher_timetable.hand_over, name="hand_over"),
    path("settings/timetable/lessons/<int:lesson_id>/", teacher_timetable.change_lesson, name="change_lesson"),
    path("settings/days/", days.days, name="days"),
    path("settings/<slug:kind>/", lists.rows, name="rows"),
    path("settings/<slug:kind>/new/", lists.new_row, name="new_row"),
    path("settings/<slug:kind>/<int:row_id>/", lists.edit_row, name="edit_row"),
    path("settings/<slug:kind>/<int:row_id>/move/", lists.move_row, name="move_row"),
    path("settings/<slug:kind>/<int:row_id>/remove/", lists.remove_row, name="remove_row"),
]
