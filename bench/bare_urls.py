"""The only URL of the bare reference."""

from django.urls import path

from . import bare

urlpatterns = [path("", bare.plain_list)]
