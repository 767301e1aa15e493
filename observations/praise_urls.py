"""URLs of sent praise: lists of received and sent praise, and what a receiver may do with praise."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import notes_about_me, praise, sent_praise

app_name = "praise"

urlpatterns: list[URLPattern] = [
    path("", sent_praise.received, name="list"),
    path("sent/", sent_praise.sent, name="sent"),
    path("notes/", notes_about_me.notes_about_me, name="notes"),
    path("write/", praise.most_urgent_praise, name="write"),
    path("<uuid:praise_id>/", sent_praise.detail, name="detail"),
    path("<uuid:praise_id>/thank/", sent_praise.thank, name="thank"),
    path("<uuid:praise_id>/remove-photo/", sent_praise.remove_photo, name="remove_photo"),
    path("<uuid:praise_id>/delete/", sent_praise.delete, name="delete"),
    path("<uuid:praise_id>/keepsake/", sent_praise.keepsake, name="keepsake"),
    path("<uuid:praise_id>/keepsake.txt", sent_praise.keepsake_text, name="keepsake_text"),
]
