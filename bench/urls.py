"""The product's URLs plus those of the reference views."""

from django.urls import include, path

from . import reference

urlpatterns = [
    path("bench/l0/", reference.nothing),
    path("bench/lb/", reference.plain_list),
    path("bench/lb-base/", reference.list_in_shell),
    path("bench/raw.csv", reference.raw_csv),
    path("", include("learningwalks.urls")),
]
handler400 = "learningwalks.views.error_pages.bad_request"
handler500 = "learningwalks.views.error_pages.server_error"
