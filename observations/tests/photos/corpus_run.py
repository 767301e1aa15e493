"""Lets the product clean every file of a folder, as a web process would, and says what became of each.

`python -m observations.tests.photos.corpus_run FOLDER THREADS` prints one JSON object; results stand beside their
files.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

django.setup()

from observations.photos import images  # noqa: E402 (after the setup)

images.QUEUE_SECONDS = images.WALL_SECONDS = 120  # nobody waits here, and the machine may be busy with other tests


def one(path):
    """Words of the refusal, or nothing when it became a photo; and the seconds it took."""
    started = time.monotonic()
    try:
        with path.open("rb") as upload:
            clean = images.clean(upload)
    except images.PhotoError as refused:
        return path.name, str(refused), time.monotonic() - started
    path.with_suffix(".clean").write_bytes(clean.bytes)
    return path.name, "", time.monotonic() - started


def main(folder, threads):
    """Everything, several at once; then how much memory the hungriest worker took, and the processor time of all."""
    with ThreadPoolExecutor(int(threads)) as pool:
        outcomes = list(pool.map(one, sorted(Path(folder).glob("*.upload"))))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest, processor = used.ru_maxrss // 1024, used.ru_utime + used.ru_stime
    print(json.dumps({"outcomes": outcomes, "largest": largest, "processor": processor}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
