"""Compare our safe processing of a twelve-megapixel photo with Pillow's plain decode, resize and encode."""

from __future__ import annotations

import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image

SIZE = (4032, 3024)
TIMES = 7
# Each way runs in a new process. Here, the start of Python does not count.
PLAIN = """
import io, resource, sys, time
from PIL import Image, ImageOps
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.process_time()
image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
image.thumbnail((2048, 2048))
image.convert("RGB").save(io.BytesIO(), "JPEG", quality=82, progressive=True)
print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def photo() -> bytes:
    """Return a JPEG with as much detail as a photo: noise over gradients."""
    width, height = SIZE
    noise = Image.effect_noise((width // 4, height // 4), 60).resize(SIZE)
    light = Image.linear_gradient("L").resize(SIZE)
    picture = Image.merge("RGB", (noise, light, light.transpose(Image.Transpose.ROTATE_180)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def plain(data: bytes) -> tuple[float, float]:
    """Return the CPU seconds and MB that Pillow alone needs."""
    done = subprocess.run([sys.executable, "-c", PLAIN], input=data, stdout=subprocess.PIPE, check=True)
    seconds, kilobytes = done.stdout.split()
    return float(seconds), float(kilobytes) / 1024


def ours(data: bytes) -> tuple[float, float]:
    """Return the CPU seconds of our whole processing, child process included, and the MB of the child process."""
    code = "import io, sys; from bench.photo import clean; clean(sys.stdin.buffer.read())"
    done = subprocess.run([sys.executable, "-c", code], input=data, stdout=subprocess.PIPE, check=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def clean(data: bytes) -> None:
    """Process one photo as a web worker does. Print the CPU seconds and MB used."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from observations.photos import images

    before = time.process_time()
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        images.clean(file)
    own = time.process_time() - before
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(json.dumps([own + child.ru_utime + child.ru_stime, child.ru_maxrss / 1024]))


def measure() -> dict[str, float]:
    """Measure both ways alternately."""
    data = photo()
    pairs = [(plain(data), ours(data)) for _n in range(TIMES)]
    return {
        "plain ms": statistics.median(seconds for (seconds, _mb), _ours in pairs) * 1000,
        "ours ms": statistics.median(seconds for _plain, (seconds, _mb) in pairs) * 1000,
        "plain MB": statistics.median(mb for (_seconds, mb), _ours in pairs),
        "ours MB": statistics.median(mb for _plain, (_seconds, mb) in pairs),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
