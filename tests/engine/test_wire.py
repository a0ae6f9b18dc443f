"""Files that are kept here, on their way to a provider: encoded within its limits, or uploaded first."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import DATA_URI_MAX
from runway_core.domain import (
    Capability,
    Frame,
    GenerationRequest,
    Media,
    MediaKind,
    Role,
)
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.engine.wire import wire_request
from runway_core.errors import InvalidInputError
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.clock import now
from tests.builders import connections_at
from tests.http.raw_server import Connection, RawServer, Request, answer
from tests.pictures import encoded, opened, photo
from tests.relay import small_video

PICTURE_MOST = 5_242_880
VIDEO_MOST = 16_777_216
URI = "runway://eyJhbGciOi.kept"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    home = tmp_path / "home"
    home.mkdir()
    made = open_studio(Settings(home=home))
    yield made
    made.close()


class Api(RawServer):
    """Takes creates, gives forms for uploads and takes the files."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.bodies: list[dict[str, Any]] = []
        self.stored: list[bytes] = []

    def _answer(self, connection: Connection, asked: Request) -> None:
        path = asked.line.split()[1]
        if path == "/v1/uploads":
            form = {"uploadUrl": f"{self.url}/store", "fields": {"k": "v"}, "runwayUri": URI}
            connection.send(answer(json.dumps(form)))
        elif path == "/store":
            self.stored.append(asked.body)
            connection.send(answer(b"", "204 No Content"))
        else:
            self.bodies.append(json.loads(asked.body))
            connection.send(answer('{"id":"a-task"}'))


def sent(studio: Studio, wish: GenerationRequest, tmp_path: Path, profile: str = "runway") -> Api:
    """What goes over the wire for a request, uploads and create."""

    async def run(api: Api) -> None:
        connection = connections_at(studio, api.url).add(
            "here", profile=profile, base_url=api.url, key="key_" + "a" * 128
        )
        async with Http(private_hosts=api.private) as http:
            tools = Tools(studio, http, Receipts(tmp_path / "receipts.log"), now)
            provider = studio.connections.open(connection, http)
            await provider.submit(await wire_request(tools, provider, wish), token="t")

    api = Api()
    with api:
        asyncio.run(run(api))
    return api


def test_a_large_picture_is_sent_within_the_encoded_limit(studio: Studio, tmp_path: Path) -> None:
    grainy = encoded(photo(3840, 2160, grain=1), "JPEG", quality=85)
    asset = studio.assets.add(grainy, filename="grainy.jpg")
    assert asset.size > PICTURE_MOST, "the kept file itself is over the limit"
    wish = GenerationRequest(
        capability=Capability.IMAGE_TO_VIDEO,
        model="gen4_turbo",
        frames=(Frame(uri=asset.uri),),
        ratio="1280:720",
        duration=5,
    )
    uri = sent(studio, wish, tmp_path).bodies[0]["promptImage"]
    assert len(uri) <= PICTURE_MOST
    assert opened(base64.b64decode(uri.partition(",")[2])).size == (1280, 720)


def test_a_picture_that_keeps_its_shape_fills_the_limit_and_no_more(studio: Studio) -> None:
    grainy = encoded(photo(3840, 2160, grain=1), "JPEG", quality=85)
    asset = studio.assets.add(grainy, filename="grainy.jpg")
    uri = studio.assets.wire_uri(Frame(uri=asset.uri), ratio="adaptive")
    assert PICTURE_MOST / 2 < len(uri) <= PICTURE_MOST
    width, height = opened(base64.b64decode(uri.partition(",")[2])).size
    assert abs(width / height - 16 / 9) < 0.01
    assert len(studio.assets.data_uri(asset.sha256) or "") <= PICTURE_MOST


def film(studio: Studio, size: int) -> str:
    """A kept video of so many bytes: players skip a box named free."""
    video = small_video()
    rest = size - len(video)
    data = video + rest.to_bytes(4) + b"free" + bytes(rest - 8)
    kept = studio.assets.add(data, filename="My film.mp4", kinds=(MediaKind.VIDEO,))
    return kept.uri


def change(uri: str) -> GenerationRequest:
    return GenerationRequest(
        capability=Capability.VIDEO_TO_VIDEO,
        model="aleph2",
        prompt="Make it snow",
        media=(Media(role=Role.VIDEO, kind=MediaKind.VIDEO, uri=uri),),
    )


def largest() -> int:
    """Bytes of the largest video that still fits when it is encoded."""
    return (VIDEO_MOST - len("data:video/mp4;base64,")) // 4 * 3


def test_a_video_at_the_limit_goes_inside_the_request(studio: Studio, tmp_path: Path) -> None:
    assert DATA_URI_MAX[MediaKind.VIDEO] == VIDEO_MOST
    api = sent(studio, change(film(studio, largest())), tmp_path)
    uri = api.bodies[0]["videoUri"]
    assert VIDEO_MOST - 4 < len(uri) <= VIDEO_MOST
    assert api.stored == []


def test_a_video_over_the_limit_is_uploaded_first(studio: Studio, tmp_path: Path) -> None:
    asset = film(studio, largest() + 1)
    api = sent(studio, change(asset), tmp_path)
    assert api.bodies[0]["videoUri"] == URI
    (stored,) = api.stored
    kept = studio.assets.path(asset.removeprefix("asset:")).read_bytes()
    assert kept in stored
    asked = next(r for r in api.requests if "/v1/uploads" in r.line)
    assert json.loads(asked.body) == {"filename": "My film.mp4", "type": "ephemeral"}


def test_where_nothing_can_be_uploaded_it_is_refused_before_anything_is_paid(
    studio: Studio, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="takes no file as large as My film"):
        sent(studio, change(film(studio, largest() + 1)), tmp_path, profile="openai-hk")
