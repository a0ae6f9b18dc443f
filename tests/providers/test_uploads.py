"""A file that is too large for a request: a form is asked for, and the file sent with it."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import UPLOAD_MAX, Profile, catalog
from runway_core.domain import Exchange
from runway_core.errors import (
    AddressRefusedError,
    DeskError,
    InvalidInputError,
    NoAnswerError,
    RateLimitError,
    ServerError,
    StorageError,
    UnexpectedReplyError,
)
from runway_core.providers.uploads import upload_name
from tests.http.raw_server import Connection, RawServer, Request, always, answer, closing
from tests.providers.calls import KEY, with_provider

URI = "runway://eyJhbGciOi.slot-1"
FORM = {"key": "ephemeral/1.mp4", "policy": "eyJwb2xpY3kiO-SIGNED", "X-Amz-Signature": "5161SIGNED"}
GIVEN = answer(b"", "204 No Content")
RUNWAY: Profile = catalog().profile("runway").model_copy(update={"uploads": True})


def slot(storage: RawServer, **changes: Any) -> bytes:
    told = {"uploadUrl": f"{storage.url}/bucket?x=SIGNED", "fields": FORM, "runwayUri": URI}
    return answer(json.dumps(told | changes))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "kept.mp4"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


def send(
    api: RawServer, storage: RawServer, path: Path, *, profile: Profile = RUNWAY, **options: Any
) -> str:
    return with_provider(
        api,
        lambda p: p.upload(path, filename="My clip, 波.mp4", mime="video/mp4"),
        profile=profile,
        also=storage,
        **options,
    )


def parts(sent: Request) -> list[tuple[str, bytes]]:
    """Head and content of each part of a form."""
    found = re.search(r"boundary=(\S+)", sent.header("content-type") or "")
    assert found
    pieces = sent.body.split(b"--" + found[1].encode())
    assert pieces[0] == b"" and pieces[-1] == b"--\r\n"
    split = [piece[2:-2].partition(b"\r\n\r\n") for piece in pieces[1:-1]]
    return [(head.decode(), content) for head, _, content in split]


def test_the_form_is_sent_with_every_field_and_the_file_last(film: Path) -> None:
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        assert send(api, storage, film) == URI
        (asked,), (stored,) = api.requests, storage.requests
    assert asked.line == "POST /v1/uploads HTTP/1.1"
    assert asked.header("authorization") == f"Bearer {KEY}"
    assert json.loads(asked.body) == {"filename": "My clip, 波.mp4", "type": "ephemeral"}
    assert stored.line == "POST /bucket?x=SIGNED HTTP/1.1"
    assert stored.header("authorization") is None
    assert stored.header("x-runway-version") is None
    assert "CANARY" not in stored.head
    assert stored.header("transfer-encoding") is None
    assert int(stored.header("content-length") or 0) == len(stored.body)
    fields = parts(stored)
    names = [re.search(r'name="([^"]+)"', head) for head, _ in fields]
    assert [name[1] for name in names if name] == [*FORM, "file"]
    assert [content.decode() for _, content in fields[:-1]] == list(FORM.values())
    head, content = fields[-1]
    assert "Content-Type: video/mp4" in head
    assert content == film.read_bytes()


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    big, size = tmp_path / "big.mp4", 96 * 1024 * 1024
    with big.open("wb") as file:
        file.truncate(size)
    got: list[int] = []

    class Storage(RawServer):
        """Counts a body without keeping it."""

        def _read(self, sock: Any, number: int) -> Request | None:
            head = b""
            while b"\r\n\r\n" not in head:
                more = sock.recv(1 << 16)
                if not more:
                    return None
                head += more
            top, _, body = head.partition(b"\r\n\r\n")
            found = re.search(rb"(?i)content-length: *(\d+)", top)
            wanted, count = int(found[1]) if found else 0, len(body)
            while count < wanted:
                count += len(sock.recv(1 << 16))
            got.append(count)
            return Request(top.decode("latin-1"), b"", number)

    with Storage(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        tracemalloc.start()
        assert send(api, storage, big) == URI
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size < got[0] < size + 5000
    assert peak < 16 * 1024 * 1024


def in_turn(*answers: bytes) -> Callable[[Connection, Request], None]:
    left = list(answers)
    return lambda connection, _request: connection.send(left.pop(0) if left else answers[-1])


FAILED = [
    answer("<Error><Code>Expired</Code></Error>", "403 Forbidden", kind="application/xml"),
    answer("", "503 Slow Down"),
    answer("", "307 X", "Location: /elsewhere"),
    answer("{}", "200 OK", "Content-Encoding: gzip"),
]


@pytest.mark.parametrize("first", FAILED)
def test_a_failed_upload_asks_for_another_form_once(film: Path, first: bytes) -> None:
    with RawServer(in_turn(first, GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        assert send(api, storage, film) == URI
        assert len(api.requests) == len(storage.requests) == 2
        assert {r.line.split()[1] for r in storage.requests} == {"/bucket?x=SIGNED"}


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (FAILED[0], UnexpectedReplyError, "did not take the file (HTTP 403)"),
        (FAILED[1], ServerError, "failed to take the file (HTTP 503)"),
        (FAILED[2], UnexpectedReplyError, "HTTP 307"),
        (answer("", "429 X", "Retry-After: 9"), RateLimitError, "too many uploads"),
        (answer(b"x" * 2_000_000), UnexpectedReplyError, "more than 1 MiB"),
    ],
)
def test_an_upload_that_fails_twice_is_told(
    film: Path, data: bytes, error: type[DeskError], words: str
) -> None:
    with RawServer(always(data)) as storage, RawServer(always(slot(storage))) as api:
        with pytest.raises(error) as caught:
            send(api, storage, film)
        assert len(storage.requests) == 2
    assert words in str(caught.value)
    assert caught.value.hint
    assert "SIGNED" not in f"{caught.value} {caught.value.hint}"


def test_a_storage_that_hangs_up_is_told(film: Path) -> None:
    with RawServer(closing(b"")) as storage, RawServer(always(slot(storage))) as api:
        with pytest.raises(NoAnswerError):
            send(api, storage, film)
        assert len(storage.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 429, 500])
def test_a_refused_form_is_asked_for_once_and_nothing_is_stored(film: Path, status: int) -> None:
    refused = answer('{"error":"no"}', f"{status} X")
    with RawServer(always(GIVEN)) as storage, RawServer(always(refused)) as api:
        with pytest.raises(DeskError):
            send(api, storage, film)
        assert len(api.requests) == 1
        assert storage.requests == []


@pytest.mark.parametrize(
    "changes",
    [
        {"uploadUrl": None},
        {"uploadUrl": "javascript:alert(1)"},
        {"uploadUrl": "https://a.example/ b"},
        {"fields": []},
        {"fields": {"a": 1}},
        {"fields": {"file": "x"}},
        {"fields": {str(n): "x" for n in range(101)}},
        {"runwayUri": "https://evil.example/a.mp4"},
        {"runwayUri": "runway://a b"},
        {"runwayUri": ""},
    ],
)
def test_a_form_that_makes_no_sense_is_not_used(film: Path, changes: dict[str, Any]) -> None:
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage, **changes))) as api:
        with pytest.raises(UnexpectedReplyError):
            send(api, storage, film)
        assert storage.requests == []


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://127.0.0.1/x", "http://127.0.0.1:1/x"]
)
def test_a_form_can_not_lead_into_a_private_network(film: Path, url: str) -> None:
    with (
        RawServer(always(GIVEN)) as storage,
        RawServer(always(slot(storage, uploadUrl=url))) as api,
        pytest.raises(AddressRefusedError),
    ):
        send(api, storage, film)


@pytest.mark.parametrize("size", [0, 511, UPLOAD_MAX + 1])
def test_what_runway_takes_no_upload_of_is_refused_here(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.truncate(size)
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        with pytest.raises(InvalidInputError, match=r"an upload has 512 bytes to 200 MiB"):
            send(api, storage, path)
        assert api.requests == []


def test_the_smallest_upload_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 512)
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        assert send(api, storage, path) == URI


def test_a_file_that_is_gone_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        with pytest.raises(StorageError):
            send(api, storage, tmp_path / "gone.mp4")
        assert api.requests == []


def test_a_relay_takes_no_uploads(film: Path) -> None:
    with RawServer(always(GIVEN)) as storage, RawServer(always(slot(storage))) as api:
        with pytest.raises(InvalidInputError, match="takes no file as large as"):
            send(api, storage, film, profile=catalog().profile("openai-hk"))
        assert api.requests == []


def test_neither_key_nor_form_is_recorded(film: Path) -> None:
    seen: list[Exchange] = []
    with (
        RawServer(always(FAILED[0])) as storage,
        RawServer(always(slot(storage))) as api,
        pytest.raises(UnexpectedReplyError),
    ):
        send(api, storage, film, observe=seen.append)
    text = "".join(exchange.model_dump_json() for exchange in seen)
    assert [e.status_code for e in seen] == [200, 403, 200, 403]
    assert "SIGNED" not in text and "CANARY" not in text
    assert "Expired" in seen[1].response_body


@pytest.mark.parametrize(
    ("filename", "mime", "name"),
    [
        ("clip.mp4", "video/mp4", "clip.mp4"),
        ("CLIP.MP4", "video/mp4", "CLIP.MP4"),
        ("clip.mov", "video/mp4", "clip.mov.mp4"),
        ("clip", "video/quicktime", "clip.mov"),
        ("", "audio/mpeg", "file.mp3"),
        ("..", "image/png", "file.png"),
        ("../../etc/pa\x00sswd\n.webp", "image/webp", "etcpasswd.webp"),
        ("a.weird", "video/x-new", "a.weird"),
        ("x" * 500 + ".mp4", "video/mp4", "x" * 196 + ".mp4"),
    ],
)
def test_a_name_has_the_ending_of_its_kind(filename: str, mime: str, name: str) -> None:
    assert upload_name(filename, mime) == name
