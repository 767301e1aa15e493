"""Decodes one untrusted photo in its own short-lived process and writes a fresh, clean JPEG.

Started by images.py as a script, with the upload as stdin and the result as stdout: "WIDTH HEIGHT\\n" and the JPEG
bytes. It imports nothing of Django, so that it starts quickly and holds no secret if a parser is ever taken over.
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

DONE, DAMAGED, TOO_MANY_PIXELS, NO_ROOM = 0, 10, 11, 12  # exit codes; anything else means that the process died
PLUGINS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "HEIF": "pillow_heif",
}
MAX_PIXELS = 50_000_000  # a 48-megapixel phone photo passes
# These cannot be decoded at a smaller size, and no phone makes bigger ones. libwebp holds four copies meanwhile.
MAX_PIXELS_OF = {"PNG": 25_000_000, "WEBP": 12_500_000}
MAX_WHOLE = 100_000_000  # samples that libjpeg keeps, at two bytes each, of a photo that is stored in several passes
MAX_PASSED = 2_000_000_000  # and how many it goes over in all passes together; cameras make about ten
MAX_SIDE = 2048
BAND = 128  # rows of the small picture that are made at a time
JPEG_QUALITY = 82
MEGABYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_DATA: 300 * MEGABYTE,  # what it asks for itself; what it maps of files is shared
    resource.RLIMIT_AS: 1024 * MEGABYTE,
    resource.RLIMIT_CPU: 4,
    resource.RLIMIT_FSIZE: 16 * MEGABYTE,
    resource.RLIMIT_CORE: 0,
}
NICER = 5  # so that pages come first when the processor is busy
ORIENTATION = 0x0112  # the EXIF tag; its values 2-8 are undone by these
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def limit_resources() -> None:  # pragma: no cover (would limit the test run itself)
    """Give way to the pages; cap memory, processor seconds and output.

    macOS does not keep to the limits of memory and processor; there the limits of pixels bound memory.
    """
    os.nice(NICER)
    for kind, value in LIMITS.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def prepare(source: BinaryIO, target: BinaryIO, *, kind: str) -> int:
    """Write the clean photo to the target and return an exit code. Decodes as the given format and no other."""
    try:
        photo = _decode(source, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_MANY_PIXELS
    except Exception:  # parsers raise anything, from struct.error to MemoryError; all mean the same to a person
        return DAMAGED
    # The picture is a new one that was painted on white: it has no EXIF, comment or profile to carry over.
    try:
        target.write(b"%d %d\n" % photo.size)
        photo.save(target, "JPEG", quality=JPEG_QUALITY, progressive=True)
        target.flush()
    except OSError:
        return NO_ROOM
    return DONE


def _decode(source: BinaryIO, kind: str) -> Image.Image:
    """The first frame: small, upright, sRGB, on white."""
    image = HeifPhoto(source) if kind == "HEIF" else _open(source, kind)
    turn = _turn(image, source)
    profile = image.info.get("icc_profile")
    small = _shrink(image)
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    if turn is not None:
        small = small.transpose(turn)
    return _srgb(small, profile)


def _open(source: BinaryIO, kind: str) -> ImageFile.ImageFile:
    """Read the header; refuse what would need too much memory before any pixel is decoded; decode the first frame."""
    import_module(PLUGINS[kind])  # this one alone: a format that nobody registered makes Pillow load all of its forty
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(source, formats=(kind,))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        _refuse_costly(image, source)
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # lets JPEG decode at a fraction of the size
    image.load()
    return image


def _refuse_costly(image: JpegImagePlugin.JpegImageFile, source: BinaryIO) -> None:
    """Each pass of a progressive JPEG is small in the file and goes over the whole picture."""
    kept, position = _kept_whole(image), source.tell()
    source.seek(0)
    passes = source.read().count(b"\xff\xda")
    source.seek(position)
    if kept > MAX_WHOLE or kept * passes > MAX_PASSED:
        raise Image.DecompressionBombError


def _kept_whole(image: JpegImagePlugin.JpegImageFile) -> int:
    """The samples of a progressive JPEG: libjpeg holds them all until the last pass, at whatever size it decodes."""
    if "progressive" not in image.info:
        return 0
    finest = max(layer[1] * layer[2] for layer in image.layer)
    return sum(image.width * image.height * layer[1] * layer[2] // finest for layer in image.layer)


class HeifPhoto:
    """A HEIC photo that hands out its decoded rows; the copy that Pillow makes of a whole one takes 200 MB more."""

    def __init__(self, source: BinaryIO) -> None:
        heif: Any = import_module(PLUGINS["HEIF"])
        heif.options.THUMBNAILS = heif.options.DEPTH_IMAGES = heif.options.AUX_IMAGES = False
        file = heif.HeifFile(source, convert_hdr_to_8bit=True, remove_stride=False)
        self._photo = file[file.primary_index]
        self.info: dict[str, Any] = self._photo.info
        weight = 1 + (self.info["bit_depth"] > 8) + self._photo.has_alpha  # 16 bits and transparency take more room
        if self.width * self.height * weight > MAX_PIXELS:
            raise Image.DecompressionBombError
        self._photo.load()  # which may find another size in the picture than in the header

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self._photo.size[0])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self._photo.size[1])

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Some rows, as a picture of their own."""
        _left, top, right, bottom = box
        mode, stride = self._photo.mode, self._photo.stride
        rows = bytes(self._photo.data[top * stride : bottom * stride])
        return Image.frombytes(mode, (right, bottom - top), rows, "raw", mode, stride)


def _turn(image: Image.Image | HeifPhoto, source: BinaryIO) -> Image.Transpose | None:
    """How to turn the photo upright; damaged EXIF means that it stays as it is."""
    with suppress(Exception):
        if isinstance(image, Image.Image):
            return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
        # HEIF turns by its own boxes, which the decoder obeyed; EXIF counts only in files without them, of which
        # some phones make many.
        source.seek(0)
        content = source.read()
        if b"irot" not in content and b"imir" not in content:
            exif = Image.Exif()
            exif.load(image.info["exif"])
            return UPRIGHT.get(exif.get(ORIENTATION, 1))
    return None


def _shrink(image: Image.Image | HeifPhoto) -> Image.Image:
    """On white and at most twice the final size; band by band, as a whole second copy would double the memory."""
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
    """The same picture in a mode that can be made smaller smoothly."""
    if image.mode.startswith("I"):  # 16-bit grey, which a plain conversion would clip to white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert({"1": "L", "P": "RGB"}.get(image.mode, image.mode))


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture without metadata, transparent parts white. CMYK stays CMYK until its profile was used."""
    if image.mode in ("L", "CMYK"):
        fresh = Image.new(image.mode, image.size)
        fresh.paste(image)
        return fresh
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return fresh


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them; a profile that cannot be read is left out."""
    if profile:
        with suppress(Exception):
            converted = ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            assert converted is not None  # it is only when asked to work in place
            converted.info.clear()  # it brings the profile along
            return converted
    return image.convert("RGB")


if __name__ == "__main__":  # pragma: no cover (runs in its own process)
    limit_resources()
    sys.exit(prepare(sys.stdin.buffer, sys.stdout.buffer, kind=sys.argv[1]))
