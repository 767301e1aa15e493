"""URLs of kind words: letters received, praise sent, and what a receiver may do with a letter."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import kind_words, praise

app_name = "praise"

urlpatterns: list[URLPattern] = [
    path("", kind_words.received, name="list"),
    path("sent/", kind_words.sent, name="sent"),
    path("write/", praise.write_next, name="write"),
    path("<uuid:praise_id>/", kind_words.letter, name="letter"),
    path("<uuid:praise_id>/thank/", kind_words.thank, name="thank"),
    path("<uuid:praise_id>/remove-photo/", kind_words.remove_photo, name="remove_photo"),
    path("<uuid:praise_id>/delete/", kind_words.delete, name="delete"),
    path("<uuid:praise_id>/keepsake/", kind_words.keepsake, name="keepsake"),
    path("<uuid:praise_id>/keepsake.txt", kind_words.keepsake_text, name="keepsake_text"),
]
