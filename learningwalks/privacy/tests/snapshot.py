"""All stored rows and files, to compare before with after."""

from collections import Counter
from pathlib import Path

from django.apps import apps
from django.conf import settings

NOT_COMPARED = {"sessions.session", "contenttypes.contenttype", "auth.permission", "notifications.heartbeat"}


def rows():
    """Return {(table, key): row} of every table, including many-to-many tables."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.label_lower not in NOT_COMPARED]
    return {
        (model._meta.label_lower, row["pk"]): row
        for model in models
        for row in model._base_manager.values("pk", *(field.attname for field in model._meta.fields))
    }


def files():
    """Return the names of all stored files."""
    return {path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def removed_rows(before, after):
    """Count the removed rows of each table."""
    return dict(Counter(table for table, _key in before.keys() - after.keys()))


def changed_columns(before, after):
    """Return the changed columns of rows that still exist."""
    return {
        f"{key[0]}.{column}"
        for key in before.keys() & after.keys()
        for column in before[key]
        if before[key][column] != after[key][column]
    }
