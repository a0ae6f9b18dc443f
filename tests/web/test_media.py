"""Kept files over HTTP: exact bytes, any range of them, and nothing else of the disk."""

from __future__ import annotations

import io
import shutil
import socket
import tracemalloc
from pathlib import Path

import httpx
import pytest
from PIL import Image

from runway_core.domain import Asset, MediaKind
from runway_core.errors import InvalidInputError, NotFoundError
from runway_core.web.runtime import runtime
from tests.buckets import KEY, SECRET, Buckets
from tests.builders import artifact
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
    kept = keep_video(mime="video/webm")
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
    kept = keep_video(mime=mime, path=name, poster="")
    answer = client.get(f"/app/static/desk/{kept.task_id}/0/picture")
    assert (answer.content, answer.headers["content-type"]) == (kept.video, mime)
    assert answer.headers["content-disposition"].startswith(shown)
    saved = client.get(f"/app/static/desk/{kept.task_id}/0/picture", params={"download": "1"})
    assert saved.headers["content-disposition"].endswith(f'-{kept.task_id[:8]}{suffix}"')


# --- what is not there -------------------------------------------------------------------------


def _refused(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Traceback" not in answer.text
    assert answer.headers.get("cache-control", "no-store") == "no-store"


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


def take_away(name: str) -> None:
    """Remove one kept file, and leave the row that names it."""
    archive = runtime().studio.archive
    archive.remove(artifact(path=name, poster=""), "nobody")
    with pytest.raises(NotFoundError):
        archive.size(name)


@pytest.mark.parametrize("which", ["video", "poster"])
def test_a_file_that_was_taken_away_is_not_found(
    client: httpx.Client, kept: Kept, which: str
) -> None:
    lost, url = {
        "video": (kept.artifact.path, kept.url),
        "poster": (kept.artifact.poster, kept.poster_url),
    }[which]
    take_away(lost)
    _refused(client.get(url))


def test_a_video_without_a_poster_has_none(client: httpx.Client, home: Path) -> None:
    kept = keep_video(poster="")
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
    runtime()  # which looks at this file when it starts
    (home / "master.key").write_bytes(b"MASTER-CANARY")
    answer = _raw(client, target)  # as it is: a client library would tidy the path
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"MASTER-CANARY" not in answer and b"root:" not in answer and b"SQLite" not in answer


@pytest.mark.parametrize("path", ["../master.key", "/etc/passwd", "../../x", "."])
def test_a_row_that_names_a_file_elsewhere_is_not_served(
    client: httpx.Client, home: Path, path: str
) -> None:
    kept = keep_video()
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


# --- in a bucket -------------------------------------------------------------------------------


def test_a_bucket_is_seen_as_a_folder_is(client: httpx.Client, in_bucket: Kept) -> None:
    video, size = in_bucket.video, 9_000_000
    for asked, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=2097151-2097152", 2_097_151, 2_097_152),
        ("bytes=8999999-", size - 1, size - 1),
        ("bytes=-500", size - 500, size - 1),
        ("bytes=-99999999", 0, size - 1),
        ("bytes=8000000-999999999", 8_000_000, size - 1),
    ):
        answer = client.get(in_bucket.url, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, video[first : last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["content-length"] == str(last - first + 1)
    for asked in ("bytes=9000000-", "bytes=-0"):
        answer = client.get(in_bucket.url, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    none = ("0-1,5-6", "x-1", "5-2", "-", "", "0-" + "9" * 5000)
    for asked in ("lines=0-1", "bytes", *(f"bytes={spec}" for spec in none)):
        answer = client.head(in_bucket.url, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(size))
    saved = client.get(in_bucket.url, params={"download": "1"})
    assert (saved.content, saved.headers["content-type"]) == (video, "video/mp4")
    name = f"a-fox-in-the-snow-{in_bucket.task_id[:8]}.mp4"
    assert saved.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "immutable" in saved.headers["cache-control"]
    assert saved.headers["accept-ranges"] == "bytes"
    assert client.get(in_bucket.poster_url).content == in_bucket.poster


def test_what_was_brought_into_a_bucket_is_shown(
    client: httpx.Client, in_bucket: Kept, home: Path
) -> None:
    asset = brought(MP4, MediaKind.VIDEO)
    shutil.rmtree(home / "media" / "cache")
    url = f"/app/static/desk/asset/{asset.sha256}"
    part = client.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, MP4[100:200])
    poster = client.get(f"/app/static/desk/picture/{asset.sha256}.jpg")
    assert Image.open(io.BytesIO(poster.content)).size == (320, 180)


def test_a_file_that_is_gone_from_the_bucket_is_not_found(
    client: httpx.Client, in_bucket: Kept
) -> None:
    take_away(in_bucket.artifact.path)
    take_away(in_bucket.artifact.poster)
    for url in (in_bucket.url, in_bucket.poster_url, f"/app/static/desk/asset/{'a' * 64}"):
        _refused(client.get(url))


def test_only_the_asked_bytes_leave_the_bucket(
    client: httpx.Client, in_bucket: Kept, buckets: Buckets, home: Path
) -> None:
    before = buckets.gate.given
    answer = client.get(in_bucket.url, headers={"Range": "bytes=4000000-4000999"})
    assert answer.content == in_bucket.video[4_000_000:4_001_000]
    assert 1000 < buckets.gate.given - before < 5000
    tag = answer.headers["etag"]
    same = {"Range": "bytes=0-9", "If-Range": tag}
    assert client.get(in_bucket.url, headers=same).status_code == 206
    assert client.get(in_bucket.url, headers=same | {"If-Range": '"x"'}).status_code == 200
    before = buckets.gate.given
    assert client.head(in_bucket.url).headers["content-length"] == "9000000"
    assert client.get(in_bucket.url, headers={"Range": "bytes=9000000-"}).status_code == 416
    assert buckets.gate.given - before < 5000
    assert client.get(in_bucket.url).content == in_bucket.video
    assert not list((home / "media").rglob("*.mp4"))


def test_a_browser_that_goes_away_ends_the_reading(
    client: httpx.Client, in_bucket: Kept, buckets: Buckets
) -> None:
    with client.stream("GET", in_bucket.url) as answer:
        next(answer.iter_bytes(1000))
    assert client.head(in_bucket.url).status_code == 200
    assert buckets.gate.given < 9_000_000


def test_a_large_file_is_never_whole_in_memory(client: httpx.Client, in_bucket: Kept) -> None:
    client.head(in_bucket.url)
    tracemalloc.start()
    try:
        with client.stream("GET", in_bucket.url) as answer:
            size = sum(len(piece) for piece in answer.iter_bytes(65536))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 9_000_000 and peak < 9_000_000


def test_no_answer_tells_of_the_bucket_or_its_keys_even_when_it_is_away(
    client: httpx.Client, in_bucket: Kept, buckets: Buckets
) -> None:
    port = str(buckets.gate.port)
    answers = [client.get(in_bucket.url, headers={"Range": "bytes=0-9"})]
    buckets.gate.shut = True
    buckets.gate.break_off()
    answers += [client.get(url) for url in (in_bucket.url, in_bucket.poster_url)]
    assert [answer.status_code for answer in answers] == [206, 503, 503]
    for answer in answers:
        told = f"{answer.headers} {answer.text}"
        assert not [
            secret for secret in (KEY, SECRET, port, "amz", "AWS4", "Signature") if secret in told
        ]
    assert "immutable" not in str(answers[1].headers)
    buckets.gate.shut = False
    assert client.get(in_bucket.poster_url).content == in_bucket.poster
