"""Kept files over HTTP: exact bytes, any range of them, and nothing else of the disk."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import httpx
import pytest
from PIL import Image

from runway_core.domain import Asset, MediaKind
from runway_core.errors import InvalidInputError
from runway_core.web.runtime import runtime
from tests.shelf import MP4
from tests.sounds import sound
from tests.web.conftest import Kept, keep_video

SIZE = 200_000


def test_a_video_is_given_whole_and_a_browser_may_seek_in_it(
    client: httpx.Client, kept: Kept
) -> None:
    answer = client.get(kept.url)
    assert (answer.status_code, answer.content) == (200, kept.video)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-disposition"].startswith("inline")
    assert "immutable" in answer.headers["cache-control"]
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=1000-150000", 1000, 150_000),
        ("bytes=199999-", SIZE - 1, SIZE - 1),
        ("bytes=100000-", 100_000, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        ("bytes=0-999999999", 0, SIZE - 1),
    ],
)
def test_a_range_gives_exactly_its_bytes(
    client: httpx.Client, kept: Kept, asked: str, first: int, last: int
) -> None:
    answer = client.get(kept.url, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == kept.video[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("asked", ["bytes=200000-", "bytes=999999-1000000"])
def test_a_range_beyond_the_end_is_refused_with_the_size(
    client: httpx.Client, kept: Kept, asked: str
) -> None:
    answer = client.get(kept.url, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] in (f"bytes */{SIZE}", f"*/{SIZE}")
    assert kept.video[:100] not in answer.content


def test_a_head_tells_the_size_and_sends_nothing(client: httpx.Client, kept: Kept) -> None:
    answer = client.head(kept.url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "video/mp4"


def test_a_download_is_offered_to_be_saved_under_a_plain_name(
    client: httpx.Client, kept: Kept
) -> None:
    answer = client.get(kept.url, params={"download": "1"})
    name = f"a-fox-in-the-snow-{kept.task_id[:8]}.mp4"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.content == kept.video


def test_a_poster_is_a_jpeg(client: httpx.Client, kept: Kept) -> None:
    answer = client.get(kept.poster_url)
    assert (answer.status_code, answer.content) == (200, kept.poster)
    assert answer.headers["content-type"] == "image/jpeg"


def test_a_video_of_another_kind_says_so(client: httpx.Client, home: Path) -> None:
    kept = keep_video(home / "media", mime="video/webm")
    assert client.get(kept.url).headers["content-type"] == "video/webm"


def test_a_picture_that_was_brought_in_is_shown_small(client: httpx.Client) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(buffer, "PNG")
    asset = runtime().studio.assets.add(buffer.getvalue(), filename="sea.png")
    answer = client.get(f"/app/static/desk/picture/{asset.sha256}.jpg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 640


def brought(data: bytes, *kinds: MediaKind, filename: str = "clip") -> Asset:
    return runtime().studio.assets.add(io.BytesIO(data), filename=filename, kinds=kinds)


def test_a_video_that_was_brought_in_is_given_by_ranges_with_a_frame_to_show(
    client: httpx.Client,
) -> None:
    asset = brought(MP4, MediaKind.VIDEO)
    url = f"/app/static/desk/asset/{asset.sha256}"
    whole = client.get(url)
    assert (whole.content, whole.headers["content-type"]) == (MP4, "video/mp4")
    part = client.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, MP4[100:200])
    poster = client.get(f"/app/static/desk/picture/{asset.sha256}.jpg")
    assert Image.open(io.BytesIO(poster.content)).size == (320, 180)
    assert "immutable" in whole.headers["cache-control"]


def test_a_sound_that_was_brought_in_is_given_and_has_no_picture(client: httpx.Client) -> None:
    asset = brought(sound(), MediaKind.AUDIO)
    answer = client.get(f"/app/static/desk/asset/{asset.sha256}")
    assert (answer.content, answer.headers["content-type"]) == (sound(), "audio/wav")
    assert client.get(f"/app/static/desk/picture/{asset.sha256}.jpg").status_code == 404


def test_a_page_in_a_videos_clothes_is_never_served(client: httpx.Client) -> None:
    with pytest.raises(InvalidInputError):
        brought(b"<html><script>alert(1)</script>", MediaKind.VIDEO, filename="walk.mp4")
    assert client.get(f"/app/static/desk/asset/{'a' * 64}").status_code == 404


@pytest.mark.parametrize(
    ("mime", "suffix", "shown"),
    [
        ("image/png", ".png", "inline"),
        ("image/jpeg", ".jpg", "inline"),
        ("application/zip", ".zip", "attachment"),
    ],
)
def test_what_is_no_video_is_given_as_what_it_is(
    client: httpx.Client, home: Path, mime: str, suffix: str, shown: str
) -> None:
    name = f"videos/ab/{'ab' * 32}{suffix}"
    kept = keep_video(home / "media", mime=mime, path=name, poster="")
    path = home / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(kept.video)
    answer = client.get(f"/app/static/desk/{kept.task_id}/0/picture")
    assert (answer.content, answer.headers["content-type"]) == (kept.video, mime)
    assert answer.headers["content-disposition"].startswith(shown)
    saved = client.get(f"/app/static/desk/{kept.task_id}/0/picture", params={"download": "1"})
    assert saved.headers["content-disposition"].endswith(f'-{kept.task_id[:8]}{suffix}"')


# --- what is not there -------------------------------------------------------------------------


def _refused(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Traceback" not in answer.text and "cache-control" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "nobody/0/video.mp4",
        "nobody/0/poster.jpg",
        f"picture/{'a' * 64}.jpg",
        "picture/nonsense.jpg",
        "{task}/1/video.mp4",
        "{task}/99/poster.jpg",
        "{task}/-1/video.mp4",
        "{task}/x/video.mp4",
        "{task}/0/other.mp4",
        "{task}%00/0/video.mp4",
    ],
)
def test_an_unknown_address_is_not_found(client: httpx.Client, kept: Kept, path: str) -> None:
    _refused(client.get(f"/app/static/desk/{path.replace('{task}', kept.task_id)}"))


def test_a_deleted_task_is_not_found(client: httpx.Client, kept: Kept) -> None:
    runtime().studio.tasks.delete(kept.task_id)
    _refused(client.get(kept.url))


@pytest.mark.parametrize("which", ["video", "poster"])
def test_a_file_that_was_taken_away_is_not_found(
    client: httpx.Client, kept: Kept, home: Path, which: str
) -> None:
    lost, url = {
        "video": (kept.artifact.path, kept.url),
        "poster": (kept.artifact.poster, kept.poster_url),
    }[which]
    (home / "media" / lost).unlink()
    _refused(client.get(url))


def test_a_video_without_a_poster_has_none(client: httpx.Client, home: Path) -> None:
    kept = keep_video(home / "media", poster="")
    _refused(client.get(kept.poster_url))
    assert client.get(kept.url).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/app/static/desk/../../../master.key",
        "/app/static/desk/..%2f..%2fmaster.key/0/video.mp4",
        "/app/static/desk/%2e%2e/%2e%2e/master.key",
        "/app/static/desk/picture/..%2f..%2f..%2fmaster.key.jpg",
        "/app/static/desk/picture/../../../../master.key",
        "/app/static/desk/picture/%2Fetc%2Fpasswd.jpg",
        "/app/static/desk/..\\..\\master.key/0/video.mp4",
        "//app/static/desk/picture/../../desk.db",
    ],
)
def test_no_spelling_of_a_path_leads_out_of_the_media_folder(
    client: httpx.Client, home: Path, target: str
) -> None:
    (home / "master.key").write_bytes(b"MASTER-CANARY")
    answer = _raw(client, target)  # as it is: a client library would tidy the path
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"MASTER-CANARY" not in answer and b"root:" not in answer and b"SQLite" not in answer


@pytest.mark.parametrize("path", ["../master.key", "/etc/passwd", "../../x", "."])
def test_a_row_that_names_a_file_elsewhere_is_not_served(
    client: httpx.Client, home: Path, path: str
) -> None:
    kept = keep_video(home / "media")
    (home / "master.key").write_bytes(b"MASTER-CANARY")
    spoilt = kept.artifact.model_copy(update={"path": path, "poster": path})
    runtime().studio.store.tasks.attach(kept.task_id, [spoilt], now=spoilt.created_at)
    for url in (kept.url, kept.poster_url):
        _refused(client.get(url))


def _raw(client: httpx.Client, target: str) -> bytes:
    host, port = client.base_url.host, client.base_url.port or 0
    with socket.create_connection((host, port), timeout=20) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_a_home_that_cannot_be_opened_is_said_in_plain_words(
    client: httpx.Client, home: Path
) -> None:
    (home / "desk.db").write_text("My diary. " * 500)
    answer = client.get("/app/static/desk/any/0/video.mp4")
    assert answer.status_code == 503
    assert answer.text == f"The database {home / 'desk.db'} is not a Runway Desk database."
