#!/usr/bin/env python3
"""Fetch the pinned front-end packages with npm and copy the files we serve into static/vendor.

Run from the project's folder: python3 scripts/vendor_frontend.py [folder with .tgz files already packed]. The product
does not need this script to run; the result is committed together with static/vendor/VERSIONS.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor"
PACKAGES = {"bootstrap": "5.3.9", "bootstrap-icons": "1.13.2", "htmx.org": "2.0.11"}
FILES = {
    "bootstrap": {"dist/css/bootstrap.min.css": "bootstrap.min.css", "LICENSE": "LICENSE"},
    "bootstrap-icons": {"LICENSE": "LICENSE"},
    "htmx.org": {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
}
ICONS = (Path(__file__).parent / "icons.txt").read_text().split()  # one name per line, as in bootstrap-icons


def pack(name: str, version: str, folder: Path) -> Path:
    """Return the package's tarball: from the folder, or fetched by npm."""
    tarball = folder / f"{name}-{version}.tgz"
    if not tarball.exists():
        npm = shutil.which("npm") or sys.exit("npm is needed to fetch packages.")
        subprocess.run([npm, "pack", f"{name}@{version}"], cwd=folder, check=True)
    return tarball


def without_map(data: bytes) -> bytes:
    """Remove the source map comment, which would break hashed static files."""
    text = data.decode("utf-8")
    return re.sub(r"\s*(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$", "\n", text).encode("utf-8")


def unpack(name: str, tarball: Path) -> str:
    """Copy our files out of the tarball. Return the licence named in package.json."""
    folder = TARGET / name.removesuffix(".org")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wanted = dict(FILES[name])
    if name == "bootstrap-icons":
        wanted |= {f"icons/{icon}.svg": f"{icon}.svg" for icon in ICONS}
    with tarfile.open(tarball) as archive:
        for source, target in wanted.items():
            member = archive.extractfile(f"package/{source}")
            if member is None:
                sys.exit(f"{name} has no {source}")
            data = member.read()
            (folder / target).write_bytes(without_map(data) if target.endswith((".css", ".js")) else data)
        manifest = archive.extractfile("package/package.json")
        return str(json.loads(manifest.read())["license"]) if manifest else ""


def main(folder: Path) -> None:
    """Refresh every package and write VERSIONS: name, version, licence, SHA-256 of the tarball."""
    lines = ["# name version licence sha256-of-the-npm-tarball (written by scripts/vendor_frontend.py)"]
    for name, version in PACKAGES.items():
        tarball = pack(name, version, folder)
        licence = unpack(name, tarball)
        lines.append(f"{name} {version} {licence} {hashlib.sha256(tarball.read_bytes()).hexdigest()}")
    (TARGET / "VERSIONS").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
