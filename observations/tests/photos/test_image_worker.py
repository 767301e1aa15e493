"""The decoder of photos, called in the process of the test, so that coverage sees all its branches."""

import io

import pytest
from PIL import Image

from observations.photos import image_worker

from . import photo_files as files


def prepare(content, kind):
    """Return the exit code of the decoder and what it wrote."""
    target = io.BytesIO()
    code = image_worker.prepare(io.BytesIO(content), target, kind=kind)
    return code, target.getvalue()


@pytest.fixture(autouse=True)
def _pixel_limit(monkeypatch):
    """Restore Pillow's limit, which the decoder changes."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_photo_is_written_with_its_size_in_front(kind):
    code, result = prepare(files.with_hidden_data(kind), kind)
    assert code == image_worker.DONE
    assert result.startswith(b"160 96\n\xff\xd8\xff")


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_turned_photo_is_written_upright(kind):
    assert prepare(files.oriented(6, kind), kind)[1].startswith(b"160 96\n")


def test_the_rotation_box_of_a_heif_file_is_used_instead_of_exif():
    assert prepare(files.heif_turned_by_its_box(), "HEIF")[1].startswith(b"160 96\n")


def test_a_photo_with_broken_exif_is_not_turned():
    assert prepare(files.broken_exif(), "JPEG")[0] == image_worker.DONE


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "P", "LA", "RGBA"])
def test_every_colour_mode_of_png_is_accepted(mode):
    image = Image.new(mode, (64, 48)) if mode == "I;16" else files.quarters(64, 48).convert(mode)
    assert prepare(files.encoded(image, "PNG"), "PNG")[0] == image_worker.DONE


@pytest.mark.parametrize("profile", [b"nonsense", Image.new("RGB", (1, 1)).tobytes()])
def test_an_unreadable_colour_profile_is_ignored(profile):
    content = files.encoded(files.quarters(), icc_profile=profile)
    assert prepare(content, "JPEG")[0] == image_worker.DONE


def test_a_wide_picture_is_made_smaller_in_bands():
    assert prepare(files.encoded(files.quarters(9000, 700), "PNG"), "PNG")[1].startswith(b"2048 159\n")


def test_a_picture_with_too_many_pixels_has_its_own_exit_code():
    assert prepare(files.png_bomb(20_000, 10_000), "PNG") == (image_worker.TOO_MANY_PIXELS, b"")


def test_only_the_named_format_is_decoded():
    assert prepare(files.encoded(files.quarters(), "PNG"), "JPEG") == (image_worker.DAMAGED, b"")
