"""Addresses of the people pages; `school:` holds them together with the settings."""

from __future__ import annotations

from django.urls import URLPattern, path

from school import urls as school_urls

from . import staff

app_name = "school"
urlpatterns: list[URLPattern] = [
    path("people/", staff.people_list, name="people"),
    path("people/new/", staff.new_person, name="new_person"),
    path("people/many/", staff.many_people, name="many_people"),
    path("people/<int:person_id>/", staff.edit_person, name="person"),
    path("people/<int:person_id>/invite/", staff.invite_again, name="invite_again"),
    path("people/<int:person_id>/left/", staff.let_go, name="let_go"),
    path("people/<int:person_id>/back/", staff.come_back, name="come_back"),
    path("people/<int:person_id>/erase/", staff.erase, name="erase"),
    *school_urls.urlpatterns,
]
