"""A download that broke off goes on where it stopped, and never becomes a mixture of two files."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from runway_core.errors import (
    AddressRefusedError,
    DeskError,
    DiskFullError,
    NoAnswerError,
    NotReachedError,
    OutputExpiredError,
    ServerError,
    StorageError,
    UnexpectedReplyError,
)
from runway_core.http import Http, Pace
from tests.children import PATIENCE, start
from tests.http.ranges import (
    CUT,
    ETAG,
    MIB,
    OLD,
    OTHER,
    VIDEO,
    Files,
    asked,
    breaks,
    breaks_after,
    broken_of,
    fails,
    fetch,
    fetch_until_killed,
    holds_after,
    is_all,
    says,
)
from tests.http.raw_server import Connection, RawServer, Request, answer


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


# --- it goes on ---------------------------------------------------------------------------------------


def test_a_file_broken_at_60_percent_moves_once(
    server: RawServer,
    files: Files,
    target: Path,
    record_property: Callable[[str, object], None],
) -> None:
    files.plans = [breaks_after(CUT)]
    fails(server, target, "/v.mp4?_jwt=first")
    got = fetch(server, target, "/v.mp4?_jwt=second")
    is_all(got, target)
    assert got.mime == "video/mp4"
    record_property("a 1 MiB file broken at 60 % moves", f"{files.sent / MIB:.3f} MiB in all")
    assert files.sent <= 1.05 * MIB
    first, second = server.requests
    assert asked(first) == (None, None)
    assert asked(second) == (f"bytes={CUT}-", '"one"')
    assert second.header("accept-encoding") == "identity"
    assert second.header("authorization") is None


def test_it_may_break_off_again_and_again(server: RawServer, files: Files, target: Path) -> None:
    files.plans = [breaks_after(n) for n in (300_000, 1, 70_000, 400_000)]
    for _ in range(4):
        assert isinstance(fails(server, target), NoAnswerError)
    is_all(fetch(server, target), target)
    assert files.sent == MIB


SEEN = 250_000
"""Bytes of a file, of which so many more are surely on the disk once as many have come."""


def grows(target: Path, size: int) -> bool:
    """Wait until so much of it is written."""
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        if target.exists() and target.stat().st_size >= size:
            return True
        os.sched_yield()
    return False


def test_a_reset_leaves_what_came(server: RawServer, files: Files, target: Path) -> None:
    def plan(files: Files, connection: Connection, request: Request) -> None:
        head, body = files.honest(request)
        files.give(connection, head, body[:300_000])
        assert grows(target, SEEN)
        connection.reset()

    breaks(server, files, target, plan)
    is_all(fetch(server, target), target)
    assert files.sent <= MIB + 300_000 - SEEN


def test_a_stop_leaves_what_came(server: RawServer, files: Files, target: Path) -> None:
    files.plans = [holds_after(300_000)]

    async def run() -> None:
        async with Http(private_hosts=server.private) as http:
            url, broken = f"{server.url}/v.mp4", broken_of(target)
            task = asyncio.create_task(http.download(url, target, broken=broken))
            assert await asyncio.to_thread(grows, target, SEEN)
            task.cancel()
            await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert not target.exists()
    is_all(fetch(server, target), target)
    assert files.sent <= MIB + 300_000 - SEEN


@pytest.mark.parametrize(
    "options", [{"pace": Pace(over=0.3)}, {"deadline": 0.4}], ids=["stalled", "deadline"]
)
def test_a_line_that_hangs_leaves_what_came(
    server: RawServer, files: Files, target: Path, options: dict[str, Any]
) -> None:
    files.plans = [holds_after(300_000)]
    assert isinstance(fails(server, target, **options), NoAnswerError)
    is_all(fetch(server, target), target)
    assert files.sent == MIB


def test_a_date_serves_where_there_is_no_etag(target: Path) -> None:
    files = Files(VIDEO, *OLD)
    files.plans = [breaks_after(CUT)]
    with RawServer(files) as server:
        fails(server, target)
        is_all(fetch(server, target), target)
        assert asked(server.requests[1]) == (f"bytes={CUT}-", "Sun, 22 Nov 2026 08:00:00 GMT")
    assert files.sent == MIB


def test_a_server_may_give_the_rest_in_parts(server: RawServer, files: Files, target: Path) -> None:
    breaks(server, files, target)
    span = f"Content-Range: bytes {CUT}-{CUT + 999}/{MIB}"
    files.plans = [says("206 X", "Content-Length: 1000", span, ETAG, body=VIDEO[CUT : CUT + 1000])]
    assert isinstance(fails(server, target), NoAnswerError)
    is_all(fetch(server, target), target)
    assert asked(server.requests[2])[0] == f"bytes={CUT + 1000}-"


def test_what_may_pass_in_between_costs_nothing_of_it(
    server: RawServer, files: Files, target: Path
) -> None:
    breaks(server, files, target)
    files.plans = [says("403 X", "Content-Length: 0"), says("503 X", "Content-Length: 0")]
    assert isinstance(fails(server, target), OutputExpiredError)
    assert isinstance(fails(server, target), ServerError)
    is_all(fetch(server, target), target)
    assert files.sent == MIB


def test_a_server_that_is_not_reached_costs_nothing_of_it(target: Path, files: Files) -> None:
    files.plans = [breaks_after(CUT)]
    with RawServer(files) as server:
        fails(server, target)
    for _ in range(5):
        assert isinstance(fails(server, target), NotReachedError)
    (kept,) = target.parent.iterdir()
    assert kept.read_bytes()[:CUT] == VIDEO[:CUT]


# --- redirects and caps -------------------------------------------------------------------------------


def test_a_redirect_is_followed_and_only_the_place_of_the_file_is_asked_for_its_rest(
    files: Files, target: Path
) -> None:
    there = ["/disk/1"]

    def handler(connection: Connection, request: Request) -> None:
        if request.line.startswith("GET /link"):
            connection.send(answer("", "302 X", f"Location: {there[0]}"))
        else:
            files(connection, request)

    files.plans = [breaks_after(CUT)]
    with RawServer(handler) as server:
        fails(server, target, "/link?a=1")
        got = fetch(server, target, "/link?a=2")
        is_all(got, target)
        assert files.sent == MIB
        assert [asked(r)[0] for r in server.requests] == [None, None, None, f"bytes={CUT}-"]
        files.plans = [breaks_after(CUT)]
        fails(server, target.with_name("t2"), "/link")
        there[0] = "/disk/2"
        assert fetch(server, target.with_name("t2"), "/link").size == MIB
        assert [asked(r) for r in server.requests[-2:]] == [(None, None)] * 2


def test_an_inner_address_is_refused_on_the_way_to_the_rest_too(
    server: RawServer, files: Files, target: Path
) -> None:
    with RawServer(Files(OTHER)) as inner:
        for place in (inner.url, "https://169.254.169.254/", "file:///etc/passwd", "//10.0.0.1/"):
            target = target.with_name(f"{len(place)}.part")
            breaks(server, files, target)
            files.plans = [says("302 X", f"Location: {place}/v.mp4", "Content-Length: 0")]
            assert isinstance(fails(server, target), AddressRefusedError)
            assert asked(server.requests[-1])[0] == f"bytes={CUT}-"
        assert inner.requests == []


def test_the_cap_is_for_the_whole_file(server: RawServer, files: Files, target: Path) -> None:
    breaks(server, files, target)
    assert isinstance(fails(server, target, max_bytes=MIB - 1), UnexpectedReplyError)
    files.sent = 0
    assert fetch(server, target, max_bytes=MIB).size == MIB


def test_the_pace_is_for_all_tries_together(server: RawServer, files: Files, target: Path) -> None:
    pace = Pace(bytes_per_second=1_000_000, over=1.0)
    files.plans = [holds_after(1000)] * 2
    fails(server, target, pace=pace, deadline=0.5)
    fails(server, target, pace=pace, deadline=1.4)
    assert asked(server.requests[1])[0] == "bytes=1000-"
    assert list(target.parent.iterdir()) == []


def test_the_deadline_is_for_all_tries_together(
    server: RawServer, files: Files, target: Path
) -> None:
    files.plans = [holds_after(300_000)] * 2
    fails(server, target, pace=Pace(over=1.0), deadline=2.0)
    began = time.monotonic()
    fails(server, target, deadline=2.0)
    assert time.monotonic() - began < 1.7
    assert asked(server.requests[1])[0] == "bytes=300000-"
    is_all(fetch(server, target, deadline=2.0), target)
    assert asked(server.requests[2]) == (None, None)


# --- what lies on the disk ----------------------------------------------------------------------------


def kept(target: Path) -> Path:
    (path,) = target.parent.iterdir()
    assert path != target
    return path


def spoil(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("at", [0, CUT // 2, CUT - 1])
def test_bytes_that_rotted_are_never_part_of_a_file(
    server: RawServer, files: Files, target: Path, at: int
) -> None:
    breaks(server, files, target)
    spoil(kept(target), at)
    error = fails(server, target)
    assert type(error) is StorageError and "damaged" in str(error)
    is_all(fetch(server, target), target)
    assert asked(server.requests[-1]) == (None, None)


def test_what_is_written_of_them_may_rot_too(server: RawServer, files: Files, target: Path) -> None:
    breaks(server, files, target)
    good = kept(target).read_bytes()
    places = random.Random(3).sample(range(CUT, len(good)), 40) + [len(good) - n for n in range(6)]
    for at in places:
        path = broken_of(target)
        path.write_bytes(good)
        spoil(path, min(at, len(good) - 1))
        for _ in range(2):
            try:
                is_all(fetch(server, target), target)
                break
            except DeskError:
                assert not target.exists()
        assert target.read_bytes() == VIDEO
        target.unlink()


@pytest.mark.parametrize("cut", [1, 5, 6, 300, CUT])
def test_a_piece_that_was_cut_is_not_believed(
    server: RawServer, files: Files, target: Path, cut: int
) -> None:
    breaks(server, files, target)
    path = kept(target)
    os.truncate(path, path.stat().st_size - cut)
    is_all(fetch(server, target), target)
    assert asked(server.requests[-1]) == (None, None)


@pytest.mark.parametrize("days", [1.01, -0.01])
def test_a_piece_goes_on_for_a_day(
    server: RawServer, files: Files, target: Path, days: float
) -> None:
    breaks(server, files, target)
    with time_machine.travel(time.time() + days * 86400):
        is_all(fetch(server, target), target)
    assert asked(server.requests[-1]) == (None, None)


def test_a_full_disk_gets_its_room_back(server: RawServer, files: Files, target: Path) -> None:
    breaks(server, files, target)
    target.symlink_to("/dev/full")
    assert isinstance(fails(server, target), DiskFullError)
    assert list(target.parent.iterdir()) == []


def test_no_secret_of_the_link_is_written_beside_it(
    server: RawServer, files: Files, target: Path
) -> None:
    files.plans = [breaks_after(CUT)]
    fails(server, target, "/CANARY1/v.mp4?_jwt=CANARY2")
    assert b"CANARY" not in kept(target).read_bytes()


def test_killed_while_it_appends_the_next_try_goes_on_from_what_is_sure(
    server: RawServer, files: Files, target: Path
) -> None:
    breaks(server, files, target)
    files.plans = [holds_after(300_000)]
    child = start(fetch_until_killed, f"{server.url}/v.mp4", server.port, target)
    server.wait_for(2, PATIENCE)
    assert grows(target, CUT + SEEN)
    child.kill()
    child.join(PATIENCE)
    assert CUT < target.stat().st_size < MIB
    target.write_bytes(target.read_bytes()[:-100] + bytes(5000))  # a power cut may leave anything
    is_all(fetch(server, target), target)
    assert asked(server.requests[-1])[0] == f"bytes={CUT}-"
