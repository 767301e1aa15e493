"""Each school gets one campus with all its buildings. Places get an order, and rooms the sort key of their code."""

import django.db.models.deletion
from django.db import migrations, models

import school.models.places
from school.text.natural_order import natural_key

ROOMS_AT_ONCE = 1000


def give_each_school_a_campus(apps, schema_editor):
    """PostgreSQL changes a table only after its pending checks of references, so they are made at the end."""
    Building = apps.get_model("school", "Building")
    Campus = apps.get_model("school", "Campus")
    for school in apps.get_model("school", "School").objects.all():
        campus = Campus.objects.create(school=school, name="Main campus")
        Building.objects.filter(school=school).update(campus=campus)
    schema_editor.connection.check_constraints(["school_campus", "school_building"])


def sort_rooms(apps, schema_editor):
    Room = apps.get_model("school", "Room")
    rooms = list(Room.objects.order_by().only("code"))
    for room in rooms:
        room.code_order = natural_key(room.code)
    Room.objects.bulk_update(rooms, ["code_order"], batch_size=ROOMS_AT_ONCE)


def position():
    return models.PositiveSmallIntegerField(default=10000, editable=False, verbose_name="place in the list")


class Migration(migrations.Migration):
    dependencies = [("school", "0010_codes_and_aliases")]

    operations = [
        migrations.CreateModel(
            name="Campus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("position", position()),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="campuses", to="school.school"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "campuses",
                "ordering": ["position", "name"],
                "constraints": [models.UniqueConstraint(fields=("school", "name"), name="campus_name_once")],
            },
        ),
        migrations.AddField("building", "position", position()),
        migrations.AddField("hallway", "position", position()),
        migrations.AddField("room", "position", position()),
        migrations.AddField(
            "room",
            "code_order",
            school.models.places.NaturalOrderField(default="", editable=False, max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            "building",
            "campus",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="buildings",
                to="school.campus",
            ),
        ),
        migrations.RunPython(give_each_school_a_campus, migrations.RunPython.noop),
        migrations.AlterField(
            "building",
            "campus",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="buildings", to="school.campus"
            ),
        ),
        migrations.RemoveConstraint("building", "building_name_once"),
        migrations.AddConstraint(
            "building",
            models.UniqueConstraint(fields=("campus", "name"), name="building_name_once_on_campus"),
        ),
        migrations.AlterModelOptions("building", {"ordering": ["campus", "position", "name"]}),
        migrations.AlterModelOptions("hallway", {"ordering": ["building", "position", "name"]}),
        migrations.AlterModelOptions("room", {"ordering": ["code_order", "code"]}),
        migrations.RunPython(sort_rooms, migrations.RunPython.noop),
    ]
