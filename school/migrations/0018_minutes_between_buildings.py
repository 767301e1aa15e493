import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("school", "0017_words_of_days")]

    operations = [
        migrations.AddField(
            "school",
            "minutes_between_buildings",
            models.PositiveSmallIntegerField(
                db_default=4,
                default=4,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(15),
                ],
                verbose_name="minutes from one building to another",
            ),
        ),
    ]
