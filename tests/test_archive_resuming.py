"""Keeping a video whose download broke off: the rest follows, in every storage, and only whole files are kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runway_core.archive import Archive
from runway_core.archive.disk import Disk
from runway_core.domain import Artifact, ArtifactState
from runway_core.errors import DeskError, NoAnswerError, UnexpectedReplyError
from runway_core.http import Http
from tests.buckets import another
from tests.children import PATIENCE, start
from tests.engine.conftest import Desk
from tests.http.ranges import Files, Plan, breaks_after, holds_after, says
from tests.http.raw_server import Connection, RawServer, Request
from tests.relay import Call, Relay, small_video
from tests.shelf import MP4, NOW, files, keep

MIB = 1024 * 1024
LARGE = MP4 + MIB.to_bytes(4) + b"free" + random.Random(5).randbytes(MIB - 8)
CUT = len(LARGE) * 6 // 10


@pytest.fixture
def shop() -> Files:
    return Files(LARGE)


@pytest.fixture
def server(shop: Files) -> Iterator[RawServer]:
    with RawServer(shop) as server:
        yield server


@pytest.fixture
def here(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "media")


def breaks(archive: Archive, server: RawServer, shop: Files, name: str = "t1") -> None:
    shop.plans = [breaks_after(CUT)]
    with pytest.raises(NoAnswerError):
        keep(archive, f"{server.url}/v.mp4?_jwt=old", name=name)


def is_kept(archive: Archive, artifact: Artifact, data: bytes = LARGE) -> None:
    assert artifact.sha256 == hashlib.sha256(data).hexdigest()
    assert archive.path(artifact.path).read_bytes() == data
    assert files(archive) == sorted([artifact.path, artifact.poster])


def test_the_rest_of_a_video_follows_wherever_it_is_kept(
    anywhere: Archive, server: RawServer, shop: Files
) -> None:
    breaks(anywhere, server, shop)
    assert files(anywhere) == ["parts/t1.broken"]
    restarted = another(anywhere, anywhere.root)
    assert restarted.clean_parts(older_than=0) == 0
    is_kept(restarted, keep(restarted, f"{server.url}/v.mp4?_jwt=new"))
    assert shop.sent == len(LARGE)
    restarted.close()


def test_each_output_goes_on_with_its_own(here: Archive, server: RawServer, shop: Files) -> None:
    breaks(here, server, shop, name="t1-0")
    is_kept_other = keep(here, f"{server.url}/v.mp4", name="t1-01")
    assert server.requests[-1].header("range") is None
    assert is_kept_other.size == len(LARGE)
    assert files(here, "parts") == ["parts/t1-0.broken"]


def test_what_is_put_together_is_looked_at_as_a_whole(here: Archive, shop: Files) -> None:
    """A server may serve half a file in two halves: that is no video."""
    shop.data = LARGE[:-1000]
    with RawServer(shop) as server:
        breaks(here, server, shop)
        with pytest.raises(UnexpectedReplyError, match="incomplete"):
            keep(here, f"{server.url}/v.mp4")
        assert files(here) == []
        shop.data, shop.validators = LARGE, ('ETag: "two"',)
        is_kept(here, keep(here, f"{server.url}/v.mp4"))


def test_a_lie_about_the_rest_is_never_kept(here: Archive, server: RawServer, shop: Files) -> None:
    breaks(here, server, shop)
    total = len(LARGE)
    span = f"Content-Range: bytes {CUT - 8}-{total - 1}/{total}"
    shop.plans = [says("206 X", span, 'ETag: "one"', body=LARGE[CUT - 8 :])]
    with pytest.raises(UnexpectedReplyError):
        keep(here, f"{server.url}/v.mp4")
    assert files(here) == []
    is_kept(here, keep(here, f"{server.url}/v.mp4"))


def keep_until_killed(root: Path, url: str) -> None:
    keep(Archive(root), url)


def is_appending(archive: Archive) -> None:
    """Wait until more than what came before is written."""
    ends = time.monotonic() + PATIENCE
    while not any(p.stat().st_size > CUT for p in archive.root.glob("parts/*.part")):
        assert time.monotonic() < ends
        os.sched_yield()


def test_killed_while_it_appends_the_restart_keeps_a_whole_video(
    here: Archive, server: RawServer, shop: Files
) -> None:
    breaks(here, server, shop)
    shop.plans = [holds_after(300_000)]
    child = start(keep_until_killed, here.root, f"{server.url}/v.mp4")
    server.wait_for(2, PATIENCE)
    is_appending(here)
    child.kill()
    child.join(PATIENCE)
    assert files(here, "videos") == []
    is_kept(here, keep(here, f"{server.url}/v.mp4"))
    assert server.requests[-1].header("range") == f"bytes={CUT}-"


def test_one_that_hung_and_wakes_spoils_nothing(
    here: Archive, server: RawServer, shop: Files
) -> None:
    """A worker whose task another has taken over."""
    woken, go_on = threading.Event(), threading.Event()

    def late(rest: bytes, until: threading.Event) -> Plan:
        def plan(shop: Files, connection: Connection, request: Request) -> None:
            head, body = shop.honest(request)
            shop.give(connection, head, body[:300_000])
            until.wait(PATIENCE)
            connection.send(rest[CUT + 300_000 :])

        return plan

    breaks(here, server, shop)
    shop.plans = [late(bytes(len(LARGE)), woken), late(LARGE, go_on)]

    async def run() -> Artifact:
        async with Http(private_hosts=server.private) as http:
            url, tries = f"{server.url}/v.mp4", []
            for number in (2, 3):
                work = here.keep(http, url, name="t1", now=NOW)
                tries.append(asyncio.create_task(work))
                await asyncio.to_thread(server.wait_for, number)
                await asyncio.to_thread(is_appending, here)
            woken.set()
            with pytest.raises(DeskError):
                await tries[0]
            go_on.set()
            return await tries[1]

    is_kept(here, asyncio.run(run()))


# --- how much of it stays, and for how long -----------------------------------------------------------


def test_what_broke_off_stays_for_a_day_and_up_to_a_size(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.parts.mkdir()

    def put(name: str, *, hours: float, size: int = 100) -> Path:
        path = disk.parts / f"{name}.broken"
        path.touch()
        os.truncate(path, size)
        os.utime(path, (time.time() - hours * 3600, time.time() - hours * 3600))
        return path

    young, day, gone = put("a", hours=1), put("b", hours=23.9), put("c", hours=24.1)
    assert disk.clean_parts(older_than=0) == 1
    assert (young.exists(), day.exists(), gone.exists()) == (True, True, False)
    gib = 1024**3
    newest, second = put("d", hours=0.1, size=gib), put("e", hours=0.2, size=gib - 100)
    assert disk.clean_broken() == 1
    assert [path.exists() for path in (newest, second, young, day)] == [True, True, True, False]


def test_room_is_made_before_each_download(here: Archive, server: RawServer, shop: Files) -> None:
    breaks(here, server, shop)
    ages_ago = time.time() - 2 * 86400
    os.utime(here.root / "parts" / "t1.broken", (ages_ago, ages_ago))
    assert keep(here, f"{server.url}/w.mp4", name="t2").size == len(LARGE)
    assert files(here, "parts") == []


# --- a task's life ------------------------------------------------------------------------------------


def test_a_fresh_link_of_the_same_task_brings_only_the_rest(tmp_path: Path) -> None:
    relay, paths, ranges, sent = Relay(), [], [], []
    data = small_video()
    cut = len(data) * 6 // 10

    def give(call: Call) -> None:
        asked = call.headers["Range"] if call.headers["If-Range"] == '"v"' else None
        first = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        paths.append(call.path)
        ranges.append(asked)
        call.send_response(206 if asked else 200)
        if asked:
            call.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        call.send_header("ETag", '"v"')
        call.send_header("Content-Length", str(len(data) - first))
        call.end_headers()
        body = data[first:] if asked else data[:cut]
        call.wfile.write(body)
        sent.append(len(body))
        call.close_connection = True

    relay.files = [give, give]
    desk = Desk(tmp_path / "home", relay)
    desk.engine.start()
    task = desk.until_settled(desk.submit("a lake"))
    desk.close()
    relay.close()
    assert task.artifact_state is ArtifactState.KEPT
    assert (relay.posts, relay.downloads) == (1, 2)
    assert ranges == [None, f"bytes={cut}-"]
    assert paths[0] != paths[1] and paths[0].partition("?")[0] == paths[1].partition("?")[0]
    assert sum(sent) == len(data)
    media = desk.studio.settings.media
    assert [f.read_bytes() for f in media.rglob("*.mp4")] == [data]
    assert not list((media / "parts").glob("*"))
