"""The web server is killed during photo uploads: no row without its file, and files without a row are deleted."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from observations.tests.photos.photo_files import encoded, quarters

from .sizes import SIZES
from .tools import end, figure

pytestmark = pytest.mark.services
LOOK = """
from pathlib import Path
from observations import retention
from observations.models import Photo
files = {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*.jpg")}
for name in files:  # the file system does not know on which date this test runs
    os.utime(Path(settings.MEDIA_ROOT) / name, (now.timestamp(), now.timestamp()))
rows = set(Photo.objects.values_list("file", flat=True))
retention.remove_orphan_photos(now=now)
new = len(list(Path(settings.MEDIA_ROOT).rglob("*.jpg")))
retention.remove_orphan_photos(now=now + dt.timedelta(hours=25))
left = {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*.jpg")}
print(len(rows), len(rows - files), len(files - rows), new == len(files), left == rows)
"""


def upload(site, number):
    walker = site.people["walkers"][4 + number % 4]
    page = f"/walks/{walker['walk']}/go/{walker['stops'][number // 4 % 4]}/photos/"
    photo = (f"{number}.jpg", encoded(quarters(1600, 960)))
    return site.client(walker).post(page, {"photo_id": uuid.uuid4()}, file=photo, headers={"X-Upload": "1"}).status


def test_a_killed_server_leaves_no_row_without_its_file(served):
    answers = []
    for _ in range(SIZES.server_kills):
        with ThreadPoolExecutor(SIZES.uploads) as pool:
            uploads = [pool.submit(upload, served, number) for number in range(SIZES.uploads)]
            time.sleep(random.uniform(1.0, 2.0))
            end(served.server)
            answers += [future.result() for future in uploads]
        served.server = served.serve()
    rows, without_file, orphans, kept_new, cleared = served.run(LOOK).split()
    assert set(answers) <= {0, 201, 503}  # cut off, stored, or asked to try again because of a queue
    assert answers.count(201) <= int(rows)
    assert (without_file, kept_new, cleared) == ("0", "True", "True")
    assert upload(served, 0) == 201
    figure(f"{len(answers)} uploads, server killed {SIZES.server_kills} times: rows without a file", without_file, 0)
    figure("… files without a row, left after the clean-up", f"{orphans}, 0", "any, 0")
