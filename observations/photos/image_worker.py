"""Decode one untrusted photo in a short-lived process and write a clean JPEG.

Started by images.py as a script, with the upload as stdin and the result as stdout: "WIDTH HEIGHT\\n" and the JPEG
bytes. It imports nothing from Django, so that it starts quickly and has no secret if a parser is taken over.
"""

from __future__ import annotations

import os
import resource
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageFile, JpegImagePlugin

# Exit codes. Any other one means that the process died.
DONE = 0
DAMAGED = 10
TOO_MANY_PIXELS = 11
NO_DISK_SPACE = 12
PLUGINS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "HEIF": "pillow_heif",
}
MAX_PIXELS = 50_000_000  # a 48-megapixel phone photo passes
# Stricter limits for formats that Pillow can only decode at full size. libwebp needs four copies in memory. No phone
# makes bigger pictures in these formats.
MAX_PIXELS_OF = {"PNG": 25_000_000, "WEBP": 12_500_000}
# A progressive JPEG is stored in several passes, and libjpeg keeps all its samples in memory, at two bytes each.
MAX_SAMPLES = 100_000_000
MAX_SAMPLES_OF_PASSES = 2_000_000_000  # in all passes together; cameras make about ten passes
MAX_SIDE = 2048  # pixels of a stored photo
BAND = 128  # height of the bands in which the small picture is made
JPEG_QUALITY = 82
MEGABYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_DATA: 300 * MEGABYTE,  # the process's own memory, without mapped files
    resource.RLIMIT_AS: 1024 * MEGABYTE,
    resource.RLIMIT_CPU: 4,
    resource.RLIMIT_FSIZE: 16 * MEGABYTE,
    resource.RLIMIT_CORE: 0,
}
NICENESS = 5  # so that pages come first on a busy processor
ORIENTATION = 0x0112  # the number of the EXIF tag
UPRIGHT = {  # how to turn a photo upright, by the value of that tag
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def limit_resources() -> None:  # pragma: no cover (would limit the test run itself)
    """Lower the priority of this process, and limit its memory, processor seconds and output.

    macOS ignores the limits of memory and processor. There only the limit of pixels bounds the memory.
    """
    os.nice(NICENESS)
    for kind, value in LIMITS.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def prepare(source: BinaryIO, target: BinaryIO, *, kind: str) -> int:
    """Write the clean photo to the target and return an exit code. Only the given format is decoded."""
    try:
        photo = _decode(source, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_MANY_PIXELS
    except Exception:  # parsers raise errors of many kinds, and all mean that the file cannot be read
        return DAMAGED
    # The photo is a new picture painted on white, so it has no EXIF data, comment or profile.
    try:
        target.write(b"%d %d\n" % photo.size)
        photo.save(target, "JPEG", quality=JPEG_QUALITY, progressive=True)
        target.flush()
    except OSError:
        return NO_DISK_SPACE
    return DONE


def _decode(source: BinaryIO, kind: str) -> Image.Image:
    """Return the first frame: small, upright, in sRGB, on white."""
    image = HeifPhoto(source) if kind == "HEIF" else _open(source, kind)
    rotation = _rotation(image, source)
    profile = image.info.get("icc_profile")
    small = _shrink(image)
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    if rotation is not None:
        small = small.transpose(rotation)
    return _to_srgb(small, profile)


def _open(source: BinaryIO, kind: str) -> ImageFile.ImageFile:
    """Read the header and refuse pictures that need too much memory, before any pixel is decoded."""
    import_module(PLUGINS[kind])  # otherwise Pillow loads its plugins for all forty formats
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(source, formats=(kind,))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        _refuse_costly(image, source)
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # lets Pillow decode a JPEG at a fraction of its size
    image.load()
    return image


def _refuse_costly(image: JpegImagePlugin.JpegImageFile, source: BinaryIO) -> None:
    """Refuse progressive JPEGs with many passes. A pass is small in the file, but is decoded at full size."""
    samples = _samples_in_memory(image)
    position = source.tell()
    source.seek(0)
    passes = source.read().count(b"\xff\xda")
    source.seek(position)
    if samples > MAX_SAMPLES or samples * passes > MAX_SAMPLES_OF_PASSES:
        raise Image.DecompressionBombError


def _samples_in_memory(image: JpegImagePlugin.JpegImageFile) -> int:
    """Return how many samples libjpeg keeps until the last pass: all of a progressive JPEG, none of others."""
    if "progressive" not in image.info:
        return 0
    finest = max(layer[1] * layer[2] for layer in image.layer)
    return sum(image.width * image.height * layer[1] * layer[2] // finest for layer in image.layer)


class HeifPhoto:
    """A HEIC photo that is read in bands of rows, because Pillow's copy of a whole photo takes 200 MB more."""

    def __init__(self, source: BinaryIO) -> None:
        heif: Any = import_module(PLUGINS["HEIF"])
        heif.options.THUMBNAILS = False
        heif.options.DEPTH_IMAGES = False
        heif.options.AUX_IMAGES = False
        file = heif.HeifFile(source, convert_hdr_to_8bit=True, remove_stride=False)
        self._photo = file[file.primary_index]
        self.info: dict[str, Any] = self._photo.info
        # A picture with 16 bits or transparency needs more memory.
        weight = 1 + (self.info["bit_depth"] > 8) + self._photo.has_alpha
        if self.width * self.height * weight > MAX_PIXELS:
            raise Image.DecompressionBombError
        self._photo.load()  # afterwards `size` is the true size, which may differ from that in the header

    @property
    def width(self) -> int:
        return int(self._photo.size[0])

    @property
    def height(self) -> int:
        return int(self._photo.size[1])

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Return some rows as a picture. The box must be as wide as the photo."""
        _left, top, right, bottom = box
        mode = self._photo.mode
        stride = self._photo.stride
        rows = bytes(self._photo.data[top * stride : bottom * stride])
        return Image.frombytes(mode, (right, bottom - top), rows, "raw", mode, stride)


def _rotation(image: Image.Image | HeifPhoto, source: BinaryIO) -> Image.Transpose | None:
    """Return the rotation that turns the photo upright, or None if it needs none or its EXIF data is damaged."""
    with suppress(Exception):
        if isinstance(image, Image.Image):
            return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
        # HEIF has its own boxes for turning (irot, imir), and the decoder has applied them. Some phones make files
        # without these boxes; only there EXIF counts.
        source.seek(0)
        content = source.read()
        if b"irot" not in content and b"imir" not in content:
            exif = Image.Exif()
            exif.load(image.info["exif"])
            return UPRIGHT.get(exif.get(ORIENTATION, 1))
    return None


def _shrink(image: Image.Image | HeifPhoto) -> Image.Image:
    """Return the photo on white and at most twice the final size. A whole copy would double the memory."""
    factor = max(max(image.width, image.height) // MAX_SIDE, 1)
    small = None
    for top in range(0, image.height, BAND * factor):
        band = image.crop((0, top, image.width, min(top + BAND * factor, image.height)))
        flat = _on_white(_eight_bit(band)).reduce(factor)
        small = small or Image.new(flat.mode, (flat.width, -(-image.height // factor)))
        small.paste(flat, (0, top // factor))
    assert small is not None  # no format allows a height of 0
    return small


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that Pillow can resize smoothly."""
    if image.mode.startswith("I"):  # 16-bit grey: plain conversion would turn almost everything white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert({"1": "L", "P": "RGB"}.get(image.mode, image.mode))


def _on_white(image: Image.Image) -> Image.Image:
    """Return a new picture without metadata, on white. CMYK stays CMYK, because its profile is applied later."""
    if image.mode in ("L", "CMYK"):
        fresh = Image.new(image.mode, image.size)
        fresh.paste(image)
        return fresh
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return fresh


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB. Ignore a profile that cannot be read."""
    if profile:
        with suppress(Exception):
            converted = ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            assert converted is not None  # it is None only with inPlace=True
            converted.info.clear()  # it contains the profile, which must not be stored
            return converted
    return image.convert("RGB")


if __name__ == "__main__":  # pragma: no cover (runs in its own process)
    limit_resources()
    sys.exit(prepare(sys.stdin.buffer, sys.stdout.buffer, kind=sys.argv[1]))
