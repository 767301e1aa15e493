"""URLs of the people pages, and of the opening of the school."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import opening, people

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("people/", people.people_list, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/many/", people.many_people, name="many_people"),
    path("people/invitations/", people.failed_invitations, name="failed_invitations"),
    path("people/invite/", people.invite_rest, name="invite_rest"),
    path("people/<int:person_id>/", people.edit_person, name="person"),
    path("people/<int:person_id>/invite/", people.invite_again, name="invite_again"),
    path("people/<int:person_id>/left/", people.mark_as_left, name="mark_as_left"),
    path("people/<int:person_id>/back/", people.come_back, name="come_back"),
    path("people/<int:person_id>/erase/", people.erase, name="erase"),
    path("settings/opening/", opening.open_school, name="opening"),
    path("settings/opening/undo/", opening.undo_opening, name="undo_opening"),
]
