"""Every address of the product. One include per app; the pages that join apps are here."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
