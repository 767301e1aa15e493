"""Name the constraint of a suggested date by what it demands. Its condition does not change."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('walks', '0003_field_names'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='walk',
            name='walk_suggestion_whole',
        ),
        migrations.AddConstraint(
            model_name='walk',
            constraint=models.CheckConstraint(
                condition=models.Q(('suggested_date__isnull', True), ('suggested_period__isnull', False), _connector='OR'),
                name='walk_suggested_date_has_period',
            ),
        ),
    ]
