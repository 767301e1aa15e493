"""URLs of walks, the semester report, approvals and the catalogue of practices."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import approvals, calendar, coming, cover, decide, door_signs, doors, plan, practices, report, walks

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
    path("report/", report.page, name="report"),
    path("report.csv", report.csv_file, name="report_csv"),
    path("report.xlsx", report.xlsx_file, name="report_xlsx"),
    path("report/nudge/", report.nudge, name="report_nudge"),
    path("report/reminder/", report.old_nudge, name="old_nudge"),
    path("report/excuse/<int:person_id>/", report.excuse, name="excuse"),
    path("report/excuse/<int:person_id>/back/", report.unexcuse, name="unexcuse"),
    path("walks/<int:walk_id>/walk.ics", calendar.ics, name="ics"),
    path("doors/sign/", door_signs.make, name="door_sign"),
    path("doors/sign/code/", door_signs.new_code, name="door_sign_new_code"),
    path("d/<str:sign_token>/", door_signs.scanned, name="door_sign_scanned"),
    path("doors/", doors.door_list, name="doors"),
    path("doors/new/", doors.new, name="door_new"),
    path("doors/<int:door_id>/", doors.door_page, name="door"),
    path("doors/<int:door_id>/close/", doors.close, name="door_close"),
    path("doors/<int:door_id>/come/", doors.come, name="door_come"),
    path("doors/<int:door_id>/leave/", doors.leave, name="door_leave"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/all-clear/", approvals.approve_all, name="approve_all"),
    path("approvals/suggested/", approvals.approve_suggested, name="approve_suggested"),
    path("approvals/coming/", coming.coming, name="coming"),
    path("approvals/undo/", coming.undo_approvals, name="undo_approvals"),
    path("approvals/<int:walk_id>/", decide.adjust, name="adjust"),
    path("approvals/<int:walk_id>/approve/", decide.approve, name="approve"),
    path("approvals/<int:walk_id>/cover/", cover.change_cover, name="change_cover"),
    path("approvals/<int:walk_id>/ask/", decide.ask_change, name="ask_change"),
    path("approvals/<int:walk_id>/ask/back/", coming.take_back_question, name="take_back_question"),
    path("approvals/<int:walk_id>/cancel/", coming.cancel_approved, name="cancel_approved"),
    path("settings/focus/", practices.catalogue, name="catalogue"),
    path("settings/focus/new/", practices.new, name="catalogue_new"),
    path("settings/focus/<int:practice_id>/", practices.edit, name="catalogue_edit"),
    path("settings/focus/<int:practice_id>/hide/", practices.hide, name="catalogue_hide"),
]
