"""The product's settings plus the reference views. Used only by `bench`."""

from learningwalks.settings import *  # noqa: F403
from learningwalks.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "bench" / "templates"]
