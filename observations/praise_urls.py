"""URLs of praise pages: letters received, praise sent, and what a receiver may do with a letter."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import letters, praise

app_name = "praise"

urlpatterns: list[URLPattern] = [
    path("", letters.received, name="list"),
    path("sent/", letters.sent, name="sent"),
    path("write/", praise.write_next, name="write"),
    path("<uuid:praise_id>/", letters.letter, name="letter"),
    path("<uuid:praise_id>/thank/", letters.thank, name="thank"),
    path("<uuid:praise_id>/remove-photo/", letters.remove_photo, name="remove_photo"),
    path("<uuid:praise_id>/delete/", letters.delete, name="delete"),
    path("<uuid:praise_id>/keepsake/", letters.keepsake, name="keepsake"),
    path("<uuid:praise_id>/keepsake.txt", letters.keepsake_text, name="keepsake_text"),
]
