"""Strict content security policy: the header, and that no template breaks it."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

DOWNLOADED = "my_data_file.html"  # people open it from their own disk
TEMPLATES = sorted(
    path
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
    if "emails" not in path.parts and path.name != DOWNLOADED
)
VENDOR = Path(settings.BASE_DIR, "static", "vendor")
FORBIDDEN = {
    "inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son\w+\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "htmx evaluation": re.compile(r"hx-on|[\"']js:|hx-vars", re.IGNORECASE),
    "foreign address": re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE),
}


def test_the_sign_in_page_carries_the_policy(client, school):
    policy = dict(
        part.strip().partition(" ")[::2] for part in client.get("/sign-in/")["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "img-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    } | ({"worker-src": policy["worker-src"]} if "worker-src" in policy else {})


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR / "templates").as_posix()
)
def test_no_template_needs_more_than_the_policy_allows(path):
    source = path.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


def test_vendored_files_name_no_source_map():
    served = [*VENDOR.rglob("*.css"), *VENDOR.rglob("*.js")]
    assert served
    assert [path.name for path in served if "sourceMappingURL" in path.read_text()] == []


def test_every_vendored_package_has_its_licence_and_version():
    lines = [line.split() for line in (VENDOR / "VERSIONS").read_text().splitlines() if not line.startswith("#")]
    assert [len(line) for line in lines] == [4, 4, 4]
    assert all((VENDOR / name.removesuffix(".org") / "LICENSE").exists() for name, *_ in lines)
    assert {len(checksum) for *_, checksum in lines} == {len(hashlib.sha256().hexdigest())}
