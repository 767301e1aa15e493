"""Make the screenshots of the documentation (docs/images/*.png) from a fresh demo school."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from chromium import find
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
Theme = Literal["light", "dark"]


def main() -> None:
    """Start a demo, take the screenshots, stop it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        base, server = start_demo(folder)
        try:
            browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
            for take in PICTURES:
                take(browser, base)
        finally:
            server.terminate()
            server.wait(20)


def start_demo(folder: str) -> tuple[str, subprocess.Popen[bytes]]:
    """Start a web server on a free port with a fresh demo school."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "DATA_DIR": folder,
        "DEMO": "1",
        "PORT": str(port),
        "LW_PLAIN_STATIC": "1",
        "LOG_LEVEL": "WARNING",
    }
    for words in (["migrate", "-v0"], ["createcachetable"], ["seed_demo"]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True)
    command = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload", "-v0"]
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    base = f"http://127.0.0.1:{port}"
    for _attempt in range(100):
        try:
            urllib.request.urlopen(f"{base}/healthz")
            return base, server
        except OSError:
            time.sleep(0.2)
    sys.exit("The demo server did not start.")


def signed_in(browser: Browser, base: str, who: str, size: ViewportSize, theme: Theme = "light") -> Page:
    """Return a page that is signed in as one of the demo people."""
    page = browser.new_context(viewport=size, color_scheme=theme, device_scale_factor=1.5).new_page()
    page.goto(f"{base}/sign-in/")
    page.fill("input[name=login]", f"{who}@maplehill.example")
    page.fill("input[name=password]", "learning-walks")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    return page


def save(page: Page, name: str) -> None:
    """Save the screenshot with 128 colours. That is enough for our design and keeps the file small."""
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128).save(path, optimize=True)
    print(path.relative_to(ROOT))


def home(browser: Browser, base: str) -> None:
    """Take Amara's home, on a desktop in light and on a phone in dark colours."""
    save(signed_in(browser, base, "walker", DESKTOP), "home")
    save(signed_in(browser, base, "walker", PHONE, "dark"), "home-phone-dark")


def plan(browser: Browser, base: str) -> None:
    """Take the planner with a chosen route."""
    page = signed_in(browser, base, "walker", DESKTOP)
    page.goto(f"{base}/walks/new/")
    page.locator("#step-rooms > summary").click()
    page.wait_for_timeout(600)
    page.evaluate("scrollTo(0, 0)")
    save(page, "plan")


def approvals(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "head", DESKTOP)
    page.goto(f"{base}/approvals/")
    save(page, "approvals")


def praise(browser: Browser, base: str) -> None:
    """Take the page on which one writes praise, on a phone."""
    page = signed_in(browser, base, "walker", PHONE)
    page.get_by_role("link", name=re.compile("^Write to ")).first.click()
    page.wait_for_load_state()
    save(page, "praise-phone")


def live(browser: Browser, base: str) -> None:
    """Take the pages before a room and in the room, with a note."""
    page = signed_in(browser, base, "walker", PHONE)
    page.get_by_role("link", name="Start walk").first.click()
    page.wait_for_load_state()
    save(page, "next-room-phone")
    page.get_by_role("button", name=re.compile("I.m in")).click()
    page.wait_for_load_state()
    page.locator("textarea").first.fill("Whiteboards at every table. All hold up the answer AND how.")
    page.wait_for_timeout(2500)
    save(page, "room-phone")


def report(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "admin", DESKTOP)
    page.goto(f"{base}/report/")
    save(page, "report")


PICTURES: list[Callable[[Browser, str], None]] = [home, plan, approvals, praise, report, live]

if __name__ == "__main__":
    main()
