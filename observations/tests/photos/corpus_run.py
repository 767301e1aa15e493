"""Clean every file of a folder, as a web process would, and print what became of each as one JSON object.

`python -m observations.tests.photos.corpus_run FOLDER THREADS` writes each cleaned photo beside its file.
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

images.QUEUE_SECONDS = images.WALL_SECONDS = 120  # the machine may be busy with other tests


def clean_file(path):
    """Return the file's name, the words of the refusal (empty if it became a photo), and the seconds it took."""
    started = time.monotonic()
    try:
        with path.open("rb") as upload:
            clean = images.clean(upload)
    except images.PhotoError as refused:
        return path.name, str(refused), time.monotonic() - started
    path.with_suffix(".clean").write_bytes(clean.bytes)
    return path.name, "", time.monotonic() - started


def main(folder, threads):
    """Clean all files. Print the outcomes, the memory of the largest worker in MB, and all processor seconds."""
    with ThreadPoolExecutor(int(threads)) as pool:
        outcomes = list(pool.map(clean_file, sorted(Path(folder).glob("*.upload"))))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest, processor = used.ru_maxrss // 1024, used.ru_utime + used.ru_stime
    print(json.dumps({"outcomes": outcomes, "largest": largest, "processor": processor}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
