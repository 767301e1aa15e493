"""A backup includes the photos of an S3 store, and a restore puts them back there."""

import pytest

from observations.tests.photos.s3 import running_store
from operations.tests.backup.backups import CREATE_SCHOOL, READ_BACK, installation_in

pytestmark = [pytest.mark.services, pytest.mark.not_on_postgresql]
PHOTO = """
photo = Photo(pk=uuid.uuid4(), stop=stop, width=4, height=3, description="in-the-store", taken_at=now)
photo.file.save("x.jpg", ContentFile(b"bytes-in-the-store"), save=False)
photo.save(force_insert=True)
"""


def test_photos_of_a_store_are_restored(tmp_path):
    with running_store() as store, installation_in(tmp_path / "data") as site:
        site.env |= store.environment
        site.run(CREATE_SCHOOL + PHOTO)
        kept = store.names
        site.command("backup", tmp_path / "backup.zip")
        store.empty()
        site.command("restore", tmp_path / "backup.zip", "--yes")
        seen = site.run_json(READ_BACK)
        assert (store.names, len(kept), seen["photos"], seen["bad"]) == (kept, 1, 1, 0)
