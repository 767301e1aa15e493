"""Rooms may have longer codes. Each room gets a plate: so far every code is short enough to be its own."""

from django.db import migrations, models
from django.db.models import F

import school.models.places


def show_codes_on_plates(apps, schema_editor):
    apps.get_model("school", "Room").objects.update(plate=F("code"))


class Migration(migrations.Migration):
    dependencies = [("school", "0012_days_and_bells")]

    operations = [
        migrations.AlterField("room", "code", models.CharField(max_length=40, verbose_name="room")),
        migrations.AddField(
            "room",
            "plate",
            school.models.places.PlateField(blank=True, default="", max_length=6, verbose_name="plate"),
            preserve_default=False,
        ),
        migrations.RunPython(show_codes_on_plates, migrations.RunPython.noop),
    ]
