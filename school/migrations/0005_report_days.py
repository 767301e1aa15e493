"""Rename a column by what it says: how many days the report of a semester is kept."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('school', '0004_staff_number'),
    ]

    operations = [
        migrations.RenameField('school', 'fact_days', 'report_days'),
    ]
