"""Files that are kept here, as a provider gets them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from runway_core.catalog import DATA_URI_MAX
from runway_core.domain import Frame, MediaKind
from runway_core.errors import NotFoundError
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.shelf import MP4, picture
from tests.sounds import sound


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Settings(home=tmp_path))
    yield opened
    opened.close()


def decoded(uri: str) -> bytes:
    return base64.b64decode(uri.partition(";base64,")[2], validate=True)


@pytest.mark.parametrize(
    ("data", "kind", "head"),
    [
        (MP4, MediaKind.VIDEO, "data:video/mp4;base64,"),
        (sound(), MediaKind.AUDIO, "data:audio/wav;base64,"),
    ],
    ids=["video", "sound"],
)
def test_a_small_video_or_sound_goes_inside_the_request_as_it_is(
    studio: Studio, data: bytes, kind: MediaKind, head: str
) -> None:
    asset = studio.assets.add(io.BytesIO(data), filename="clip", kinds=(kind,))
    uri = studio.assets.data_uri(asset.sha256)
    assert uri is not None and uri.startswith(head) and decoded(uri) == data


def padded(size: int) -> bytes:
    """A real video of so many bytes: players skip what is in a box named free."""
    free = size - len(MP4)
    return MP4 + free.to_bytes(4) + b"free" + bytes(free - 8)


@pytest.mark.parametrize(("over", "fits"), [(0, True), (1, False)])
def test_the_limit_is_that_of_the_encoded_file(studio: Studio, over: int, fits: bool) -> None:
    limit = DATA_URI_MAX[MediaKind.VIDEO]
    most = (limit - len("data:video/mp4;base64,")) // 4 * 3
    data = padded(most + over)
    asset = studio.assets.add(data, filename="clip", kinds=(MediaKind.VIDEO,))
    uri = studio.assets.data_uri(asset.sha256)
    assert (uri is not None) == fits
    assert uri is None or len(uri) <= limit
    assert studio.assets.path(asset.sha256).read_bytes() == data


def test_a_picture_that_fixes_no_frame_goes_whole(studio: Studio) -> None:
    asset = studio.assets.add(picture(size=(800, 200)), filename="wide.png")
    uri = studio.assets.data_uri(asset.sha256)
    assert uri is not None
    assert Image.open(io.BytesIO(decoded(uri))).size == (800, 200)
    frame = Frame(uri=asset.uri)
    for ratio in ("", "adaptive"):
        whole = studio.assets.wire_uri(frame, ratio=ratio)
        assert Image.open(io.BytesIO(decoded(whole))).size == (800, 200)
    cropped = studio.assets.wire_uri(frame, ratio="1:1")
    assert Image.open(io.BytesIO(decoded(cropped))).size == (200, 200)


def test_what_is_not_here_is_said(studio: Studio) -> None:
    for ask in (studio.assets.get, studio.assets.path, studio.assets.data_uri):
        with pytest.raises(NotFoundError):
            ask("a" * 64)
