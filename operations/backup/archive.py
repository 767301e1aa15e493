"""The archive: a ZIP file with the database, the photos and, last, a manifest with a checksum for each file.

A truncated ZIP lacks the directory at its end, so nobody can mistake it for a complete one. Only the file's owner can
read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MEDIA = "media/"
CHUNK = 1024 * 1024


class BackupError(Exception):
    """A backup or restore failed. The message is shown to the operator."""


@dataclass
class Manifest:
    """The contents of the archive: counts, table names and random photo names, but no private data."""

    made_at: str
    product: str
    vendor: str
    server: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)  # name in the archive: SHA-256
    removed_meanwhile: list[str] = field(default_factory=list)  # photos whose owners removed them during the backup
    missing: list[str] = field(default_factory=list)  # photos whose file was already missing
    format: int = FORMAT


class Writer:
    """Writes to a temporary file beside the target and renames it at the end: a partial archive never has that name."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.part = target.with_name(f".{target.name}.part")
        self.part.unlink(missing_ok=True)
        self.sums: dict[str, str] = {}
        descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "w+b")
        self.zip = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            with suppress(OSError, ValueError):
                self.zip.close()  # also after an error: an open ZIP whose file is closed causes a warning later
            self.file.close()
        finally:
            self.part.unlink(missing_ok=True)

    def add(self, name: str, source: IO[bytes], *, pack: bool) -> None:
        """Add one file. `pack` compresses it; photos are compressed already."""
        entry = zipfile.ZipInfo(name)
        digest = hashlib.sha256()
        entry.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        with self.zip.open(entry, "w", force_zip64=True) as into:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                into.write(chunk)
        self.sums[name] = digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, flush to disk, then rename to the final name."""
        manifest.files = self.sums
        self.zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1), zipfile.ZIP_DEFLATED)
        self.zip.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.part.replace(self.target)


class Reader:
    """Reads an archive and verifies each file's checksum while unpacking it."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
            self.manifest = Manifest(**json.loads(self.zip.read(MANIFEST)))
        except FileNotFoundError:
            raise BackupError(f"There is no file {path}.") from None
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
            raise BackupError(f"{path} is damaged, or not a backup of Learning Walks.") from None
        if self.manifest.format > FORMAT:
            raise BackupError("The backup was made by a newer version of Learning Walks. Update first.")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self.zip.close()

    def photos(self) -> list[str]:
        """Return the photos' names as the storage knows them."""
        return [name.removeprefix(MEDIA) for name in self.manifest.files if name.startswith(MEDIA)]

    def unpack(self, name: str, into: IO[bytes]) -> None:
        """Copy one file out of the archive. Raise BackupError if it is damaged."""
        digest = hashlib.sha256()
        try:
            with self.zip.open(name) as source:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    into.write(chunk)
        except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
            raise BackupError(f"The backup is damaged ({name}).") from error
        if digest.hexdigest() != self.manifest.files[name]:
            raise BackupError(f"The backup is damaged ({name}).")

    def check(self) -> None:
        """Verify every file without writing anything."""
        with open(os.devnull, "wb") as nowhere:
            for name in self.manifest.files:
                self.unpack(name, nowhere)
