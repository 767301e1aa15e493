"""People without an e-mail address have None. An empty address, which a script may have stored, becomes None, too."""

from django.db import migrations, models


def forget_empty_addresses(apps, schema_editor):
    """There is one at most, because addresses are unique."""
    apps.get_model("school", "Person").objects.filter(email="").update(email=None)


class Migration(migrations.Migration):
    dependencies = [("school", "0013_long_room_codes")]

    operations = [
        migrations.AlterField(
            model_name="person",
            name="email",
            field=models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name="e-mail"),
        ),
        migrations.RunPython(forget_empty_addresses, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", ""), _negated=True), name="person_email_not_empty"
            ),
        ),
    ]
