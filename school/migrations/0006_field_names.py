"""Say plainly what these fields ask for, in their names on forms and in Django’s admin. No column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('school', '0005_report_days'),
    ]

    operations = [
        migrations.AlterField(
            model_name='person',
            name='is_teacher',
            field=models.BooleanField(default=True, verbose_name='teaches, and goes on a walk each semester'),
        ),
        migrations.AlterField(
            model_name='school',
            name='norms',
            field=models.TextField(blank=True, verbose_name='our norms, one per line'),
        ),
    ]
