"""A download that broke off is fetched from its start whenever anything speaks against the rest: never a mixture."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.errors import (
    DeskError,
    UnexpectedReplyError,
)
from runway_core.http import Http
from tests.http.ranges import (
    CUT,
    ETAG,
    MIB,
    OLD,
    OTHER,
    VIDEO,
    Files,
    Plan,
    asked,
    breaks,
    breaks_after,
    broken_of,
    fails,
    fetch,
    is_all,
    says,
    whole,
)
from tests.http.raw_server import Connection, RawServer, Request


@pytest.fixture
def files() -> Files:
    return Files(VIDEO)


@pytest.fixture
def server(files: Files) -> Iterator[RawServer]:
    with RawServer(files) as server:
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "t1.part"


# --- it starts anew -----------------------------------------------------------------------------------

REST = ("206 Partial Content", f"Content-Range: bytes {CUT}-{MIB - 1}/{MIB}")
LEFT = MIB - CUT
LIES: dict[str, Plan] = {
    "starts earlier": says(
        "206 X", f"Content-Range: bytes {CUT - 1}-{MIB - 1}/{MIB}", ETAG, body=OTHER[CUT - 1 :]
    ),
    "starts later": says(
        "206 X", f"Content-Range: bytes {CUT + 1}-{MIB - 1}/{MIB}", ETAG, body=OTHER[CUT + 1 :]
    ),
    "starts at the start": says(
        "206 X", f"Content-Range: bytes 0-{MIB - 1}/{MIB}", ETAG, body=OTHER
    ),
    "another total": says(
        "206 X", f"Content-Range: bytes {CUT}-{MIB - 1}/{MIB + 1}", ETAG, body=OTHER[CUT:]
    ),
    "a larger file": says(
        "206 X", f"Content-Range: bytes {CUT}-{MIB}/{MIB + 1}", ETAG, body=OTHER[CUT:] + b"x"
    ),
    "no total": says("206 X", f"Content-Range: bytes {CUT}-{MIB - 1}/*", ETAG, body=OTHER[CUT:]),
    "no range": says("206 X", f"Content-Length: {LEFT}", ETAG, body=OTHER[CUT:]),
    "two ranges": says(*REST, REST[1], ETAG, body=OTHER[CUT:]),
    "backwards": says("206 X", f"Content-Range: bytes {CUT}-5/{MIB}", ETAG, body=OTHER[CUT:]),
    "other digits": says("206 X", f"Content-Range: bytes {CUT}-٣/{MIB}", ETAG, body=OTHER[CUT:]),
    "longer than told": says(*REST, ETAG, body=OTHER[CUT:] + b"x"),
    "a longer length": says(*REST, f"Content-Length: {LEFT + 1}", ETAG, body=OTHER[CUT:] + b"x"),
    "a shorter length": says(*REST, f"Content-Length: {LEFT - 1}", ETAG, body=OTHER[CUT:-1]),
    "another etag": says(*REST, 'ETag: "two"', body=OTHER[CUT:]),
    "a weak etag": says(*REST, 'ETag: W/"one"', body=OTHER[CUT:]),
    "no etag": says(*REST, body=OTHER[CUT:]),
    "two etags": says(*REST, ETAG, 'ETag: "two"', body=OTHER[CUT:]),
    "compressed": says(*REST, ETAG, "Content-Encoding: gzip", body=OTHER[CUT:]),
    "no such range": says("416 X", f"Content-Range: bytes */{MIB}", "Content-Length: 0"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_rest_that_can_not_be_trusted_is_never_appended(
    server: RawServer, files: Files, target: Path, lie: Plan
) -> None:
    breaks(server, files, target)
    files.plans = [lie]
    assert isinstance(fails(server, target), UnexpectedReplyError)
    assert list(target.parent.iterdir()) == []
    is_all(fetch(server, target), target)
    assert [asked(request)[0] for request in server.requests] == [None, f"bytes={CUT}-", None]


def test_a_file_that_changed_meanwhile_comes_whole(
    server: RawServer, files: Files, target: Path
) -> None:
    breaks(server, files, target)
    files.data, files.validators = OTHER, ('ETag: "two"',)
    is_all(fetch(server, target), target, OTHER)
    assert files.sent == CUT + MIB


def test_a_file_that_changed_and_breaks_off_too_goes_on_as_the_new_one(
    server: RawServer, files: Files, target: Path
) -> None:
    breaks(server, files, target)
    files.data, files.validators = OTHER, ('ETag: "two"',)
    files.plans = [breaks_after(1000)]
    fails(server, target)
    is_all(fetch(server, target), target, OTHER)
    assert asked(server.requests[2]) == ("bytes=1000-", '"two"')


def test_a_server_that_knows_no_ranges_gives_it_whole(
    server: RawServer, files: Files, target: Path
) -> None:
    breaks(server, files, target)
    files.plans = [says("200 OK", f"Content-Length: {MIB}", body=OTHER)]
    is_all(fetch(server, target), target, OTHER)


NOT_STRONG: dict[str, tuple[str, ...]] = {
    "no validator": ("X-A: b",),
    "weak": ('ETag: W/"one"',),
    "no quotes": ("ETag: one",),
    "empty": ('ETag: ""',),
    "two": ('ETag: "one"', 'ETag: "two"'),
    "odd letters": ('ETag: "öne"',),
    "endless": (f'ETag: "{"x" * 5000}"',),
    "weak with a date": ('ETag: W/"one"', *OLD),
    "a date alone": OLD[:1],
    "a fresh date": (OLD[0], "Date: Sun, 22 Nov 2026 08:00:59 GMT"),
    "no date": ("Last-Modified: Sun, 99 Nov 2026 08:00:00 GMT", OLD[1]),
    "another date": ("Last-Modified: 2026-11-22T08:00:00Z", OLD[1]),
    "no ranges": (ETAG, "Accept-Ranges: none"),
    "compressed": (ETAG, "Content-Encoding: br"),
}


@pytest.mark.parametrize("validators", NOT_STRONG.values(), ids=NOT_STRONG)
def test_without_a_strong_validator_nothing_is_kept(
    target: Path, validators: tuple[str, ...]
) -> None:
    files = Files(VIDEO, *validators)
    files.plans = [breaks_after(CUT)]
    with RawServer(files) as server:
        fails(server, target)
        assert list(target.parent.iterdir()) == []
        files.validators = (ETAG,)
        is_all(fetch(server, target), target)
        assert asked(server.requests[1]) == (None, None)


@pytest.mark.parametrize("length", ["", f"Content-Length: {MIB}"])
def test_a_file_in_chunks_has_no_length_to_trust(
    server: RawServer, files: Files, target: Path, length: str
) -> None:
    head = ("200 OK", "Transfer-Encoding: chunked", ETAG, *filter(None, [length]))
    files.plans = [says(*head, body=b"400\r\n" + VIDEO[:1024] + b"\r\n")]
    fails(server, target)
    assert list(target.parent.iterdir()) == []


def test_another_address_is_another_file(server: RawServer, files: Files, target: Path) -> None:
    breaks(server, files, target)
    is_all(fetch(server, target, "/w.mp4"), target)
    assert asked(server.requests[1]) == (None, None)


@pytest.mark.parametrize(
    "useless",
    [breaks_after(0), says("403 X"), says("500 X"), says("")],
    ids=["nothing", "403", "500", "no answer"],
)
def test_a_server_that_fails_at_ranges_is_asked_for_all_in_the_end(
    server: RawServer, files: Files, target: Path, useless: Plan
) -> None:
    def plan(files: Files, connection: Connection, request: Request) -> None:
        (useless if request.header("range") else whole)(files, connection, request)

    breaks(server, files, target)
    files.plans = [plan] * 9
    for _ in range(3):
        fails(server, target)
    is_all(fetch(server, target), target)


# --- whatever happens ---------------------------------------------------------------------------------


def test_whatever_happens_in_between_the_file_is_one_that_the_server_had(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance, tries, went_on = random.Random(20261122), 0, 0
    versions = [chance.randbytes(3000) for _ in range(4)]
    hashes = [hashlib.sha256(version).hexdigest() for version in versions]

    async def story(server: RawServer, files: Files, target: Path) -> None:
        nonlocal tries
        async with Http(private_hosts=server.private) as http:
            for _ in range(40):
                tries += 1
                try:
                    url, broken = f"{server.url}/v?{tries}", broken_of(target)
                    got = await http.download(url, target, broken=broken)
                except DeskError:
                    if chance.random() < 0.2:
                        number = chance.randrange(4)
                        files.data, files.validators = versions[number], (f'ETag: "{number}"',)
                    continue
                assert got.sha256 in hashes
                is_all(got, target, versions[hashes.index(got.sha256)])
                return
        raise AssertionError("never whole")

    def liar(files: Files, connection: Connection, _request: Request) -> None:
        start, end = sorted(chance.sample(range(3100), 2))
        span = f"Content-Range: bytes {start}-{end}/{chance.choice((3000, 3000, 3001, '*'))}"
        tag = f'ETag: "{chance.randrange(4)}"'
        status = chance.choice(("206 X", "206 X", "416 X", "500 X"))
        files.give(connection, (status, span, tag), bytes(chance.randrange(3100)), close=True)

    for number in range(60):
        files = Files(versions[0], 'ETag: "0"')
        for _ in range(chance.randrange(1, 8)):
            files.plans.append(chance.choice((breaks_after(chance.randrange(3000)), liar)))
        with RawServer(files) as server:
            (tmp_path / str(number)).mkdir()
            asyncio.run(story(server, files, tmp_path / str(number) / "t1.part"))
            went_on += sum(
                bool(re.match("bytes=", request.header("range") or ""))
                for request in server.requests
            )
    assert went_on > 60
    record_property("random stories of downloads", f"60 in {tries} tries, {went_on} for a rest")
