"""Pictures that people bring: what is refused and how it is said, and what is kept."""

from __future__ import annotations

import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from runway_core.errors import DeskError, InvalidInputError
from runway_core.images import crop_preview, fit_frame, open_picture
from runway_core.images.header import check_header
from tests.pictures import encoded, near, opened, photo, quarters
from tests.uploads.hostile_pictures import JPEG, PNG, WEBP, bomb, two_headed_png, webp_bomb
from tests.uploads.parts import chunk, png

MIDDLE = (0.5, 0.5)


def kept(data: bytes) -> Image.Image:
    picture = open_picture(data, field="frames.first")
    image = opened(picture.data)
    assert (image.format, image.mode, image.size) == (
        "JPEG",
        "RGB",
        (picture.width, picture.height),
    )
    assert picture.mime == "image/jpeg"
    return image


def test_a_bomb_takes_no_memory() -> None:
    program = (
        "import resource, sys\n"
        "from runway_core.errors import InvalidInputError\n"
        "from runway_core.images import open_picture\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "data = sys.stdin.buffer.read()\n"
        "before = peak()\n"
        "try: open_picture(data, field='f')\n"
        "except InvalidInputError: print(peak() - before)\n"
    )
    for data in (bomb(), webp_bomb(), two_headed_png()):
        done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True)
        assert done.stderr == b""
        assert int(done.stdout) < 20_000  # KiB


def test_the_largest_picture_allowed_is_reduced_to_3840_pixels() -> None:
    data = png(8000, 5000, depth=8, colour=6, row=b"\xff\0\0\x80" * 8000)
    image = kept(data)
    assert image.size == (3840, 2400)
    assert near(image, (1900, 1200), (255, 127, 127))


def test_a_large_jpeg_is_reduced_and_a_very_long_one_keeps_a_pixel_of_height() -> None:
    assert kept(encoded(photo(4100, 2050), "JPEG")).size == (3840, 1920)
    assert kept(encoded(Image.new("RGB", (20_000, 32)), "PNG")).size == (3840, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_phone_photo_stands_upright(orientation: int, form: str) -> None:
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = quarters()
    stored = upright if undo is None else upright.transpose(undo)
    notes = Image.Exif()
    notes[0x0112] = orientation
    options = {"lossless": True} if form == "WEBP" else {}
    image = kept(encoded(stored, form, exif=notes, **options))
    assert image.size == (80, 40)
    assert near(image, (20, 10), (255, 0, 0)) and near(image, (60, 10), (0, 255, 0))
    assert near(image, (20, 30), (0, 0, 255)) and near(image, (60, 30), (255, 255, 255))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives(form: str) -> None:
    notes = Image.Exif()
    notes[0x010F] = "CanaryCamera"
    gps = notes.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 22.0, 0.0)
    notes[0x8825] = gps
    options: dict[str, Any] = {"exif": notes, "xmp": b"<x>CanaryXmp</x>"}
    if form == "JPEG":
        options["comment"] = b"CanaryComment"
    data = encoded(photo(64, 64), form, **options) + b"CanaryTail PK\x05\x06" + bytes(18)
    assert b"Canary" in data
    picture = open_picture(data, field="f")
    assert b"Canary" not in picture.data
    assert not opened(picture.data).getexif()
    assert set(opened(picture.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_damaged_exif_notes_do_not_cost_the_picture() -> None:
    for notes in (
        b"Exif\0\0",
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01",
    ):
        assert kept(encoded(quarters(), "JPEG", exif=notes)).size == (80, 40)


def test_every_kind_of_pixel_becomes_plain_colour() -> None:
    red, half = (255, 0, 0), (255, 127, 127)
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    clear = encoded(palette, "PNG", transparency=b"\xff\x80")
    cmyk = encoded(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG")
    assert near(kept(clear), (32, 32), half)
    assert near(kept(encoded(palette, "PNG", transparency=1)), (32, 32), (255, 255, 255))
    assert near(kept(cmyk), (32, 32), red)
    for form in ("PNG", "WEBP"):
        options = {"lossless": True} if form == "WEBP" else {}
        data = encoded(Image.new("RGBA", (64, 64), (255, 0, 0, 128)), form, **options)
        assert near(kept(data), (32, 32), half)
    assert near(
        kept(encoded(Image.new("LA", (64, 64), (0, 128)), "PNG")), (32, 32), (127, 127, 127)
    )
    assert near(kept(encoded(Image.new("1", (64, 64), 1), "PNG")), (32, 32), (255, 255, 255))


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = png(64, 64, depth=16, colour=0, row=struct.pack(">H", 0x4000) * 64)
    colour = png(64, 64, depth=16, colour=2, row=struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 64)
    clear = png(64, 64, depth=16, colour=6, row=struct.pack(">HHHH", 0xFFFF, 0, 0, 0x8000) * 64)
    keyed = png(
        64,
        64,
        depth=16,
        colour=2,
        row=struct.pack(">HHH", 0xFFFF, 0, 0) * 64,
        extra=chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3)),
    )
    assert near(kept(grey), (32, 32), (64, 64, 64))
    assert near(kept(colour), (32, 32), (255, 128, 0))
    assert near(kept(clear), (32, 32), (255, 127, 127))
    assert near(kept(keyed), (32, 32), (255, 0, 0))


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_an_animated_picture_gives_its_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "lime", "blue")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert getattr(opened(data), "n_frames", 1) == 3
    assert near(kept(data), (32, 32), (255, 0, 0))


def test_a_colour_profile_is_applied_and_a_faulty_one_left_out() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at_red, at_blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[at_red : at_red + 4], swapped[at_blue : at_blue + 4] = b"bXYZ", b"rXYZ"
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "XXXX".encode("utf-16-be"))
    red = Image.new("RGB", (64, 64), "red")
    assert near(kept(encoded(red, "PNG", icc_profile=bytes(swapped))), (32, 32), (0, 0, 255))
    for profile in (b"junk", lab):
        assert near(kept(encoded(red, "PNG", icc_profile=profile)), (32, 32), (255, 0, 0))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    good = bytearray(draw(st.sampled_from([JPEG, PNG, WEBP])))
    for _ in range(draw(st.integers(0, 6))):
        good[draw(st.integers(0, len(good) - 1))] = draw(st.integers(0, 255))
    return bytes(good[: draw(st.integers(0, len(good)))]) + draw(st.binary(max_size=40))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=damaged())
def test_whatever_the_bytes_are_there_is_a_crop_or_one_kind_of_error(data: bytes) -> None:
    for act in (
        lambda: fit_frame(data, ratio="1280:720", focus=MIDDLE),
        lambda: crop_preview(data, ratio="720:1280", focus=MIDDLE),
    ):
        try:
            act()
        except DeskError as error:
            assert isinstance(error, InvalidInputError)


@settings(max_examples=40, deadline=None)  # each takes a process
@given(data=damaged())
def test_whatever_the_bytes_are_there_is_a_picture_or_one_kind_of_error(data: bytes) -> None:
    with suppress(InvalidInputError):
        assert open_picture(data, field="f").data


@settings(max_examples=500)
@given(data=st.binary(max_size=200), start=st.sampled_from([JPEG, PNG, WEBP]))
def test_a_head_of_any_bytes_is_taken_or_refused(data: bytes, start: bytes) -> None:
    with suppress(InvalidInputError):
        check_header(start[:12] + data + start[12:], field="f")


def test_threads_do_not_disturb_one_another_or_the_process() -> None:
    before = (list(warnings.filters), Image.MAX_IMAGE_PIXELS)
    large, good = bomb(10_000), encoded(quarters(), "PNG")

    def one(number: int) -> str:
        try:
            return str(open_picture(large if number % 2 else good, field="f").width)
        except InvalidInputError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(24)))
    assert set(told[::2]) == {"80"}
    assert set(told[1::2]) == {"f: is 10000 × 10000 pixels; at most 40 million in all."}
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before
