"""Write the software bill of materials as CycloneDX JSON, from requirements.lock and static/vendor/VERSIONS.

Usage: python scripts/sbom.py [FILE]. Without a file, it prints the list. It needs no network. `make sbom` calls it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, Any]]:
    """Return every pinned package with its checksums, in the order of the lock file."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if match := LINE.match(line):
            found.append(_component(match["name"].lower(), match["version"], match["marker"]))
        elif found and (checksum := HASH.search(line)):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": checksum[1]})
    return found


def _component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    made = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": []}
    return made | ({"properties": [{"name": "python:marker", "value": marker}]} if marker else {})


def vendored() -> list[dict[str, Any]]:
    """Return the front-end packages in static/vendor, from its VERSIONS file."""
    lines = (ROOT / "static" / "vendor" / "VERSIONS").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [_from_npm(*row) for row in rows]


def _from_npm(name: str, version: str, licence: str, checksum: str) -> dict[str, Any]:
    purl = f"pkg:npm/{name}@{version}"
    made = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return made | {
        "licenses": [{"license": {"id": licence}}],
        "hashes": [{"alg": "SHA-256", "content": checksum}],
    }


def _version() -> str:
    found = re.search(r'__version__ = "(.+?)"', (ROOT / "learningwalks" / "__init__.py").read_text())
    assert found is not None
    return found[1]


def bom() -> dict[str, Any]:
    """Return the whole list. The same lock file gives the same serial number."""
    lock = (ROOT / "requirements.lock").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    digest = hashlib.sha256(lock.encode()).hexdigest()
    product = {"type": "application", "bom-ref": "product", "name": project["name"], "version": _version()}
    parts = [*components(lock), *vendored()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(digest[:32])}",
        "version": 1,
        "metadata": {"component": product},
        "components": parts,
        "dependencies": [{"ref": "product", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


if __name__ == "__main__":
    text = json.dumps(bom(), indent=2) + "\n"
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)
