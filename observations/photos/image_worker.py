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

DONE, DAMAGED, TOO_MANY_PIXELS, NO_ROOM = 0, 10, 11, 12  # exit codes; anything else means that the process died
PLUGINS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "HEIF": "pillow_heif",
}
MAX_PIXELS = 50_000_000  # a 48-megapixel phone photo passes
# These cannot be decoded at a smaller size; no phone makes bigger ones. libwebp needs four copies in memory.
MAX_PIXELS_OF = {"PNG": 25_000_000, "WEBP": 12_500_000}
MAX_WHOLE = 100_000_000  # samples that libjpeg keeps, at two bytes each, of a photo that is stored in several passes
MAX_PASSED = 2_000_000_000  # samples in all passes together; cameras make about ten passes
MAX_SIDE = 2048
BAND = 128  # rows of the small picture that are made at a time
JPEG_QUALITY = 82
MEGABYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_DATA: 300 * MEGABYTE,  # its own memory; mapped files are shared
    resource.RLIMIT_AS: 1024 * MEGABYTE,
    resource.RLIMIT_CPU: 4,
    resource.RLIMIT_FSIZE: 16 * MEGABYTE,
    resource.RLIMIT_CORE: 0,
}
NICER = 5  # so that pages come first on a busy processor
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
    """Lower the priority; limit memory, processor seconds and output.

    macOS ignores the limits of memory and processor; there the limit of pixels bounds memory.
    """
    os.nice(NICER)
    for kind, value in LIMITS.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def prepare(source: BinaryIO, target: BinaryIO, *, kind: str) -> int:
    """Write the clean photo to the target and return an exit code. Decodes the given format only."""
    try:
        photo = _decode(source, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_MANY_PIXELS
    except Exception:  # parsers raise anything, from struct.error to MemoryError; to a person all mean the same
        return DAMAGED
    # This is a new picture painted on white, so it has no EXIF, comment or profile.
    try:
        target.write(b"%d %d\n" % photo.size)
        photo.save(target, "JPEG", quality=JPEG_QUALITY, progressive=True)
        target.flush()
    except OSError:
        return NO_ROOM
    return DONE


def _decode(source: BinaryIO, kind: str) -> Image.Image:
    """Decode the first frame: small, upright, sRGB, on white."""
    image = HeifPhoto(source) if kind == "HEIF" else _open(source, kind)
    turn = _turn(image, source)
    profile = image.info.get("icc_profile")
    small = _shrink(image)
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    if turn is not None:
        small = small.transpose(turn)
    return _srgb(small, profile)


def _open(source: BinaryIO, kind: str) -> ImageFile.ImageFile:
    """Read the header and refuse pictures that need too much memory, before any pixel is decoded."""
    import_module(PLUGINS[kind])  # one format only; else Pillow loads all of its forty
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
    """Refuse progressive JPEGs with many passes: each is small in the file but decodes the whole picture."""
    kept = _kept_whole(image)
    position = source.tell()
    source.seek(0)
    passes = source.read().count(b"\xff\xda")
    source.seek(position)
    if kept > MAX_WHOLE or kept * passes > MAX_PASSED:
        raise Image.DecompressionBombError


def _kept_whole(image: JpegImagePlugin.JpegImageFile) -> int:
    """The samples of a progressive JPEG: libjpeg keeps all until the last pass, also for a smaller size."""
    if "progressive" not in image.info:
        return 0
    finest = max(layer[1] * layer[2] for layer in image.layer)
    return sum(image.width * image.height * layer[1] * layer[2] // finest for layer in image.layer)


class HeifPhoto:
    """A HEIC photo read in rows, because Pillow's copy of a whole one takes 200 MB more."""

    def __init__(self, source: BinaryIO) -> None:
        heif: Any = import_module(PLUGINS["HEIF"])
        heif.options.THUMBNAILS = heif.options.DEPTH_IMAGES = heif.options.AUX_IMAGES = False
        file = heif.HeifFile(source, convert_hdr_to_8bit=True, remove_stride=False)
        self._photo = file[file.primary_index]
        self.info: dict[str, Any] = self._photo.info
        weight = 1 + (self.info["bit_depth"] > 8) + self._photo.has_alpha  # 16 bits and transparency need more memory
        if self.width * self.height * weight > MAX_PIXELS:
            raise Image.DecompressionBombError
        self._photo.load()  # the picture may have another size than its header says

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self._photo.size[0])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self._photo.size[1])

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Some rows as a picture."""
        _left, top, right, bottom = box
        mode = self._photo.mode
        stride = self._photo.stride
        rows = bytes(self._photo.data[top * stride : bottom * stride])
        return Image.frombytes(mode, (right, bottom - top), rows, "raw", mode, stride)


def _turn(image: Image.Image | HeifPhoto, source: BinaryIO) -> Image.Transpose | None:
    """How to turn the photo upright; with damaged EXIF it stays as it is."""
    with suppress(Exception):
        if isinstance(image, Image.Image):
            return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
        # HEIF has its own boxes for turning, which the decoder obeyed; EXIF counts only in files without them. Some
        # phones make such files.
        source.seek(0)
        content = source.read()
        if b"irot" not in content and b"imir" not in content:
            exif = Image.Exif()
            exif.load(image.info["exif"])
            return UPRIGHT.get(exif.get(ORIENTATION, 1))
    return None


def _shrink(image: Image.Image | HeifPhoto) -> Image.Image:
    """On white and at most twice the final size; in bands, because a second copy would double the memory."""
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
    """The picture in a mode that can be resized smoothly."""
    if image.mode.startswith("I"):  # 16-bit grey, which plain conversion would clip to white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert({"1": "L", "P": "RGB"}.get(image.mode, image.mode))


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture without metadata, on white. CMYK stays CMYK until its profile was applied."""
    if image.mode in ("L", "CMYK"):
        fresh = Image.new(image.mode, image.size)
        fresh.paste(image)
        return fresh
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return fresh


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB; ignore a profile that cannot be read."""
    if profile:
        with suppress(Exception):
            converted = ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            assert converted is not None  # not None, because it does not work in place
            converted.info.clear()  # the result carries the profile
            return converted
    return image.convert("RGB")


if __name__ == "__main__":  # pragma: no cover (runs in its own process)
    limit_resources()
    sys.exit(prepare(sys.stdin.buffer, sys.stdout.buffer, kind=sys.argv[1]))
