"""Rename a column by what it says: SMTP's DATA has started, so the server may have the mail."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0004_nudge_words_and_sender'),
    ]

    operations = [
        migrations.RenameField('message', 'fenced_at', 'data_started_at'),
    ]
