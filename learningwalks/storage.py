"""Static files under names that contain a hash of their content."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage with a cache of URLs: a page needs twenty of them, and each look-up takes time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(super().url)  # type: ignore[method-assign]

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress only the hashed files. The others serve only plain.html, the page for a broken installation."""
        named = set(self.hashed_files.values())
        yield from super().compress_files(path for path in paths if path in named)
