"""What is in the videos."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from runway_core.sandbox import scene
from runway_core.sandbox.body import models
from runway_core.sandbox.render import FPS, Shot, StoppedError, render
from runway_core.sandbox.scene import UnusablePictureError
from tests.sandbox.conftest import picture

RATIOS = sorted(
    {
        ratio
        for spec in models()
        if spec.maker == "Runway" and spec.makes == "video"
        for ratio in spec.ratios
    }
)


def frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    return [frame.to_image() for frame in decoded]  # type: ignore[no-untyped-call]  # PyAV leaves it so


def made(shot: Shot, path: Path) -> list[Image.Image]:
    render(shot, path)
    return frames(path)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures per channel, 0 to 255, the finest detail left out."""
    soft = (image.convert("RGB").reduce(4) for image in (one, other))
    return sum(ImageStat.Stat(ImageChops.difference(*soft)).mean) / 3


def saved(image: Image.Image, path: Path) -> Path:
    image.save(path)
    return path


def detailed(size: tuple[int, int]) -> Image.Image:
    noise = Image.effect_noise((size[0] // 16, size[1] // 16), 120).resize(size)
    return Image.blend(picture(*size), noise.convert("RGB"), 0.4)


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_gives_exact_h264_mp4(tmp_path: Path, ratio: str) -> None:
    width, height = map(int, ratio.split(":"))
    target = tmp_path / "out.mp4"
    render(Shot(width, height, 2, 1, first=saved(picture(), tmp_path / "a.png")), target)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.width, context.height) == (width, height)
        assert stream.average_rate == FPS == 24
        assert container.duration == 2_000_000
        assert sum(1 for _ in container.decode(video=0)) == 48
    boxes = target.read_bytes()
    assert boxes.index(b"moov") < boxes.index(b"mdat")


def test_the_first_frame_is_the_picture_cropped_from_its_centre(tmp_path: Path) -> None:
    source = detailed((500, 500))
    seen = made(Shot(640, 360, 2, 5, first=saved(source, tmp_path / "a.png")), tmp_path / "o")
    expected = ImageOps.fit(source, (640, 360))
    assert difference(seen[0], expected) < 3
    assert difference(seen[0], source.resize((640, 360))) > 8


def test_the_last_frame_is_the_last_picture(tmp_path: Path) -> None:
    first = saved(detailed((640, 384)), tmp_path / "a.png")
    last = ImageOps.flip(ImageOps.invert(detailed((640, 384))))
    shot = Shot(640, 384, 2, 5, first=first, last=saved(last, tmp_path / "b.png"))
    seen = made(shot, tmp_path / "o")
    assert difference(seen[-1], last) < 3
    assert difference(seen[0], last) > 40
    middle = [difference(frame, last) for frame in seen[18:30]]
    assert middle == sorted(middle, reverse=True)


def test_a_lone_last_picture_is_reached_at_the_end(tmp_path: Path) -> None:
    last = detailed((640, 384))
    seen = made(Shot(640, 384, 2, 5, last=saved(last, tmp_path / "b.png")), tmp_path / "o")
    assert difference(seen[-1], last) < 3
    assert difference(seen[0], last) > 3


def test_the_same_seed_moves_the_same_and_another_seed_otherwise(tmp_path: Path) -> None:
    source = saved(detailed((640, 360)), tmp_path / "a.png")
    one, other = (made(Shot(640, 360, 2, n, first=source), tmp_path / f"{n}") for n in (1, 2))
    render(Shot(640, 360, 2, 1, first=source), tmp_path / "again")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "again").read_bytes()
    assert difference(one[0], other[0]) < 1
    assert difference(one[-1], other[-1]) > 3


def test_movement_is_slow_and_never_stands_still(tmp_path: Path) -> None:
    source = saved(picture(640, 360), tmp_path / "a.png")
    seen = made(Shot(640, 360, 2, 3, first=source), tmp_path / "o")
    middle = seen[10:38]
    steps = [difference(a, b) for a, b in itertools.pairwise(middle)]
    assert min(steps) > 0.01
    assert max(steps) < 1
    assert difference(seen[0], seen[-1]) > 3


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat walks",
        "一只猫在海边散步，慢慢回头看",
        "Kedi sahilde yürüyor, güneş batıyor",
        "고양이가 걷는다 👩‍👩‍👧 \u202e\u0000\u200b",
        "قطة تمشي",
        "x" * 1000,
        "\n" * 5,
        "",
        "\ufffd\U0010ffff",
    ],
)
def test_any_prompt_can_be_drawn_within_the_frame(prompt: str) -> None:
    for size in ((360, 640), (792, 336)):
        box = scene.words(prompt, size).getbbox()
        if prompt.strip():
            assert box
            assert 0 < box[0] < box[2] < size[0]
            assert 0 < box[1] < box[3] < size[1]


def test_a_prompt_of_many_scripts_becomes_a_moving_title_card(tmp_path: Path) -> None:
    prompt = "一只猫 walks, güneş batıyor 고양이 👩‍👩‍👧 \u202e قطة \u0000"
    seen = made(Shot(360, 640, 2, 3, prompt=prompt), tmp_path / "o")
    assert len(seen) == 48
    assert difference(seen[0], seen[-1]) > 3


def test_words_are_on_the_title_card(tmp_path: Path) -> None:
    with_words = made(Shot(1280, 720, 2, 3, prompt="a lighthouse"), tmp_path / "o")[0]
    low, high = with_words.convert("L").crop((400, 300, 880, 420)).getextrema()
    assert isinstance(low, int | float)
    assert low < 30
    assert isinstance(high, int | float)
    assert high > 225


def test_a_link_is_stood_in_for_by_its_own_picture(tmp_path: Path) -> None:
    links = ("https://one.example/a.png", "https://one.example/a.png", "https://two.example/b.png")
    one, again, other = (
        made(Shot(640, 360, 2, 3, first=link), tmp_path / str(n))[0] for n, link in enumerate(links)
    )
    assert difference(one, again) == 0
    assert difference(one, other) > 10


def test_every_video_says_that_it_is_from_the_sandbox(tmp_path: Path) -> None:
    plain = Image.new("RGB", (1280, 720), (120, 160, 90))
    seen = made(Shot(1280, 720, 2, 3, first=saved(plain, tmp_path / "a.png")), tmp_path / "o")
    for frame in (seen[0], seen[-1]):
        corner = frame.crop((1100, 650, 1280, 720)).convert("L")
        low, high = corner.getextrema()
        assert isinstance(high, int | float)
        assert high > 200
        assert isinstance(low, int | float)
        assert low < 90
        assert ImageStat.Stat(frame.crop((0, 0, 900, 600)).convert("L")).stddev[0] < 2


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "CMYK", "I;16"])
def test_pictures_of_every_mode_can_be_drawn(tmp_path: Path, mode: str) -> None:
    deep = Image.new("I;16", (320, 180), 30_000)
    image = deep if mode == "I;16" else picture(320, 180).convert(mode)
    kind = "jpg" if mode == "CMYK" else "png"
    drawn = scene.open_picture(saved(image, tmp_path / f"a.{kind}"), (1280, 720))
    assert (drawn.mode, drawn.size) == ("RGB", (1280, 720))


def test_a_damaged_picture_is_said_to_be_one(tmp_path: Path) -> None:
    whole = saved(detailed((640, 360)), tmp_path / "a.png").read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusablePictureError):
        render(Shot(1280, 720, 2, 3, first=tmp_path / "b.png"), tmp_path / "o")


def test_a_render_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        render(Shot(1280, 720, 10, 3, prompt="x"), tmp_path / "o", should_stop=lambda: True)
