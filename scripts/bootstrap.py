"""Create .venv and install the locked requirements, so that `make` needs only Python, pip and make.

Usage: python3 scripts/bootstrap.py [--server | --dev]. It uses the standard library only, and old syntax, so that it
also runs on a Python that is too old and can say so.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
RUNTIME = ROOT / "requirements.lock"
SERVER = ROOT / "requirements-server.lock"
DEV = ROOT / "requirements-dev.lock"
CONTAINS = {RUNTIME: [RUNTIME], SERVER: [SERVER, RUNTIME], DEV: [DEV, SERVER, RUNTIME]}
UV = ROOT / "requirements-uv.lock"
OLDEST = (3, 11)


def main() -> None:
    """Bring .venv up to date. Do nothing if it is up to date."""
    if sys.version_info < OLDEST:
        sys.exit("Learning Walks needs Python 3.11 or newer; %s is %s." % (sys.executable, sys.version.split()[0]))
    lock = wanted_lock(sys.argv[1:])
    if is_current(lock):
        return
    try:
        make_venv()
        install(lock)
    except OSError as error:
        sys.exit("The folder %s cannot be written: %s." % (VENV, error.strerror))
    remember(lock)


def wanted_lock(options: "list[str]") -> Path:
    if "--dev" in options:
        return DEV
    if "--server" in options:
        return SERVER
    return RUNTIME


def is_current(lock: Path) -> bool:
    """Return whether these versions are installed and the environment still works."""
    return digest(lock) in remembered() and works()


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def remembered() -> "list[str]":
    """Return the digests of the installed lock files."""
    try:
        return list(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return []


def remember(lock: Path) -> None:
    """Store which lock files are installed now. A larger set contains the smaller ones."""
    STAMP.write_text(json.dumps([digest(contained) for contained in CONTAINS[lock]]))


def works() -> bool:
    """Return whether the environment's Python starts and is new enough."""
    if not PYTHON.exists():
        return False
    check = "import sys, django, celery; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(PYTHON), "-c", check], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    """Create an empty environment, unless a working one exists."""
    if PYTHON.exists() and subprocess.run([str(PYTHON), "-c", ""], capture_output=True, check=False).returncode == 0:
        return
    say("Creating .venv with Python " + sys.version.split()[0])
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode and not venv_without_pip():
        last = (made.stderr or made.stdout).strip().splitlines()[-1:]
        sys.exit("Python cannot create a virtual environment (on Debian: apt install python3-venv). " + " ".join(last))


def venv_without_pip() -> bool:
    """Create an environment without pip, for Debian without python3-venv. The system's pip can install into it."""
    shutil.rmtree(VENV, ignore_errors=True)
    return not subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(VENV)], capture_output=True, check=False
    ).returncode


def install(lock: Path) -> None:
    """Install with uv (seconds), or with pip if uv is not available."""
    say("Installing " + lock.name)
    if quietly(pip() + ["-r", str(UV), "--require-hashes", "--only-binary", ":all:"]) and with_uv(lock):
        return
    say("uv does not work here; using pip, which takes a minute or two")
    installed = subprocess.run(pip() + ["--require-hashes", "-r", str(lock)], check=False)
    if installed.returncode:
        sys.exit("The requirements could not be installed: see pip's messages above. Is the package index reachable?")


def with_uv(lock: Path) -> bool:
    """Install with uv from the index that pip is configured for."""
    command = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
    return quietly(command + ["--require-hashes", "-r", str(lock)], env={**os.environ, **index_of_pip()})


def index_of_pip() -> "dict[str, str]":
    """Return pip's index and certificates as variables for uv, which does not read pip's configuration."""
    listed = subprocess.run(pip("config", "list"), capture_output=True, text=True, check=False).stdout
    settings = dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)
    found = {}
    for key, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        for scope in ("global.", "user.", "site.", "install.", ":env:."):
            if scope + key in settings and variable not in os.environ:
                found[variable] = settings[scope + key].strip("'\"")
    return found


def pip(*words: str) -> "list[str]":
    """Return a pip command for the environment. If the environment has no pip, use the system's pip."""
    words = words or ("install", "--quiet", "--disable-pip-version-check", "--no-input")
    inside = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    command = [str(PYTHON), "-m", "pip"] if inside else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return command + list(words)


def quietly(command: "list[str]", env: "dict[str, str] | None" = None) -> bool:
    """Run the command. Return whether it succeeded."""
    return subprocess.run(command, capture_output=True, check=False, env=env).returncode == 0


def say(text: str) -> None:
    """Print and flush."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
