"""Rename a column: when the host thanked the author for the praise. Its constraint names the column."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('observations', '0006_known_thanks'),
    ]

    operations = [
        migrations.RemoveConstraint('praise', 'praise_thanked_after_sent'),
        migrations.RenameField('praise', 'host_thanked_at', 'thanks_sent_at'),
        migrations.AddConstraint(
            'praise',
            models.CheckConstraint(
                condition=models.Q(('thanks_sent_at__isnull', True), ('sent_at__isnull', False), _connector='OR'),
                name='praise_thanked_after_sent',
            ),
        ),
    ]
