"""A shot goes on where it ended: with its very last frame, as large as the video, read apart from the app."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from runway_core.domain import Artifact
from runway_core.errors import DeskError, InvalidInputError
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.builders import artifact
from tests.pictures import near, opened
from tests.shelf import video


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    there = open_studio(Settings(home=tmp_path))
    yield there
    there.close()


def kept(studio: Studio, content: bytes, suffix: str = ".mp4") -> Artifact:
    made = artifact(content)
    made = made.model_copy(update={"path": made.path.replace(".mp4", suffix)})
    path = studio.settings.media / made.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return made


def red_until_the_last(form: str, *, codec: str, frames: int) -> bytes:
    """A video whose last frame alone is lime."""
    out = BytesIO()
    with av.open(out, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=24, options={"g": "300"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(frames):
            image = Image.new("RGB", (320, 180), "lime" if number == frames - 1 else "red")
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV gives no type
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "codec", "frames"),
    [
        ("mp4", "libx264", 48),
        ("mp4", "libx264", 1),
        ("mp4", "libx264", 240),
        ("webm", "libvpx", 48),
    ],
    ids=["two seconds", "a single frame", "one key frame in ten seconds", "webm"],
)
def test_the_last_frame_and_no_other(studio: Studio, form: str, codec: str, frames: int) -> None:
    content = red_until_the_last(form, codec=codec, frames=frames)
    asset = studio.assets.add_last_frame(
        kept(studio, content, f".{form}"), filename="fox", field="frames.first"
    )
    picture = opened(studio.assets.path(asset.sha256).read_bytes())
    assert picture.size == (320, 180) == (asset.width, asset.height)
    assert near(picture, (160, 90), (0, 255, 0))


@pytest.mark.parametrize("content", [video()[:-2000], b"no video at all", b""])
def test_what_has_no_end_is_refused(studio: Studio, content: bytes) -> None:
    with pytest.raises((InvalidInputError, DeskError)):
        studio.assets.add_last_frame(kept(studio, content), filename="fox", field="frames.first")
    assert studio.assets.newest(()) == []
