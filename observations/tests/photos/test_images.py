"""A photo is cleaned: it becomes a small, upright JPEG without hidden data, whatever phone took it."""

import io

import pytest
from PIL import Image, ImageCms

from . import photo_files as files
from .photo_checks import KINDS, assert_four_colours, cleaned, decoded, is_near

PLAIN_SEGMENTS = {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}  # JFIF, tables, a progressive frame, the picture data


@pytest.mark.parametrize("kind", KINDS)
def test_photos_of_every_allowed_kind_come_out_as_jpeg(kind):
    result = cleaned(files.encoded(files.quarters(), kind))
    assert_four_colours(decoded(result))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright_for_every_orientation(orientation):
    result = cleaned(files.oriented(orientation))
    assert (result.width, result.height) == (160, 96)
    assert_four_colours(decoded(result))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_other_kinds_are_turned_upright_too(kind):
    result = cleaned(files.oriented(6, kind))
    assert (result.width, result.height) == (160, 96)
    assert_four_colours(decoded(result))


def test_a_photo_of_an_iphone_is_not_turned_twice():
    result = cleaned(files.heif_turned_by_its_box())
    assert (result.width, result.height) == (160, 96)
    assert_four_colours(decoded(result))


def test_a_photo_with_broken_exif_is_accepted():
    assert_four_colours(decoded(cleaned(files.broken_exif())))


def test_a_multi_picture_jpeg_becomes_its_first_picture():
    content = files.burst("MPO")
    assert Image.open(io.BytesIO(content)).n_frames == 3
    assert_four_colours(decoded(cleaned(content)))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_becomes_its_first_frame(kind):
    assert_four_colours(decoded(cleaned(files.burst(kind))))


@pytest.mark.parametrize("size", [(4000, 1000), (1000, 4000), (2049, 2049), (9000, 90)])
def test_a_large_photo_is_made_smaller_and_keeps_its_proportions(size):
    result = cleaned(files.encoded(files.quarters(*size), "PNG"))
    scale = 2048 / max(size)
    assert max(result.width, result.height) == 2048
    assert abs(result.width - size[0] * scale) <= 1
    assert abs(result.height - size[1] * scale) <= 1
    assert_four_colours(decoded(result))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2048, 3)])
def test_a_small_photo_keeps_its_size(size):
    result = cleaned(files.encoded(Image.new("RGB", size), "PNG"))
    assert (result.width, result.height) == size


def test_a_photo_of_48_megapixels_takes_at_most_six_seconds_of_processor_time():
    content = files.encoded(files.textured(8064, 6048), quality=80)
    started = files.processor_seconds()
    result = cleaned(content)
    assert files.processor_seconds() - started <= 6
    assert (result.width, result.height) == (2048, 1536)


# --- What comes out -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_cleaned_photo_has_no_hidden_data(kind):
    content = files.with_hidden_data(kind)
    assert b"Secret" in content
    result = cleaned(content)
    assert set(files.segments(result.bytes)) <= PLAIN_SEGMENTS
    assert Image.open(io.BytesIO(result.bytes)).info.keys() <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }
    for marker in (b"Secret", b"Exif", b"xmp", b"ICC_PROFILE", b"8BIM", b"51."):
        assert marker not in result.bytes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tail", [files.zipped(), b"<script>alert(1)</script>", b"%PDF-1.7", bytes(5000)])
def test_data_behind_the_end_of_a_photo_is_removed(kind, tail):
    result = cleaned(files.encoded(files.quarters(), kind) + tail)
    assert tail not in result.bytes
    assert result.bytes.endswith(b"\xff\xd9")
    assert result.bytes.count(b"PK\x03\x04") == 0


def test_a_script_in_a_comment_is_removed():
    result = cleaned(files.encoded(files.quarters(), comment=b"<script>alert(1)</script>"))
    assert b"script" not in result.bytes


def test_a_photo_that_was_cleaned_before_is_encoded_again():
    once = cleaned(files.encoded(files.quarters()))
    assert cleaned(once.bytes + b"tail").bytes.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "HEIF"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
    ],
)
def test_every_kind_of_colour_becomes_plain_rgb(mode, kind):
    image = decoded(cleaned(files.encoded(Image.new("RGB", (64, 64), "white").convert(mode), kind)))
    assert is_near(image.getpixel((32, 32)), (255, 255, 255), 3)


def test_16_bit_grey_keeps_its_brightness():
    image = decoded(cleaned(files.encoded(Image.new("I;16", (64, 64), 0x8000), "PNG")))
    assert is_near(image.getpixel((32, 32)), (128, 128, 128), 3)


@pytest.mark.parametrize("size", [(64, 64), (4200, 300)])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_parts_become_white(kind, size):
    image = decoded(cleaned(files.encoded(Image.new("RGBA", size, (0, 0, 0, 0)), kind)))
    assert is_near(image.getpixel((32, 32)), (255, 255, 255), 3)


def test_a_transparent_colour_of_a_palette_becomes_white():
    content = files.encoded(Image.new("P", (64, 64), 0), "PNG", transparency=0)
    assert is_near(decoded(cleaned(content)).getpixel((32, 32)), (255, 255, 255), 3)


def test_colours_are_converted_by_the_colour_profile_of_the_photo():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile at all"):
        assert_four_colours(decoded(cleaned(files.encoded(files.quarters(), icc_profile=profile))))
