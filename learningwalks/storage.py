"""Static files under names that contain a hash of their content."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(r"^ */\*.*?\*/\n", re.DOTALL | re.MULTILINE)
OURS = ("css/", "js/")  # only our own files lose their comments: those of libraries contain the licence


def without_comments(text: str) -> str:
    """Return a style sheet or script without the comments that begin a line, so that phones load less."""
    return COMMENT.sub("", text)


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage with a cache of URLs, because each page needs twenty of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(super().url)

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Take the comments out of our collected styles and scripts before they get their hashed names."""
        ours = [] if dry_run else [name for name in paths if name.startswith(OURS)]
        for name in ours:
            with self.open(name) as file:
                text = without_comments(file.read().decode())
            self.delete(name)
            self._save(name, ContentFile(text))
        yield from super().post_process(paths | {name: (self, name) for name in ours}, dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress only the hashed files. Only plain.html, the page for a broken installation, uses the others."""
        named = set(self.hashed_files.values())
        yield from super().compress_files(path for path in paths if path in named)
