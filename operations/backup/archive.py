"""The archive: a ZIP with the database, the photos and, last, a manifest with the checksum of each file.

A ZIP that was cut off has no directory at its end, so it is never taken for a whole one. Only its owner may read it.
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
    """A backup or a restore that cannot go on; the words are for whoever started it."""


@dataclass
class Manifest:
    """What the archive holds. Numbers, names of tables and random names of photos; no private word."""

    made_at: str
    product: str
    vendor: str
    server: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)  # name in the archive: SHA-256
    removed_meanwhile: list[str] = field(default_factory=list)  # photos that their owners removed during the backup
    missing: list[str] = field(default_factory=list)  # photos whose file was not there
    format: int = FORMAT


class Writer:
    """Writes beside the target and moves into place at the end, so that a half archive never has the right name."""

    def __init__(self, target: Path) -> None:
        self.target, self.part = target, target.with_name(f".{target.name}.part")
        self.part.unlink(missing_ok=True)
        self.sums: dict[str, str] = {}
        descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "w+b")
        self.zip = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        """Close it, whole or not: an open ZIP would complain when Python throws it away, after the file is closed."""
        try:
            with suppress(OSError, ValueError):
                self.zip.close()
            self.file.close()
        finally:
            self.part.unlink(missing_ok=True)

    def add(self, name: str, source: IO[bytes], *, pack: bool) -> None:
        """One file; photos are packed already."""
        entry, digest = zipfile.ZipInfo(name), hashlib.sha256()
        entry.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        with self.zip.open(entry, "w", force_zip64=True) as into:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                into.write(chunk)
        self.sums[name] = digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """The manifest, then onto the disk, then under its name."""
        manifest.files = self.sums
        self.zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1), zipfile.ZIP_DEFLATED)
        self.zip.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.part.replace(self.target)


class Reader:
    """Reads an archive; every file is checked while it is unpacked."""

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
        """The names of the photos, as the storage knows them."""
        return [name.removeprefix(MEDIA) for name in self.manifest.files if name.startswith(MEDIA)]

    def unpack(self, name: str, into: IO[bytes]) -> None:
        """One file, in full and as it was, or a BackupError."""
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
        """Every file, before anything is touched."""
        with open(os.devnull, "wb") as nowhere:
            for name in self.manifest.files:
                self.unpack(name, nowhere)
