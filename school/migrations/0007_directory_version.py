from django.db import migrations

from school.models.versions import VersionField


class Migration(migrations.Migration):
    dependencies = [("school", "0006_field_names")]

    operations = [
        migrations.AddField(
            model_name="school",
            name="directory_version",
            field=VersionField(db_default=0, default=0, editable=False),
        ),
    ]
