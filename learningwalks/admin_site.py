"""Django's admin without secrets and private words: remove most of the models that other packages register."""

from __future__ import annotations

from django.contrib import admin

# Only the directory: all other data has its own pages, which protect its privacy.
DIRECTORY_APPS = {"school", "walks"}


def keep_only_directory() -> None:
    """Unregister sign-in keys, sessions, sign-in addresses and permission groups."""
    for model in list(admin.site._registry):
        if model._meta.app_label not in DIRECTORY_APPS:
            admin.site.unregister(model)
