"""Store in which order names are said. A single name becomes the family name, because lists are sorted by that."""

from django.db import migrations, models
from django.db.models import F


def store_single_names(apps, schema_editor):
    """Erased people keep theirs: it is no name."""
    single = apps.get_model("school", "Person").objects.filter(family_name="", erased_at=None).exclude(given_name="")
    single.update(family_name=F("given_name"), given_name="")


class Migration(migrations.Migration):
    dependencies = [("school", "0015_lesson_kind_and_validity")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="family_name_first",
            field=models.BooleanField(db_default=False, default=False, verbose_name="family name is said first"),
        ),
        migrations.AddField(
            model_name="school",
            name="family_name_first",
            field=models.BooleanField(db_default=False, default=False, verbose_name="family names are said first"),
        ),
        migrations.AlterField(
            model_name="person",
            name="given_name",
            field=models.CharField(blank=True, max_length=60, verbose_name="given name"),
        ),
        migrations.RunPython(store_single_names, migrations.RunPython.noop),
    ]
