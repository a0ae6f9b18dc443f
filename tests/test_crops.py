"""How a picture is cropped to a video's shape, previewed, and made ready to send."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from runway_core.errors import InvalidInputError
from runway_core.images import crop_box, crop_preview, fit_frame, open_picture
from tests.pictures import encoded, near, opened, photo, quarters

RATIOS = ("1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672", "1280:768")
MIDDLE = (0.5, 0.5)
JPEG = encoded(photo(200, 120), "JPEG")
PNG = encoded(photo(200, 120), "PNG")

sides = st.integers(1, 5000)
shares = st.floats(0, 1)


@given(width=sides, height=sides, ratio=st.tuples(sides, sides), focus=st.tuples(shares, shares))
def test_a_crop_is_the_largest_box_of_its_shape_inside_the_picture(
    width: int, height: int, ratio: tuple[int, int], focus: tuple[float, float]
) -> None:
    across, down = ratio
    left, top, right, bottom = crop_box(width, height, f"{across}:{down}", focus)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert (left, right) == (0, width) or (top, bottom) == (0, height)
    kept_width, kept_height = right - left, bottom - top
    assert (
        abs(kept_width - kept_height * across / down) <= 1
        or abs(kept_height - kept_width * down / across) <= 1
    )
    assert abs(left - (width - kept_width) * focus[0]) <= 0.5
    assert abs(top - (height - kept_height) * focus[1]) <= 0.5


def test_focus_chooses_the_end_that_is_kept() -> None:
    assert crop_box(200, 100, "960:960", (0, 0.5)) == (0, 0, 100, 100)
    assert crop_box(200, 100, "960:960", (1, 0.5)) == (100, 0, 200, 100)
    assert crop_box(100, 300, "960:960", (0.5, 0)) == (0, 0, 100, 100)
    assert crop_box(100, 300, "960:960", (0.5, 7)) == (0, 200, 100, 300)
    assert crop_box(200, 100, "960:960", (float("nan"), 0.5)) == (50, 0, 150, 100)


@pytest.mark.parametrize(
    "ratio", ["", "16", "16:", "0:9", "-1:1", "1.5:1", "a:b", "1:1:1", "1:1\n", "٣:٤"]
)
def test_what_is_no_ratio_is_refused_by_that_name(ratio: str) -> None:
    for act in (
        lambda: crop_box(10, 10, ratio, MIDDLE),
        lambda: fit_frame(JPEG, ratio=ratio, focus=MIDDLE),
        lambda: crop_preview(JPEG, ratio=ratio, focus=MIDDLE),
    ):
        with pytest.raises(InvalidInputError) as caught:
            act()
        assert caught.value.problems[0].field == "ratio"


def test_a_preview_shows_what_is_kept_and_dims_what_goes() -> None:
    grey = encoded(Image.new("RGB", (1600, 900), (200, 200, 200)), "JPEG")
    shown = opened(crop_preview(grey, ratio="960:960", focus=(1, 0.5)))
    assert (shown.format, shown.size) == ("JPEG", (480, 270))
    assert near(shown, (345, 135), (200, 200, 200))
    assert near(shown, (60, 135), (77, 77, 78))
    outline = [shown.convert("L").getpixel((column, 135)) for column in range(205, 220)]
    assert max(int(str(value)) for value in outline) > 235


def test_a_preview_never_enlarges() -> None:
    assert opened(crop_preview(JPEG, ratio="960:960", focus=MIDDLE)).size == (200, 120)
    assert opened(crop_preview(JPEG, ratio="960:960", focus=MIDDLE, width=100)).size == (100, 60)


def frame(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    image = opened(base64.b64decode(body, validate=True))
    assert image.format == "JPEG"
    return image


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_frame_has_the_ratios_own_pixels(ratio: str) -> None:
    wanted = tuple(map(int, ratio.split(":")))
    for size in ((3840, 2160), (2161, 3839), (2560, 1440), (1999, 1501)):
        data = encoded(photo(*size), "JPEG")
        assert frame(fit_frame(data, ratio=ratio, focus=MIDDLE)).size == wanted


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_frame_is_never_enlarged_and_keeps_the_shape(ratio: str) -> None:
    across, down = map(int, ratio.split(":"))
    width, height = frame(fit_frame(PNG, ratio=ratio, focus=MIDDLE)).size
    assert width <= 200 and height <= 120
    assert abs(width - height * across / down) <= 1.5


def test_a_frame_shows_the_part_in_focus_upright() -> None:
    notes = Image.Exif()
    notes[0x0112] = 6
    turned = quarters((3200, 1600)).transpose(Image.Transpose.ROTATE_90)
    data = encoded(turned, "JPEG", exif=notes, quality=95, subsampling=0)
    left = frame(fit_frame(data, ratio="960:960", focus=(0, 0.5)))
    right = frame(fit_frame(data, ratio="960:960", focus=(1, 0.5)))
    assert near(left, (480, 100), (255, 0, 0)) and near(left, (480, 860), (0, 0, 255))
    assert near(right, (480, 100), (0, 255, 0)) and near(right, (480, 860), (255, 255, 255))


def test_a_photo_stored_on_its_side_has_enough_pixels_for_its_upright_frame() -> None:
    notes = Image.Exif()
    notes[0x0112] = 8
    data = encoded(photo(740, 1300), "JPEG", exif=notes)
    assert frame(fit_frame(data, ratio="1280:720", focus=MIDDLE)).size == (1280, 720)


def test_a_frame_is_as_sharp_as_a_careful_reduction() -> None:
    stripes = Image.new("L", (3840, 2160))
    for column in range(0, 3840, 12):
        stripes.paste(255, (column, 0, column + 6, 2160))
    data = encoded(stripes.convert("RGB"), "JPEG", quality=95, subsampling=0)
    ours = frame(fit_frame(data, ratio="1280:720", focus=MIDDLE)).convert("L")
    row = [int(str(ours.getpixel((column, 360)))) for column in range(600, 640)]
    assert max(row) > 230 and min(row) < 25


def test_a_frame_keeps_its_colours_at_full_resolution() -> None:
    assert get_sampling(frame(fit_frame(JPEG, ratio="1280:720", focus=MIDDLE))) == 0


@pytest.mark.parametrize("limit", [5_242_880, 400_000, 60_000, 4_001])
def test_the_whole_data_uri_stays_within_its_limit(limit: int) -> None:
    noise = encoded(photo(1400, 800, grain=1), "PNG")
    uri = fit_frame(noise, ratio="1280:720", focus=MIDDLE, limit=limit)
    assert len(uri) <= limit
    width, height = frame(uri).size
    assert abs(width / height - 1280 / 720) < 0.05
    if limit > 5_000_000:
        assert (width, height) == (1280, 720)


def test_an_impossible_limit_is_said() -> None:
    with pytest.raises(InvalidInputError, match="fit into 100 characters"):
        fit_frame(JPEG, ratio="1280:720", focus=MIDDLE, limit=100)


def test_every_picture_that_was_kept_can_be_used() -> None:
    long = open_picture(encoded(Image.new("RGB", (20_000, 32), "red"), "PNG"), field="f")
    assert near(frame(fit_frame(long.data, ratio="1280:720", focus=MIDDLE)), (2, 2), (255, 0, 0))
    assert opened(crop_preview(long.data, ratio="1280:720", focus=MIDDLE)).width == 480
    grainy = photo(3840, 3840, grain=1)
    brought = encoded(grainy, "JPEG", quality=90)
    assert len(brought) < 20 * 1024**2
    again = open_picture(brought, field="f")
    assert len(again.data) > 20 * 1024**2
    assert frame(fit_frame(again.data, ratio="960:960", focus=MIDDLE)).size == (960, 960)


def test_a_frame_costs_less_than_half_of_decoding_and_reducing_by_hand() -> None:
    data = encoded(photo(3840, 2160, grain=64), "JPEG", quality=95, subsampling=0)

    def by_hand() -> object:
        image = opened(data).resize((1280, 720), Image.Resampling.LANCZOS)
        return base64.b64encode(encoded(image, "JPEG", quality=95, subsampling=0))

    def cost(act: Callable[[], object]) -> float:
        spent = []
        for _ in range(5):
            start = time.process_time()
            act()
            spent.append(time.process_time() - start)
        return min(spent)

    assert cost(lambda: fit_frame(data, ratio="1280:720", focus=MIDDLE)) < 0.5 * cost(by_hand)
