"""A finished file is whole on disk, or not there."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Exchange
from runway_core.errors import (
    AddressRefusedError,
    DeskError,
    DiskFullError,
    NoAnswerError,
    OutputExpiredError,
    RateLimitError,
    ServerError,
    StorageError,
    UnexpectedReplyError,
)
from runway_core.http import Download, Http, Pace
from tests.http.raw_server import Connection, RawServer, Request, always, answer, closing

VIDEO = bytes(range(256)) * 4096


def fetch(url: str, target: Path, *servers: RawServer, **options: Any) -> Download:
    async def run() -> Download:
        hosts = frozenset(host for server in servers for host in server.private)
        async with Http(private_hosts=hosts, pace=options.pop("pace", None)) as http:
            return await http.download(url, target, **options)

    return asyncio.run(run())


def failure(server: RawServer, target: Path, **options: Any) -> DeskError:
    with pytest.raises(DeskError) as caught:
        fetch(server.url, target, server, **options)
    assert not target.exists()
    return caught.value


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4.part"


def test_a_file_arrives_whole_with_its_hash(target: Path) -> None:
    seen: list[Exchange] = []
    reply = answer(VIDEO, "200 OK", kind="Video/MP4; codecs=x")
    with RawServer(always(reply)) as server:
        got = fetch(f"{server.url}/a.mp4?_jwt=CANARY", target, server, observe=seen.append)
        (request,) = server.requests
    assert target.read_bytes() == VIDEO
    assert got == Download(len(VIDEO), hashlib.sha256(VIDEO).hexdigest(), "video/mp4")
    assert request.line.startswith("GET /a.mp4?_jwt=CANARY ")
    assert request.header("authorization") is None
    assert "CANARY" not in seen[0].model_dump_json()
    assert seen[0].status_code == 200


@pytest.mark.parametrize(
    "head", [b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"\r\nabc"]
)
def test_a_file_without_a_length_arrives_too(head: bytes, target: Path) -> None:
    with RawServer(closing(b"HTTP/1.1 200 OK\r\n" + head)) as server:
        assert fetch(server.url, target, server).size == 3


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_old_link_is_told(status: int, target: Path) -> None:
    with RawServer(always(answer("<xml>", f"{status} X", "x-request-id: 9"))) as server:
        error = failure(server, target)
    assert isinstance(error, OutputExpiredError)
    assert (error.status_code, error.request_id) == (status, "9")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, ServerError),
        (503, ServerError),
        (408, ServerError),
        (400, UnexpectedReplyError),
        (204, UnexpectedReplyError),
        (206, UnexpectedReplyError),
        (304, UnexpectedReplyError),
    ],
)
def test_other_answers_are_no_file(status: int, kind: type[DeskError], target: Path) -> None:
    with RawServer(always(answer(b"", f"{status} X"))) as server:
        assert type(failure(server, target)) is kind


def test_a_file_server_may_ask_to_wait(target: Path) -> None:
    with RawServer(always(answer(b"", "429 X", "Retry-After: 7"))) as server:
        error = failure(server, target)
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 7


def reset_midway(connection: Connection, _request: Request) -> None:
    connection.send(answer(VIDEO)[:-5000])
    connection.reset()


def drip(connection: Connection, _request: Request) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    connection.drip(b"x" * 1000, 0.02)


def stall(connection: Connection, _request: Request) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
    connection.stopping.wait(10)


BROKEN: dict[str, Callable[[Connection, Request], None]] = {
    "short": closing(answer(VIDEO)[:-1]),
    "short chunks": closing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "reset": reset_midway,
    "too slow": drip,
    "stalled": stall,
}


@pytest.mark.parametrize("handler", BROKEN.values(), ids=BROKEN)
def test_a_file_that_does_not_come_whole_leaves_nothing(
    handler: Callable[[Connection, Request], None], target: Path
) -> None:
    with RawServer(handler) as server:
        error = failure(server, target, pace=Pace(over=0.3), deadline=10)
    assert isinstance(error, NoAnswerError)


def test_a_file_that_crawls_is_given_up_long_before_the_deadline(target: Path) -> None:
    with RawServer(drip) as server:
        error = failure(server, target, pace=Pace(over=0.3), deadline=10)
    assert "too slowly" in str(error)


def test_the_deadline_is_for_all_of_it(target: Path) -> None:
    with RawServer(drip) as server:
        assert isinstance(failure(server, target, deadline=0.4), NoAnswerError)


@pytest.mark.parametrize("framing", ["Content-Length: 3000", "Transfer-Encoding: chunked"])
def test_a_file_over_the_cap_leaves_nothing(framing: str, target: Path) -> None:
    body = b"x" * 3000 if "Length" in framing else b"bb8\r\n" + b"x" * 3000 + b"\r\n0\r\n\r\n"
    head = f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode()
    with RawServer(closing(head + body)) as server:
        assert isinstance(failure(server, target, max_bytes=2999), UnexpectedReplyError)
    with RawServer(closing(head + body)) as server:
        assert fetch(server.url, target, server, max_bytes=3000).size == 3000


@pytest.mark.parametrize("extra", [("Content-Encoding: gzip",), ()])
def test_compressed_and_empty_files_are_refused(extra: tuple[str, ...], target: Path) -> None:
    body = b"x" if extra else b""
    with RawServer(always(answer(body, "200 OK", *extra))) as server:
        assert isinstance(failure(server, target), UnexpectedReplyError)


def test_a_full_disk_is_told_and_nothing_stays(target: Path) -> None:
    target.symlink_to("/dev/full")
    with RawServer(always(answer(VIDEO))) as server:
        error = failure(server, target)
    assert isinstance(error, DiskFullError)
    assert not target.is_symlink()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with RawServer(always(answer(VIDEO))) as server:
        error = failure(server, tmp_path / "none" / "x.part")
    assert type(error) is StorageError


def test_redirects_are_followed_three_times_without_a_key(target: Path) -> None:
    def handler(connection: Connection, request: Request) -> None:
        step = int(request.line.split()[1].strip("/"))
        connection.send(
            answer(VIDEO) if step == 0 else answer("", "302 X", f"Location: /{step - 1}")
        )

    with RawServer(handler) as server:
        assert fetch(f"{server.url}/3", target, server).size == len(VIDEO)
        assert len(server.requests) == 4
        target.unlink()
        with pytest.raises(UnexpectedReplyError):
            fetch(f"{server.url}/4", target, server)
        assert len(server.requests) == 8
    assert not target.exists()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_an_inner_address_is_refused(status: int, target: Path) -> None:
    with RawServer(always(answer(VIDEO))) as inner:
        for place in (inner.url, "https://169.254.169.254/", "file:///etc/passwd", "//10.0.0.1/"):
            with RawServer(always(answer("", f"{status} X", f"Location: {place}"))) as server:
                assert isinstance(failure(server, target), AddressRefusedError)
        assert inner.requests == []


def test_a_redirect_to_no_address_is_one_of_our_errors(target: Path) -> None:
    with RawServer(always(answer("", "302 X", "Location: http://[bad"))) as server:
        failure(server, target)


def appears(target: Path) -> bool:
    ends = time.monotonic() + 5
    while not target.exists() and time.monotonic() < ends:
        pass
    return target.exists()


def test_a_stopped_download_leaves_nothing(target: Path) -> None:
    def half(connection: Connection, _request: Request) -> None:
        connection.send(answer(VIDEO)[: len(VIDEO) // 2])
        connection.stopping.wait(10)

    with RawServer(half) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                task = asyncio.create_task(http.download(server.url, target))
                assert await asyncio.to_thread(appears, target)
                task.cancel()
                await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(run())
    assert not target.exists()


def test_addresses_without_encryption_are_refused(target: Path) -> None:
    with RawServer(always(answer(VIDEO))) as server, pytest.raises(AddressRefusedError):
        fetch(server.url, target)
