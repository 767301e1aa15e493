"""Static files after an upgrade."""

import os

from operations import installation


def test_a_changed_file_that_is_older_than_its_copy_is_collected(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    style = source / "style.css"
    for words in ("old", "new"):
        style.write_text(words)
        os.utime(style, (1_000_000_000 + len(words), 1_000_000_000 if words == "old" else 999_999_999))
        installation.collect_static()
    assert (tmp_path / "collected" / "style.css").read_text() == "new"
