"""What the further endpoints make of what they are sent."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image, ImageChops

from runway_core.domain import Capability
from runway_core.sandbox.body import read_order
from runway_core.sandbox.plan import plan_of
from tests.sandbox.conftest import Sandbox, StartSandbox, create, data_uri, picture, wait_for
from tests.sandbox.films import Seen, film, video_uri

GREEN, RED = (40, 160, 80), (200, 50, 50)


@pytest.fixture
def fast(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox(speed=500)


def result(sandbox: Sandbox, path: str, **body: Any) -> tuple[dict[str, Any], httpx.Response]:
    """Make a task; return it as it ended, and its file."""
    task_id = create(sandbox.official, body, f"/v1/{path}")
    task = wait_for(sandbox.official, task_id, "SUCCEEDED", "FAILED")
    assert task["status"] == "SUCCEEDED", task
    file = httpx.get(task["output"][0])
    assert file.status_code == 200
    return task, file


def ending(task: dict[str, Any]) -> str:
    return urlsplit(str(task["output"][0])).path.rpartition(".")[2]


def middle(image: Image.Image) -> tuple[int, ...]:
    colour = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(colour, tuple)
    return tuple(int(part) for part in colour)


def apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_a_video_is_changed_from_its_own_frames_and_keeps_length_shape_and_pace(
    fast: Sandbox,
) -> None:
    task, file = result(
        fast,
        "video_to_video",
        model="aleph2",
        videoUri=video_uri(film(2.5, size=(200, 120), fps=10)),
        promptText="make it night",
        seed=3,
    )
    seen = Seen(file.content)
    assert (seen.codec, seen.size, seen.fps, seen.seconds) == ("h264", (200, 120), 10, 2.5)
    assert 10 < apart(middle(seen.frames[0]), GREEN) < 90
    # The white edge grows in the result as it does in the video that was sent.
    corner = (150, 8)
    early, late = (seen.frames[n].convert("L").getpixel(corner) for n in (2, -1))
    assert isinstance(early, int | float)
    assert isinstance(late, int | float)
    assert late - early > 60
    assert (file.headers["content-type"], ending(task)) == ("video/mp4", "mp4")
    assert task["cost"] == {"credits": 70}


def test_another_video_and_another_seed_give_another_result(fast: Sandbox) -> None:
    def made(colour: tuple[int, int, int], seed: int) -> tuple[int, ...]:
        _, file = result(
            fast,
            "video_to_video",
            model="aleph2",
            videoUri=video_uri(film(2, colour=colour)),
            seed=seed,
        )
        return middle(Seen(file.content).frames[0])

    green, red, other = made(GREEN, 1), made(RED, 1), made(GREEN, 4)
    assert apart(green, red) > 80
    assert green != other
    assert made(GREEN, 1) == green


def test_a_target_shape_crops_the_video(fast: Sandbox) -> None:
    _, file = result(
        fast,
        "video_to_video",
        model="aleph2",
        videoUri=video_uri(film(2, size=(320, 180))),
        targetAspectRatio="9:16",
    )
    width, height = Seen(file.content).size
    assert width / height == pytest.approx(9 / 16, abs=0.02)


def test_a_length_that_is_asked_for_repeats_or_cuts_the_video(fast: Sandbox) -> None:
    _, file = result(
        fast,
        "video_to_video",
        model="seedance2_mini",
        promptVideo=video_uri(film(2, fps=12)),
        promptText="x",
        duration=4,
        ratio="640:640",
    )
    seen = Seen(file.content)
    assert (seen.size, seen.seconds) == ((640, 640), 4)
    first, again = (seen.frames[n].convert("L").reduce(8) for n in (12, 36))
    # The same picture, but for what the codec rounds.
    most = ImageChops.difference(first, again).getextrema()[1]
    assert not isinstance(most, tuple) and most <= 6


@pytest.mark.parametrize(
    ("asked", "name", "mime"),
    [("prores", "mov", "video/quicktime"), ("png_sequence", "zip", "application/zip")],
)
def test_other_files_than_mp4_are_what_they_say_and_cost_more(
    fast: Sandbox, asked: str, name: str, mime: str
) -> None:
    task, file = result(
        fast,
        "video_to_video",
        model="aleph2",
        videoUri=video_uri(film(2, fps=5)),
        outputFormat=asked,
    )
    assert (ending(task), file.headers["content-type"]) == (name, mime)
    assert task["cost"] == {"credits": 2 * (28 + 5)}
    if name == "mov":
        assert (Seen(file.content).codec, Seen(file.content).seconds) == ("prores", 2)
        return
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        names = archive.namelist()
        assert len(names) == 10
        assert Image.open(io.BytesIO(archive.read(names[0]))).size == (160, 90)


def test_an_upscaled_video_is_larger_and_is_charged_by_the_frame(fast: Sandbox) -> None:
    task, file = result(
        fast,
        "video_upscale",
        model="magnific_video_upscaler_creative",
        videoUri=video_uri(film(2, size=(160, 90), fps=12)),
        resolution="720p",
    )
    seen = Seen(file.content)
    assert (seen.size, seen.fps, seen.seconds) == ((1280, 720), 12, 2)
    assert apart(middle(seen.frames[0]), GREEN) < 8
    assert task["cost"] == {"credits": 17}  # 24 frames at 0.7, rounded up


def test_a_boost_makes_more_frames_and_costs_as_many(fast: Sandbox) -> None:
    task, file = result(
        fast,
        "video_upscale",
        model="magnific_video_upscaler_creative",
        videoUri=video_uri(film(1, fps=12)),
        resolution="720p",
        fpsBoost=True,
    )
    assert Seen(file.content).fps == 24
    assert task["cost"] == {"credits": 17}


def test_a_performance_is_taken_over_with_the_character_in_the_picture(fast: Sandbox) -> None:
    task, file = result(
        fast,
        "character_performance",
        model="act_two",
        character={"type": "image", "uri": data_uri(Image.new("RGB", (300, 300), (250, 10, 10)))},
        reference={"type": "video", "uri": video_uri(film(3.5, fps=8))},
        ratio="960:960",
    )
    seen = Seen(file.content)
    assert (seen.size, seen.fps, seen.seconds) == ((960, 960), 8, 3.5)
    inset = seen.frames[5].convert("RGB").getpixel((80, 860))
    assert isinstance(inset, tuple)
    assert inset[0] > 200
    assert inset[1] < 80
    assert task["cost"] == {"credits": 18}  # 17.5, rounded up


def test_a_linked_video_is_drawn_and_costs_no_more_than_was_estimated(fast: Sandbox) -> None:
    body = {
        "model": "act_two",
        "character": {"type": "video", "uri": "https://example.com/character.mp4"},
        "reference": {"type": "video", "uri": "https://example.com/acting.mp4"},
        "ratio": "1280:720",
    }
    created = fast.official.post("/v1/character_performance", json=body).json()
    assert created["estimatedCost"] == {"credits": 150}  # 30 s, the longest that it takes
    task = wait_for(fast.official, created["id"], "SUCCEEDED")
    seen = Seen(httpx.get(task["output"][0]).content)
    assert (seen.size, seen.seconds) == ((1280, 720), 5)
    assert task["cost"] == {"credits": 25}


@pytest.mark.parametrize("ratio", ["1920:1080", "720:720"])
def test_a_picture_has_its_ratios_size_and_is_a_png(fast: Sandbox, ratio: str) -> None:
    task, file = result(
        fast, "text_to_image", model="gen4_image", promptText="a harbour", ratio=ratio, seed=1
    )
    image = Image.open(io.BytesIO(file.content))
    assert (image.format, image.size) == ("PNG", tuple(map(int, ratio.split(":"))))
    assert (ending(task), file.headers["content-type"]) == ("png", "image/png")
    assert task["cost"] == {"credits": 8 if ratio == "1920:1080" else 5}


def test_a_picture_follows_its_reference_and_without_one_its_prompt(fast: Sandbox) -> None:
    def made(**changes: Any) -> Image.Image:
        body = {"model": "gen4_image_turbo", "promptText": "x", "ratio": "720:720", "seed": 1}
        _, file = result(fast, "text_to_image", **(body | changes))
        return Image.open(io.BytesIO(file.content)).convert("RGB")

    quarters = made(referenceImages=[{"uri": data_uri(picture()), "tag": "cat"}])
    assert apart(middle(quarters.crop((0, 0, 200, 200))), (210, 40, 40)) < 30
    one, other = (made(promptText=p, model="gen4_image") for p in ("a cat", "a dog"))
    assert one.tobytes() != other.tobytes()


WIDE = data_uri(picture(400, 300))
SMALL = video_uri(film(5, size=(64, 48), fps=4))


@pytest.mark.parametrize(
    ("path", "body", "size"),
    [
        ("text_to_video", {"ratio": "4:3", "resolution": "768P"}, (1024, 768)),
        ("text_to_video", {"ratio": "9:16", "resolution": "2K"}, (1440, 2560)),
        ("image_to_video", {"ratio": "adaptive", "resolution": "768P"}, (1024, 768)),
        ("video_to_video", {"ratio": "adaptive", "resolution": "768P"}, (1024, 768)),
        ("video_to_video", {"model": "aleph2"}, (64, 48)),
        ("video_to_video", {"model": "aleph2", "targetAspectRatio": "1:1"}, (48, 48)),
        ("video_upscale", {"resolution": "720p"}, (960, 720)),
        ("video_upscale", {}, (1920, 1440)),
        ("video_upscale", {"resolution": "4k"}, (2880, 2160)),
        ("text_to_image", {"ratio": "2112:912"}, (2112, 912)),
    ],
)
def test_shape_resolution_and_what_was_sent_make_the_size(
    path: str, body: dict[str, Any], size: tuple[int, int]
) -> None:
    usual = {
        "image_to_video": {"model": "hailuo3", "promptText": "x", "promptImage": WIDE},
        "text_to_video": {"model": "hailuo3", "promptText": "x"},
        "video_to_video": {"model": "hailuo3", "promptText": "x", "promptVideo": SMALL},
        "video_upscale": {"model": "magnific_video_upscaler_creative", "videoUri": SMALL},
        "text_to_image": {"model": "gen4_image", "promptText": "x"},
    }
    if body.get("model") == "aleph2":
        usual[path] = {"videoUri": SMALL}
    plan = plan_of(read_order(usual[path] | body, Capability(path)))
    assert (plan.width, plan.height) == size


def test_a_video_that_breaks_off_is_a_failure_that_costs_nothing(fast: Sandbox) -> None:
    data = film(4, fps=30, ending="matroska")
    body = {"model": "aleph2", "videoUri": video_uri(data[:700], "video/webm")}
    task = wait_for(fast.official, create(fast.official, body, "/v1/video_to_video"), "FAILED")
    assert (task["failureCode"], task["cost"]) == ("ASSET.INVALID", {"credits": 0})
    result(fast, "video_to_video", model="aleph2", videoUri=video_uri(data, "video/webm"))
