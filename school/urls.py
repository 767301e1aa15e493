"""URLs of the school's settings."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import days, lists, policy, timetable

app_name = "school"
urlpatterns: list[URLPattern] = [
    path("settings/", policy.settings, name="settings"),
    path("settings/timetable/", timetable.timetable, name="timetable"),
    path("settings/timetable/copy/", timetable.copy_timetable, name="copy_timetable"),
    path("settings/days/", days.days, name="days"),
    path("settings/<slug:kind>/", lists.rows, name="rows"),
    path("settings/<slug:kind>/new/", lists.new_row, name="new_row"),
    path("settings/<slug:kind>/<int:row_id>/", lists.edit_row, name="edit_row"),
    path("settings/<slug:kind>/<int:row_id>/remove/", lists.remove_row, name="remove_row"),
]
