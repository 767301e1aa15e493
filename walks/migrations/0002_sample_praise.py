"""Rename a column by what it holds: a sample of praise, with gaps to fill in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('walks', '0001_initial'),
    ]

    operations = [
        migrations.RenameField('practice', 'praise_frame', 'sample_praise'),
        migrations.AlterField(
            'practice',
            'sample_praise',
            models.CharField(blank=True, max_length=300, verbose_name='sample praise'),
        ),
    ]
