"""Photos as phones, scanners and attackers make them. Each run makes the same files, from one random seed."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from . import photo_files as files

PHOTO, REFUSED, EITHER = "photo", "refused", "either"
KINDS = ("JPEG", "PNG", "WEBP", "HEIF")
SECRET = b"qzsecretzq"  # hidden wherever a file holds more than a picture; no cleaned photo may contain it
FAST = {"enc_params": {"preset": "ultrafast"}}


class Sample(NamedTuple):
    """One file, what must become of it, and the size of the cleaned photo if that is known."""

    name: str
    expected: str
    content: bytes
    size: tuple[int, int] | None = None


def corpus(*, long_form):
    """Yield every file of the corpus, and then damaged files; the long form has more of them and more large photos."""
    for make in (turned, with_hidden_data, unusual, large, small, other_formats, polyglots, bombs, cut_off):
        yield from make()
    if long_form:
        yield from more_large()
    yield from damaged(1500 if long_form else 30)


def turned():
    """Yield all eight orientations of every kind. Each must become upright."""
    for kind in KINDS:
        for orientation in range(1, 9):
            yield Sample(f"turned {kind} {orientation}", PHOTO, files.oriented(orientation, kind), (160, 96))
    yield Sample("turned by its box", PHOTO, files.heif_turned_by_its_box(), (160, 96))


def with_hidden_data():
    """Yield photos with place, time, author and camera in every block that the format has, and after its end."""
    word = SECRET.decode()
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = exif[0x013B] = exif[0x8298] = word
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 15.0), 29: word})
    exif.get_ifd(0x8769).update({0x9286: SECRET, 0x927C: SECRET, 0xA430: word})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB built-in", SECRET[:13])
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", word)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{word}</x>", zip=True)
    text.add_text("Author", word, zip=True)
    own = {"JPEG": {"comment": SECRET, "xmp": SECRET}, "PNG": {"pnginfo": text}, "WEBP": {"xmp": SECRET}}
    for kind in KINDS:
        content = files.encoded(
            files.quarters(), kind, exif=exif, icc_profile=profile, **own.get(kind, {"xmp": SECRET})
        )
        yield Sample(f"hidden data in {kind}", PHOTO, content + SECRET, (160, 96))
    jpeg = files.encoded(files.quarters(), exif=_with_thumbnail())
    for marker in (0xE1, 0xE2, 0xED, 0xEC, 0xEF, 0xFE):
        jpeg = _segment(jpeg, marker, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)
    yield Sample("hidden data in thumbnail and segments", PHOTO, jpeg + jpeg, (160, 96))
    yield Sample(
        "hidden data in IPTC", PHOTO, _segment(jpeg, 0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + SECRET), (160, 96)
    )


def _with_thumbnail():
    """Return an EXIF block with a thumbnail that contains hidden data itself."""
    inner = files.encoded(files.quarters(16, 16), comment=SECRET)
    body = b"\x01\x00" + struct.pack("<HHII", 0x010E, 2, 4, 0)
    first = body + struct.pack("<I", 26)
    second = struct.pack("<HHHIIHHII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(inner)) + struct.pack("<I", 0)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second + inner


def _segment(jpeg, marker, body):
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def unusual():
    """Yield unusual colour modes and depths, animations, and several pictures in one file."""
    four = files.quarters()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.new(mode, (64, 48), 0x8000) if mode == "I;16" else four.convert(mode)
        yield Sample(f"PNG {mode}", PHOTO, files.encoded(image, "PNG"))
    yield Sample(
        "PNG see-through palette", PHOTO, files.encoded(four.convert("P"), "PNG", transparency=bytes(range(256)))
    )
    yield Sample("PNG RGB of 16 bits", PHOTO, _png(32, 16, 2, b"\x80\x10" * 3 * 32, depth=16))
    yield Sample("PNG RGBA of 16 bits", PHOTO, _png(32, 16, 6, b"\x80\x10" * 4 * 32, depth=16))
    cmyk = files.encoded(four.convert("CMYK"))
    adobe = cmyk.index(b"Adobe")
    yield Sample("JPEG CMYK", PHOTO, cmyk)
    yield Sample("JPEG YCCK", PHOTO, cmyk[: adobe + 11] + b"\x02" + cmyk[adobe + 12 :])
    for kind in ("MPO", "PNG", "WEBP"):
        yield Sample(f"several frames {kind}", PHOTO, files.burst(kind), (160, 96))
    for options in ({"progressive": True}, {"subsampling": 0}, {"subsampling": 2, "restart_marker_rows": 1}):
        yield Sample(f"JPEG {options}", PHOTO, files.encoded(four, **options), (160, 96))
    yield Sample("WebP without loss", PHOTO, files.encoded(four.convert("RGBA"), "WEBP", lossless=True), (160, 96))
    yield Sample("HEIC in tiles", PHOTO, files.encoded(files.quarters(320, 192), "HEIF", tile_size=64), (320, 192))
    yield Sample("HEIC of 10 bits", PHOTO, _deep_heic(64, 64), (64, 64))
    yield Sample("HEIC with alpha", PHOTO, files.encoded(four.convert("RGBA"), "HEIF"), (160, 96))


def _deep_heic(width, height):
    target = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (width, height), bytes(width * height * 6)).save(target, **FAST)
    return target.getvalue()


def _png(width, height, colour, row, *, depth=8, before=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * min(height, 4_000_000), 1)
    chunks = files.chunk(b"IHDR", header) + before + files.chunk(b"IDAT", pixels) + files.chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def large():
    """Yield photos of 48 megapixels, as new phones take them. Those that need too much memory are refused."""
    plain = _large_picture()
    yield Sample("48 MP JPEG", PHOTO, files.encoded(plain, quality=80), (2048, 1536))
    fine = files.encoded(plain, quality=40, progressive=True, subsampling=0)
    yield Sample("48 MP progressive JPEG, fine colours", REFUSED, fine)
    yield Sample("48 MP HEIC", PHOTO, files.encoded(plain, "HEIF", quality=40, tile_size=1024, **FAST), (2048, 1536))
    yield Sample("24 MP PNG, fine and see-through", PHOTO, files.fine_png(5760, 4320), (2048, 1536))


def more_large():
    """Yield more large photos, in the long form only, because each takes a second."""
    plain = _large_picture()
    yield Sample("48 MP progressive JPEG", PHOTO, files.encoded(plain, quality=70, progressive=True), (2048, 1536))
    yield Sample("48 MP PNG", REFUSED, files.encoded(plain, "PNG", compress_level=1))
    screen = plain.resize((5760, 4320))
    yield Sample("24 MP PNG", PHOTO, files.encoded(screen, "PNG", compress_level=1), (2048, 1536))
    yield Sample("48 MP CMYK", PHOTO, files.encoded(plain.convert("CMYK"), quality=70), (2048, 1536))
    once = files.encoded(plain.convert("CMYK"), quality=70, progressive=True)
    yield Sample("48 MP progressive CMYK", REFUSED, once)
    yield Sample("12 MP WebP", PHOTO, files.encoded(plain.resize((4032, 3024)), "WEBP", method=0), (2048, 1536))
    clear = plain.resize((5000, 5000)).convert("RGBA")
    yield Sample("25 MP see-through PNG", PHOTO, files.encoded(clear, "PNG", compress_level=1), (2048, 2048))


def _large_picture():
    return Image.new("RGB", (8064, 6048), files.BLUE)


def small():
    """Yield pictures that are very small or very long."""
    for size in ((1, 1), (1, 60_000), (60_000, 1), (2, 65_000), (2048, 2048), (2049, 1)):
        scale = min(1, 2048 / max(size))
        yield Sample(
            f"PNG {size}",
            PHOTO,
            files.encoded(Image.new("RGB", size), "PNG"),
            tuple(max(1, round(side * scale)) for side in size),
        )
    yield Sample("JPEG 1x1", PHOTO, files.encoded(Image.new("RGB", (1, 1))), (1, 1))
    yield Sample("JPEG 1x65500", PHOTO, files.encoded(Image.new("RGB", (1, 65_500))), (1, 2048))
    yield Sample("WebP 1x16383", PHOTO, files.encoded(Image.new("RGB", (1, 16_383)), "WEBP"), (1, 2048))


def other_formats():
    """Yield more than twenty other formats, all named photo.jpg."""
    image = files.quarters(64, 64)
    made = dict(files.not_photos())
    for kind in ("PCX", "SGI", "DDS", "ICNS", "MSP", "QOI", "XBM", "AVIF", "DIB"):
        shown = image.convert("1") if kind in ("MSP", "XBM") else image
        made[kind] = files.encoded(shown.resize((64, 64)), kind)
    made["AVIF that claims to be HEIC"] = made["AVIF"].replace(b"ftypavif", b"ftypmif1")
    made["FLI"] = struct.pack("<IHHHHHHI", 128, 0xAF11, 1, 64, 64, 8, 3, 5) + bytes(108)
    made["FITS"] = b"SIMPLE  =                    T" + bytes(2850)
    made["WMF"] = b"\xd7\xcd\xc6\x9a" + bytes(60)
    made["HDF5"] = b"\x89HDF\r\n\x1a\n" + bytes(60)
    made["shell script"] = b"#!/bin/sh\necho " + SECRET
    made["raw TIFF with a camera's name"] = b"II*\0\x10\0\0\0CR\x02\0" + bytes(80)
    for name, content in made.items():
        yield Sample(f"other format {name}", REFUSED, content)


def polyglots():
    """Yield files that are valid in two formats."""
    script = b"<script>alert(1)</script>" + SECRET
    four = files.quarters()
    yield Sample("GIF and HTML", REFUSED, b"GIF89a/*" + script + b"*/=1;")
    yield Sample("HTML before a JPEG", REFUSED, script + files.encoded(four))
    for kind in KINDS:
        for tail in (script, files.zipped() + SECRET, b"%PDF-1.7\n" + SECRET, b"MZ" + SECRET):
            yield Sample(f"{kind} and {tail[:4]}", PHOTO, files.encoded(four, kind) + tail, (160, 96))
    yield Sample("JPEG with script in a comment", PHOTO, files.encoded(four, comment=script), (160, 96))
    yield Sample(
        "JPEG that is an archive", PHOTO, _segment(files.encoded(four), 0xFE, files.zipped() + SECRET), (160, 96)
    )
    page = _png(8, 8, 2, b"\1\2\3" * 8, before=files.chunk(b"tEXt", b"Comment\0" + script))
    yield Sample("PNG with script in a text", PHOTO, page, (8, 8))
    inside = files.encoded(four, "WEBP")
    riff = (
        b"RIFF" + struct.pack("<I", len(inside) + 36) + inside[8:] + b"HTML" + struct.pack("<I", 36) + script.ljust(36)
    )
    yield Sample("WebP with another chunk", EITHER, riff)


def bombs():
    """Yield small files that become very large when they are decoded."""
    for width, height in ((20_000, 10_000), (7100, 7100), (2**31 - 1, 1), (1, 2**31 - 1)):
        content = files.png_bomb(width, height) if max(width, height) < 70_000 else _png(width, height, 2, b"")
        yield Sample(f"PNG of {width}x{height}", REFUSED, content)
    yield Sample("JPEG that claims 65500x65500", REFUSED, files.claiming(65_500, 65_500))
    yield Sample("JPEG that claims 7000x7000", EITHER, files.claiming(7000, 7000))
    yield Sample("progressive JPEG of 5000 passes", REFUSED, passes(5000))
    megabytes = zlib.compress(bytes(64 * 1024 * 1024), 9)
    yield Sample("text of 64 MB", EITHER, files.text_bomb())
    for name, start in ((b"iCCP", b"p\0\0"), (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"), (b"zTXt", b"Raw profile\0\0")):
        yield Sample(
            f"{name} of 64 MB", EITHER, _png(8, 8, 2, b"\1\2\3" * 8, before=files.chunk(name, start + megabytes))
        )
    texts = files.chunk(b"tEXt", b"Comment\0x") * 200_000
    yield Sample("200 000 texts", EITHER, _png(8, 8, 2, b"\1\2\3" * 8, before=texts))
    yield Sample("more pixels than the header says", EITHER, _png(8, 8, 2, b"\1\2\3" * 4_000_000))
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
    yield Sample(
        "EXIF that points at itself", PHOTO, files.encoded(files.quarters(), exif=b"Exif\0\0" + loop), (160, 96)
    )
    many = [Image.new("RGB", (16, 16), (n, n, n)) for n in range(250)] * 4
    for kind in ("WEBP", "PNG"):
        content = files.encoded(many[0], kind, save_all=True, append_images=many[1:], duration=1)
        yield Sample(f"{kind} of 1000 frames", PHOTO, content, (16, 16))
    huge = files.encoded(Image.new("RGB", (4, 4)), "WEBP", lossless=True)
    yield Sample("WebP that claims 16383x16383", REFUSED, huge.replace(huge[21:25], b"\xff\xff\xff\x0f"))
    heic = files.encoded(files.quarters(64, 64), "HEIF", **FAST)
    sized = heic.index(b"ispe") + 8
    for side in (100, 8000, 2**31 - 1):
        claim = heic[:sized] + struct.pack(">II", side, side) + heic[sized + 8 :]
        yield Sample(f"HEIC that claims {side}x{side}", EITHER, claim)
    nested = (b"\x00\x00\x00\x00meta" * 2000)[:16_000]
    yield Sample("HEIC of boxes in boxes", REFUSED, heic[:24] + nested)


def passes(times):
    """Return a progressive JPEG that repeats its last pass. The decoder goes through the whole picture each time."""
    content = files.encoded(Image.new("RGB", (4000, 4000), files.RED), progressive=True, quality=30)
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * times + b"\xff\xd9"


def cut_off():
    """Yield files that end too early, as after a broken connection."""
    for kind in KINDS:
        whole = files.encoded(files.textured(320, 240), kind)
        for at in (3, 8, 12, 20, 40, len(whole) // 7, len(whole) // 3, len(whole) // 2, len(whole) * 9 // 10):
            yield Sample(f"{kind} cut at {at} of {len(whole)}", REFUSED, whole[:at])
        yield Sample(f"{kind} without its last byte", EITHER, whole[:-1])


def damaged(count):
    """Yield valid files that were damaged at random places."""
    chance = random.Random(20261112)
    seeds = [files.encoded(files.textured(96, 64), kind) for kind in KINDS]
    seeds += [files.with_hidden_data(kind) for kind in KINDS]
    seeds += [files.burst("MPO"), files.burst("WEBP"), files.heif_turned_by_its_box()]
    seeds += [files.encoded(files.quarters(), progressive=True), files.encoded(files.quarters().convert("P"), "PNG")]
    for number in range(count):
        content = bytearray(seeds[number % len(seeds)])
        for _n in range(chance.choice((1, 1, 2, 5, 20))):
            chance.choice(DAMAGE)(content, chance, seeds)
        yield Sample(f"damaged {number}", EITHER, bytes(content or b"\xff"))


def _somewhere(content, chance):
    start = chance.randrange(max(len(content), 1))
    return start, min(start + chance.choice((1, 2, 4, 16, 200)), len(content))


def _flip(content, chance, _seeds):
    start, end = _somewhere(content, chance)
    for at in range(start, end):
        content[at] ^= 1 << chance.randrange(8)


def _overwrite(content, chance, _seeds):
    start, end = _somewhere(content, chance)
    content[start:end] = bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF))]) * (end - start)


def _remove(content, chance, _seeds):
    start, end = _somewhere(content, chance)
    del content[start:end]


def _repeat(content, chance, _seeds):
    start, end = _somewhere(content, chance)
    content[end:end] = content[start:end] * chance.choice((1, 3, 50))


def _splice(content, chance, seeds):
    start, _end = _somewhere(content, chance)
    content[start:] = chance.choice(seeds)[chance.randrange(100) :]


def _extreme_number(content, chance, _seeds):
    """Write an extreme number near the start, where lengths and sizes are stored."""
    start = chance.randrange(min(len(content), 200) or 1)
    value = chance.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
    content[start : start + 4] = struct.pack(">I", value)


DAMAGE = (_flip, _overwrite, _remove, _repeat, _splice, _extreme_number)
