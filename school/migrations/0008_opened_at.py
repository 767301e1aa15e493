from django.db import migrations, models
from django.db.models import Min
from django.utils import timezone


def open_existing_schools(apps, schema_editor):
    """Schools that are here already are open, since their first person was added."""
    for school in apps.get_model("school", "School").objects.annotate(first=Min("people__joined_at")):
        school.opened_at = school.first or timezone.now()
        school.save(update_fields=["opened_at"])


class Migration(migrations.Migration):
    dependencies = [("school", "0007_directory_version")]

    operations = [
        migrations.AddField(
            model_name="school",
            name="opened_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(open_existing_schools, migrations.RunPython.noop, elidable=True),
    ]
