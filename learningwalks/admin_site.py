"""Django's admin without secrets and without private words: what other packages registered is taken out again."""

from __future__ import annotations

from django.contrib import admin

# The directory, nothing else: apps below this line of the product have their own pages and their own privacy.
DIRECTORY_APPS = {"school", "walks"}


def keep_only_directory() -> None:
    """Unregister authenticators (their keys), sessions, sign-in addresses and groups of rights."""
    for model in list(admin.site._registry):
        if model._meta.app_label not in DIRECTORY_APPS:
            admin.site.unregister(model)
