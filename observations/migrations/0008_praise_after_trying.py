"""Allow a second praise to a host, after an idea from their room was tried."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('observations', '0007_thanks_sent_at'),
        ('walks', '0009_notes_rule'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='praise',
            name='after_trying',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='praise',
            name='stop',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='praises', related_query_name='praise', to='walks.stop'),
        ),
        migrations.AddConstraint(
            model_name='praise',
            constraint=models.UniqueConstraint(fields=('stop', 'after_trying'), name='praise_once_after_visit_and_trying'),
        ),
    ]
