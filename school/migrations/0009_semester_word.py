"""Store the word for a semester in sentences ("your autumn walk"), which was guessed from its name so far."""

import re

from django.db import migrations, models

SEASONS = {"autumn", "fall", "winter", "spring", "summer"}


def store_guessed_words(apps, schema_editor):
    """Other semesters keep the default word."""
    for semester in apps.get_model("school", "Semester").objects.all():
        seasons = [word for word in re.findall(r"\w+", semester.name.lower()) if word in SEASONS]
        if seasons:
            semester.word = seasons[0]
            semester.save(update_fields=["word"])


class Migration(migrations.Migration):
    dependencies = [("school", "0008_opened_at")]

    operations = [
        migrations.AddField(
            model_name="semester",
            name="word",
            field=models.CharField(default="semester", max_length=30, verbose_name="word in sentences"),
        ),
        migrations.RunPython(store_guessed_words, migrations.RunPython.noop),
    ]
