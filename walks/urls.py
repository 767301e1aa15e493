"""Addresses of walks: planning, one walk, and (below) approvals, calendar and the semester report."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import plan, walks

app_name = "walks"

urlpatterns: list[URLPattern] = [
    path("walks/", walks.walk_list, name="list"),
    path("walks/new/", plan.new, name="new"),
    path("walks/<int:walk_id>/", walks.detail, name="detail"),
    path("walks/<int:walk_id>/edit/", plan.edit, name="edit"),
    path("walks/<int:walk_id>/cancel/", walks.cancel, name="cancel"),
    path("walks/<int:walk_id>/take-back/", walks.take_back, name="take_back"),
    path("walks/<int:walk_id>/reply/", walks.reply, name="reply"),
    path("walks/<int:walk_id>/accept/", walks.accept, name="accept"),
]
