from django.db import migrations
from django.db.models import F


def mark_known_thanks_seen(apps, schema_editor):
    """Thanks given before this update were told by e-mail; they are no news for the Praise pages."""
    praise = apps.get_model("observations", "Praise")
    known = praise.objects.filter(host_thanked_at__isnull=False, thanks_seen_at__isnull=True)
    known.update(thanks_seen_at=F("host_thanked_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("observations", "0005_praise_news"),
    ]

    operations = [migrations.RunPython(mark_known_thanks_seen, migrations.RunPython.noop, elidable=True)]
