"""Files that are not photos are refused with an explanation, and do no harm to the server."""

import errno
import io
import os
import resource
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from observations.photos import image_worker, images
from observations.photos.images import PhotoError, clean

from . import photo_files as files
from .photo_checks import KINDS, cleaned, decoded, refusal


@pytest.mark.parametrize("what", files.not_photos())
def test_other_files_are_refused_whatever_their_name(what):
    words = refusal(files.not_photos()[what])
    assert words == "That file isn’t a photo we can read. Try JPEG, PNG or HEIC, up to 15 MB."


def test_an_empty_file_is_refused():
    assert refusal(b"") == "That file is empty. Choose the photo again."


def test_a_file_over_15_mb_is_refused_before_it_is_decoded():
    assert refusal(b"\xff\xd8\xff" + bytes(images.MAX_BYTES)).startswith("That photo is bigger than 15 MB.")


def test_the_declared_size_of_a_file_is_not_trusted():
    upload = SimpleUploadedFile("photo.jpg", bytes(images.MAX_BYTES + 1))
    upload.size = 10
    with pytest.raises(PhotoError, match="bigger than 15 MB"):
        clean(upload)


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_000), (65_000, 65_000), (5001, 5001), (100_000, 600)])
def test_a_picture_with_too_many_pixels_is_refused_within_two_seconds(width, height):
    content = files.png_bomb(width, height)
    started = files.processor_seconds()
    assert refusal(content).startswith("That photo has too many pixels")
    assert files.processor_seconds() - started < 2


def test_jpeg_and_webp_with_too_many_pixels_are_refused():
    assert refusal(files.claiming(20_000, 10_000)).startswith("That photo has too many pixels")
    big = files.encoded(Image.new("L", (3600, 3500)), "WEBP", method=0)
    assert refusal(big).startswith("That photo has too many pixels")


def test_a_jpeg_that_claims_a_larger_size_does_no_harm():
    with pytest.raises(PhotoError):
        cleaned(files.claiming(6000, 8000)[:-200])


def test_a_text_bomb_in_a_png_is_refused_within_five_seconds():
    started = files.processor_seconds()
    refusal(files.text_bomb())
    assert files.processor_seconds() - started < 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_that_is_cut_off_is_refused(kind):
    content = files.encoded(files.textured(320, 240), kind)
    for tenth in range(1, 10):
        assert refusal(content[: 16 + (len(content) - 16) * tenth // 11]).startswith("That photo seems to be damaged.")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_flipped_bytes_is_cleaned_or_refused(kind):
    whole = files.encoded(files.textured(160, 120), kind)
    for step in range(8):
        content = bytearray(whole)
        for at in range(16 + step * 7, len(content), 61 + 100 * step):
            content[at] ^= 0xA5
        try:
            decoded(cleaned(bytes(content)))
        except PhotoError as refused:
            assert str(refused)  # noqa: PT017 (both outcomes are right)


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x01\x00\x00WEBPVP8 ", b"\x00\x00\x00\x18ftypheic"]
)
def test_nonsense_after_a_correct_start_is_refused(start):
    assert refusal(start + bytes(range(256)) * 20).startswith("That photo seems to be damaged.")


# --- When things go wrong -----------------------------------------------------------------


def replace_decoder(tmp_path, monkeypatch, code):
    """Let this code run in the process of the decoder."""
    script = tmp_path / "decoder.py"
    script.write_text(code)
    monkeypatch.setattr(image_worker, "__file__", str(script))


def test_a_crash_of_the_decoder_refuses_the_photo(tmp_path, monkeypatch, caplog):
    replace_decoder(tmp_path, monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert refusal(files.encoded(files.quarters())).startswith("That photo seems to be damaged.")
    assert caplog.messages == ["A photo worker for JPEG ended with -9"]


def test_a_decoder_that_does_not_end_is_stopped(tmp_path, monkeypatch, caplog):
    replace_decoder(tmp_path, monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(images, "WALL_SECONDS", 0.2)
    assert refusal(files.encoded(files.quarters())).startswith("Many photos are coming in right now.")
    assert caplog.messages == ["A photo worker for JPEG took too long"]


def test_a_result_that_is_no_jpeg_is_refused(tmp_path, monkeypatch):
    replace_decoder(tmp_path, monkeypatch, "print('10 10'); print('<script>')")
    assert refusal(files.encoded(files.quarters())).startswith("That photo seems to be damaged.")


def test_the_decoder_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "swordfish")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:swordfish@db/x")
    assert "swordfish" not in str(images._environment())


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux shows the limits of another process")
def test_memory_and_time_of_the_decoder_are_limited():
    """The decoder limits itself before it reads the photo. This reads the limits of one that waits for its photo."""
    command, found = [sys.executable, "-P", image_worker.__file__, "JPEG"], {}
    wanted = {resource.RLIMIT_DATA: 300 * 1024**2, resource.RLIMIT_CPU: 4}
    decoder, ends = subprocess.Popen(command, stdin=subprocess.PIPE), time.monotonic() + 20
    try:
        while found != wanted and time.monotonic() < ends:
            time.sleep(0.05)
            found = {kind: resource.prlimit(decoder.pid, kind)[1] for kind in wanted}
    finally:
        decoder.kill()
        decoder.communicate()
    assert found == wanted


def test_without_a_free_decoder_the_person_is_asked_to_wait(monkeypatch):
    busy = threading.BoundedSemaphore(1)
    busy.acquire()
    monkeypatch.setattr(images, "WORKERS_AT_ONCE", busy)
    monkeypatch.setattr(images, "QUEUE_SECONDS", 0.01)
    assert refusal(files.encoded(files.quarters())).startswith("Many photos are coming in right now.")


def test_some_of_many_uploads_at_once_are_refused_and_succeed_when_repeated():
    content = files.encoded(files.textured(1600, 1200))
    refusals = []

    def upload():
        for _ in range(100):
            try:
                return cleaned(content)
            except PhotoError as error:
                refusals.append(str(error))
                time.sleep(0.2)
        return None

    with ThreadPoolExecutor(8) as pool:
        results = [future.result() for future in [pool.submit(upload) for _ in range(8)]]
    assert [(result.width, result.height) for result in results] == [(1600, 1200)] * 8
    assert len(refusals) >= 4
    assert set(refusals) == {str(images.BUSY)}


class BrokenUpload(io.BytesIO):
    """Fails while it is being copied, as a full or broken disk does."""

    def __init__(self, code):
        self.code = code

    def read(self, _size=-1):
        raise OSError(self.code, os.strerror(self.code))


def test_the_error_of_a_full_disk_is_explained():
    with pytest.raises(PhotoError, match="There is no space for the photo right now"):
        clean(BrokenUpload(errno.ENOSPC))


def test_other_disk_errors_are_not_hidden():
    with pytest.raises(OSError, match="Input/output"):
        clean(BrokenUpload(errno.EIO))


def test_nothing_stays_in_the_scratch_folder(tmp_path):
    clean(io.BytesIO(files.encoded(files.quarters())), scratch=tmp_path)
    with pytest.raises(PhotoError):
        clean(io.BytesIO(b"\xff\xd8\xff no photo"), scratch=tmp_path)
    assert list(tmp_path.iterdir()) == []
