"""Make photos, unusual files and hostile files for the tests."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
import zlib

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 180, 40), (30, 40, 210), (230, 220, 30)
TURNS = {  # how a camera turns the upright picture for each value of the EXIF orientation
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters(width=160, height=96):
    """Return a picture of red and green above blue and yellow. It looks different however it is turned or mirrored."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def encoded(image, kind="JPEG", **options):
    """Return the picture as a file of this kind."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def textured(width, height):
    """Return a picture with so much detail that its file is as large as one from a camera."""
    grey = Image.effect_noise((width // 8, height // 8), 50).resize((width, height))
    return Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey))


def oriented(orientation, kind="JPEG"):
    """Return a photo as a phone stores it: turned, with an EXIF orientation that says how."""
    image, turn = quarters(), TURNS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image if turn is None else image.transpose(turn), kind, exif=exif)


def heif_turned_by_its_box():
    """Return a HEIC as an iPhone writes it: turned, with a rotation box *and* an EXIF orientation."""
    content = oriented(6, "HEIF")
    colour = content.index(b"\x00\x00\x00\x13colr")
    boxes = b"\x00\x00\x00\x09irot\x03" + b"\x00\x00\x00\x0afree\x00\x00"  # as long as the box they replace
    content = content[:colour] + boxes + content[colour + len(boxes) :]
    uses = b"\x00\x01\x04\x81\x02\x03\x04"  # the picture uses boxes 1 to 4; the size (now 4) must precede the turn
    assert uses in content
    return content.replace(uses, b"\x00\x01\x04\x81\x04\x82\x05")


def with_hidden_data(kind="JPEG"):
    """Return a photo that says where, when, by whom and with what it was taken, in every way of its format."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "SecretCamera", "2026:11:12 10:10:10"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 15.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    options = {"exif": exif, "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}
    if kind == "JPEG":
        options |= {"comment": b"SecretComment", "xmp": b"<x:xmpmeta>SecretXmp</x:xmpmeta>"}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", "SecretComment")
    if kind == "WEBP":
        options["xmp"] = b"<x:xmpmeta>SecretXmp</x:xmpmeta>"
    content = encoded(quarters(), kind, **options)
    return content[:2] + iptc() + content[2:] if kind == "JPEG" else content


def iptc():
    """Return a JPEG segment with an IPTC caption."""
    caption = b"\x1c\x02\x78\x00\x0dSecretCaption"
    body = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(caption)) + caption
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def zipped():
    """Return a small ZIP archive, to be appended to a picture."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return buffer.getvalue()


def chunk(name, body):
    """Return a PNG chunk with a correct checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(width, height):
    """Return a valid PNG of one colour: a small file with a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer, row = zlib.compressobj(9), bytes(1 + -(-width // 8))
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def fine_png(width, height):
    """Return a small transparent PNG with 16 bits per colour, the most memory that a pixel can take."""
    header = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    row = bytes(1) + b"\x12\x34\x56\x78\x9a\xbc\xff\xff" * width
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * height, 1))
        + chunk(b"IEND", b"")
    )


def claiming(width, height):
    """Return a JPEG whose header claims this size, which it does not have."""
    content = bytearray(encoded(quarters()))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def text_bomb():
    """Return a PNG with a text chunk that unpacks to 64 MB."""
    content = encoded(quarters(), "PNG")
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(64 * 1024 * 1024), 9))
    return content[:33] + bomb + content[33:]


def broken_exif():
    """Return a valid photo with a nonsense EXIF block."""
    body = b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\xff" * 40
    content = encoded(quarters())
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + content[2:]


def burst(kind):
    """Return an animation or multi-picture file whose first frame shows the four colours."""
    frames = [Image.new("RGB", (160, 96), "black"), Image.new("RGB", (160, 96), "white")]
    return encoded(quarters(), kind, save_all=True, append_images=frames)


def segments(jpeg):
    """Return the marker codes of a JPEG up to its picture data, in order."""
    found, at = [], 2
    while at < len(jpeg):
        found.append(jpeg[at + 1])
        if found[-1] == 0xDA:
            return found
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


def not_photos():
    """Return files that are not photos of an allowed kind, by their kind."""
    small = quarters(64, 64)
    made = {
        kind: encoded(small, kind) for kind in ("GIF", "TIFF", "EPS", "BMP", "ICO", "JPEG2000", "PPM", "TGA", "PDF")
    }
    return made | {
        "PSD": b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 64, 64, 8, 3) + bytes(64),
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "HTML": b"<!doctype html><script>alert(1)</script>",
        "ZIP": zipped(),
        "text": b"Dear diary, this is no photo.",
        "AVIF": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1miaf" + bytes(64),
        "MP4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(64),
        "WAV": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64),
        "one byte": b"\xff",
        "ELF": b"\x7fELF" + bytes(64),
    }


def processor_seconds():
    """Return the processor time of this process and its children. The wall clock would count other programs too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
