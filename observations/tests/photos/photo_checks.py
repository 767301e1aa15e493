"""Clean a photo as an upload would be, and look at the result."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from observations.photos.images import PhotoError, clean

from . import photo_files as files

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")


def cleaned(content, name="photo.jpg"):
    return clean(SimpleUploadedFile(name, content, content_type="image/jpeg"))


def decoded(result):
    """Return the cleaned photo as an image. Check its format and size."""
    image = Image.open(io.BytesIO(result.bytes))
    image.load()
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (result.width, result.height))
    return image


def is_near(colour, other, tolerance=24):
    return all(abs(a - b) <= tolerance for a, b in zip(colour, other, strict=True))


def assert_four_colours(image):
    width, height = image.size
    corners = [image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]
    wanted = [files.RED, files.GREEN, files.BLUE, files.YELLOW]
    assert all(is_near(*pair) for pair in zip(corners, wanted, strict=True)), corners


def refusal(content):
    """Return the error that a person reads about this file."""
    with pytest.raises(PhotoError) as error:
        cleaned(content)
    return str(error.value)
