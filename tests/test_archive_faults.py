"""The media folder when the program is killed, and when the disk is full or broken."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from runway_core.archive import Archive
from runway_core.archive.disk import Disk
from runway_core.errors import (
    DiskFullError,
    StorageError,
)
from runway_core.http import Http
from tests.pictures import photo
from tests.shelf import MP4, NOW, SECONDS_TO_WAIT, Server, files, keep, picture, video


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "media")


# --- killed -----------------------------------------------------------------------------------------

KEEP = """
import asyncio, os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from runway_core.archive import Archive
from runway_core.http import Http
root, url, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
archive = Archive(root)

async def run():
    async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
        artifact = await archive.keep(http, url, name="t1", now=datetime.now(UTC))
    archive.write_sidecar(artifact, "t1", {"seed": 1})

def die_at(step):
    left = step
    def watch(event, args):
        nonlocal left
        if event in ("open", "os.mkdir", "os.rename", "os.remove") and str(root) in str(args[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
"""

ONCE = KEEP + "asyncio.run(run())\n"

AT_EVERY_STEP = (
    KEEP
    + """
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        die_at(int(line))
        asyncio.run(run())
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""
)


def nothing_torn(archive: Archive) -> None:
    for path in (archive.root / "videos").rglob("*.*"):
        if path.suffix == ".mp4":
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        elif path.suffix == ".jpg":
            with Image.open(path) as image:
                image.load()
        else:
            assert json.loads(path.read_text()) == {"seed": 1}


def test_killed_at_every_step_nothing_is_torn_and_a_restart_keeps_it(
    server: Server, tmp_path: Path
) -> None:
    url, steps = server.put(MP4), 0
    root = tmp_path / "media"
    with subprocess.Popen(
        [sys.executable, "-c", AT_EVERY_STEP, str(root), url, str(server.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin and child.stdout
        ended = -1
        while ended != 0:
            steps += 1
            assert steps < 100
            child.stdin.write(f"{steps}\n")
            child.stdin.flush()
            ended = int(child.stdout.readline())
            assert ended in (0, signal.SIGKILL)
            archive = Archive(root)
            nothing_torn(archive)
            if ended:
                assert keep(archive, url).size == len(MP4)
                archive.clean_parts(older_than=0)
            nothing_torn(archive)
            assert files(archive, "parts") == []
            names = [Path(name).name for name in files(archive)]
            assert len(names) == len(set(names)) and len(names) in (2, 3)
            root.rename(tmp_path / f"done{steps}")
        child.stdin.close()
    assert steps > 10


def test_killed_in_the_middle_of_a_download_nothing_is_kept_until_the_restart(
    server: Server, archive: Archive
) -> None:
    large = MP4 + (3_000_000).to_bytes(4) + b"free" + bytes(3_000_000 - 8)
    url = server.put(large, at="/held")
    command = [sys.executable, "-c", ONCE, str(archive.root), url, str(server.port)]
    with subprocess.Popen(command) as child:
        assert server.shelf.half_sent.wait(SECONDS_TO_WAIT)
        deadline = time.monotonic() + SECONDS_TO_WAIT
        parts = archive.root / "parts"
        while not any(p.stat().st_size for p in parts.glob("*")) and time.monotonic() < deadline:
            os.sched_yield()
        child.kill()
    (name,) = files(archive)
    assert re.fullmatch(r"parts/t1\.[0-9a-f]{32}\.part", name)
    server.shelf.go_on.set()
    artifact = keep(archive, url)
    assert archive.path(artifact.path).read_bytes() == large
    assert files(archive, "parts") == []


def test_a_cancelled_download_leaves_nothing(server: Server, archive: Archive) -> None:
    url = server.put(MP4, at="/held")

    async def run() -> None:
        async with Http(private_hosts=frozenset({("127.0.0.1", server.port)})) as http:
            task = asyncio.create_task(archive.keep(http, url, name="t1", now=NOW))
            assert await asyncio.to_thread(server.shelf.half_sent.wait, SECONDS_TO_WAIT)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert files(archive) == []


# --- full and broken disks --------------------------------------------------------------------------

FULL = """
import asyncio, resource, sys
from datetime import datetime, UTC
from pathlib import Path
from runway_core.archive import Archive
from runway_core.errors import DeskError
from runway_core.http import Http
root, what, port, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
archive, now = Archive(root), datetime.now(UTC)
data = sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
async def run():
    async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
        return await archive.keep(http, what, name="t1", now=now)
try:
    if what == "asset":
        archive.add_asset(data, filename="a.png", field="f", now=now)
    else:
        print(repr(asyncio.run(run()).poster))
except DeskError as error:
    print(error.kind, "|", error, "|", error.hint)
"""


def run_full(archive: Archive, what: str, port: int, limit: int, data: bytes = b"") -> str:
    command = [sys.executable, "-c", FULL, str(archive.root), what, str(port), str(limit)]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60)
    assert done.stderr == b""
    return done.stdout.decode().strip()


def test_a_full_disk_is_said_when_a_picture_is_brought_and_nothing_is_left(
    archive: Archive,
) -> None:
    told = run_full(archive, "asset", 0, 2_000, picture(size=(640, 480)))
    assert told.startswith(f"DiskFull | The disk with the media folder {archive.root} is full.")
    assert "Free some space" in told
    assert files(archive) == []


def test_a_full_disk_is_said_when_a_video_comes_and_nothing_is_left(
    server: Server, archive: Archive
) -> None:
    told = run_full(archive, server.put(MP4), server.port, 2_000)
    assert told.startswith("DiskFull | ")
    assert files(archive) == []
    assert keep(archive, server.put(MP4)).size == len(MP4)


def test_a_disk_that_is_full_before_the_poster_keeps_the_video(
    server: Server, archive: Archive
) -> None:
    grainy = video(still=photo(960, 540, grain=4), frames=1, codec="mpeg4")
    poster = archive.path(keep(archive, server.put(grainy)).poster).stat().st_size
    assert poster > len(grainy), "the poster must be the larger file for this test to mean anything"
    other = Archive(archive.root.parent / "other")
    assert run_full(other, server.put(grainy), server.port, len(grainy) + 1) == "''"
    assert [Path(name).suffix for name in files(other)] == [".mp4"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_way_to_say_full_is_understood(tmp_path: Path, number: int) -> None:
    with pytest.raises(DiskFullError) as caught, Disk(tmp_path).faults_named():
        raise OSError(number, os.strerror(number))
    assert caught.value.retryable


def test_an_unusable_folder_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file in the way")
    archive = Archive(tmp_path / "media")
    for act in (
        lambda: archive.add_asset(picture(), filename="a.png", field="f", now=NOW),
        lambda: keep(archive, server.put(MP4)),
    ):
        with pytest.raises(StorageError, match=re.escape(str(tmp_path / "media"))) as caught:
            act()
        assert "may write to it" in caught.value.hint
