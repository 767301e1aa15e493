"""Once the second half of 0001, which now holds everything; kept because installations remember its name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('notifications', '0001_initial')]
    operations = []
