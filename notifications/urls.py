"""URLs of the e-mail pages."""

from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("me/emails/", views.email_choices, name="preferences"),
    path("emails/off/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("demo/mailbox/", views.mailbox_page, name="mailbox"),
    path("demo/mailbox/<str:name>/", views.demo_mail, name="mail"),
    path("demo/mailbox/<str:name>/html/", views.demo_mail_html, name="mail_html"),
]
