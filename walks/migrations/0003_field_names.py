"""Say plainly what these fields ask for, in their names on forms and in Django’s admin. No column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('walks', '0002_sample_praise'),
    ]

    operations = [
        migrations.AlterField(
            model_name='practice',
            name='look_fors',
            field=models.TextField(blank=True, verbose_name='what to look for, one per line'),
        ),
        migrations.AlterField(
            model_name='practice',
            name='student_prompts',
            field=models.TextField(blank=True, verbose_name='questions to ask a student, one per line'),
        ),
    ]
