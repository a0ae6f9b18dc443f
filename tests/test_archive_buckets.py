"""Media in a bucket and in a shared folder: seen by every machine, whole or not at all, whatever breaks."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from runway_core.archive import Archive
from runway_core.archive.cache import Cache
from runway_core.archive.disk import Disk
from runway_core.domain import MediaKind
from runway_core.errors import (
    ConfigError,
    NotFoundError,
    OutputExpiredError,
    StorageError,
)
from runway_core.http import Http
from tests.buckets import KEY, SECRET, Buckets, another
from tests.shelf import MP4, NOW, SECONDS_TO_WAIT, Server, files, keep, picture
from tests.test_archive_faults import ONCE


def padded(size: int) -> bytes:
    """A video with much that is skipped after it."""
    return MP4 + size.to_bytes(4) + b"free" + random.Random(4).randbytes(size - 8)


LARGE = padded(17_000_000)
"""More than is put in one request."""
PIECES = padded(5_000_000)
"""More than is read in one request."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def bucket(buckets: Buckets, tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path / "media", url=buckets.fresh())
    yield made
    made.close()


# --- everywhere alike ---------------------------------------------------------------------------------


def test_another_machine_sees_what_this_one_kept(
    server: Server, anywhere: Archive, tmp_path: Path
) -> None:
    artifact = keep(anywhere, server.put(MP4))
    anywhere.write_sidecar(artifact, "one", {})
    asset = anywhere.add_asset(picture(size=(900, 600)), filename="a.png", field="f", now=NOW)
    other = another(anywhere, tmp_path / "other")
    assert other.path(artifact.path).read_bytes() == MP4
    assert other.path(artifact.poster).read_bytes()[:2] == b"\xff\xd8"
    assert hashlib.sha256(other.asset_path(asset.sha256).read_bytes()).hexdigest() == asset.sha256
    assert other.asset_thumbnail(asset.sha256).read_bytes()[:2] == b"\xff\xd8"
    other.remove(artifact, "one")
    with pytest.raises(NotFoundError):
        anywhere.size(artifact.path)
    other.close()


@pytest.mark.parametrize("kind", ["picture", "video"])
def test_what_a_person_brings_is_kept_once_and_found_by_its_hash(
    anywhere: Archive, kind: str
) -> None:
    data = MP4 if kind == "video" else picture(size=(900, 600))
    kinds = (MediaKind.IMAGE, MediaKind.VIDEO)
    found = [
        anywhere.add_asset(data, filename="a", field="f", now=NOW, kinds=kinds) for _ in range(2)
    ]
    assert found[0] == found[1]
    name = anywhere.asset_name(found[0].sha256)
    anywhere.asset_thumbnail(found[0].sha256)
    assert files(anywhere) == sorted([name, name.rpartition(".")[0] + ".small.jpg"])
    assert anywhere.size(name) == found[0].size
    for nobody in ("a" * 64, "A" * 64, "", "../" + "a" * 61):
        with pytest.raises(NotFoundError):
            anywhere.asset_path(nobody)
        with pytest.raises(NotFoundError):
            anywhere.asset_thumbnail(nobody)


def test_any_span_of_a_file_is_read_alone(anywhere: Archive) -> None:
    name = f"videos/ab/{'ab' * 32}.jpg"
    anywhere.take_back(name, BytesIO(PIECES))
    end = len(PIECES)
    for start, stop in ((0, 1), (5, 5), (4_194_303, 4_194_305), (0, end), (end - 1, end)):
        assert b"".join(anywhere.read(name, start, stop)) == PIECES[start:stop]


def test_it_is_looked_at_before_work_begins_and_nothing_is_left_of_that(anywhere: Archive) -> None:
    anywhere.check()
    assert files(anywhere) == []


# --- a storage that can't be used ---------------------------------------------------------------------


def refused(archive: Archive) -> str:
    with pytest.raises(StorageError) as caught:
        archive.check()
    told = f"{caught.value} {caught.value.hint}"
    assert "RUNWAY_MEDIA_URL" in told
    assert SECRET not in told and KEY not in told and "http:" not in told
    return told


def test_a_bucket_that_can_not_be_used_is_refused_in_words(
    buckets: Buckets, bucket: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Archive(tmp_path / "x", url="s3://nobody-made-this/desk")
    assert "s3://nobody-made-this/desk" in (told := refused(nobody)) and "no such bucket" in told
    buckets.gate.shut = True
    assert "can't be used" in refused(bucket) or "can't be reached" in refused(bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://someone:{SECRET}@127.0.0.1:9")
    assert "can't be reached" in refused(Archive(tmp_path / "y", url="s3://desk/y"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "no credentials" in refused(Archive(tmp_path / "z", url="s3://desk/z"))


def test_a_shared_folder_that_is_not_mounted_is_refused_and_never_made(
    server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "mnt" / "desk"
    archive = Archive(folder, url=folder.as_uri())
    assert str(folder) in refused(archive)
    with pytest.raises(StorageError):
        keep(archive, server.put(MP4))
    with pytest.raises(StorageError):
        archive.add_asset(picture(), filename="a.png", field="f", now=NOW)
    assert not folder.exists()
    folder.mkdir(parents=True)
    assert keep(archive, server.put(MP4)).size == len(MP4)


# --- broken off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [MP4, LARGE], ids=["one request", "several"])
def test_a_put_that_breaks_off_leaves_nothing_and_the_next_try_needs_no_download(
    buckets: Buckets, bucket: Archive, server: Server, tmp_path: Path, body: bytes
) -> None:
    url = server.put(body)
    buckets.gate.break_after(len(body) // 2)
    with pytest.raises(StorageError) as caught:
        keep(bucket, url)
    assert caught.value.retryable and "Nothing is lost or paid again" in caught.value.hint
    buckets.gate.reset()
    other = another(bucket, tmp_path / "other")
    assert list(other.names()) == [] and bucket.holds("t1")
    server.put(b"expired", status=403)
    restarted = another(bucket, bucket.root)
    artifact = keep(restarted, url)
    assert b"".join(other.read(artifact.path, 0, other.size(artifact.path))) == body
    assert files(restarted) == sorted([artifact.path, artifact.poster])
    assert not restarted.holds("t1")
    with pytest.raises(OutputExpiredError):
        keep(restarted, url)


def test_a_file_that_waits_and_is_damaged_meanwhile_is_fetched_anew(
    buckets: Buckets, bucket: Archive, server: Server
) -> None:
    buckets.gate.shut = True
    with pytest.raises(StorageError):
        keep(bucket, server.put(MP4))
    (held,) = bucket.root.glob("parts/*.held")
    held.write_bytes(MP4[:-100])
    assert bucket.clean_parts(older_than=0) == 0
    buckets.gate.reset()
    artifact = keep(bucket, server.put(MP4))
    assert artifact.sha256 == hashlib.sha256(MP4).hexdigest()
    assert not list(bucket.root.glob("parts/*"))


def test_a_stop_does_not_wait_for_a_bucket_that_hangs(
    buckets: Buckets, bucket: Archive, server: Server
) -> None:
    url = server.put(MP4)
    bucket.check()
    buckets.gate.hold = let_go = threading.Event()
    buckets.gate.break_after(500)

    async def run() -> None:
        async with Http(private_hosts=frozenset({("127.0.0.1", server.port)})) as http:
            task = asyncio.create_task(bucket.keep(http, url, name="t1", now=NOW))
            assert await asyncio.to_thread(buckets.gate.broken.wait, SECONDS_TO_WAIT)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < 10
    let_go.set()
    buckets.gate.reset()
    putting = [one for one in threading.enumerate() if one.name == "media-put"]
    for thread in putting:
        thread.join(SECONDS_TO_WAIT)
    assert keep(bucket, url).size == len(MP4)


def test_killed_in_the_middle_of_a_put_nothing_is_there_until_the_restart(
    buckets: Buckets, bucket: Archive, server: Server, tmp_path: Path
) -> None:
    url = server.put(PIECES)
    in_bucket = f"url={bucket.address('x').removesuffix('/x')!r}"
    script = ONCE.replace("archive = Archive(root)", f"archive = Archive(root, {in_bucket})")
    assert in_bucket in script
    buckets.gate.hold = let_go = threading.Event()
    buckets.gate.break_after(3_000_000)
    command = [sys.executable, "-c", script, str(bucket.root), url, str(server.port)]
    with subprocess.Popen(command) as child:
        assert buckets.gate.broken.wait(SECONDS_TO_WAIT)
        child.kill()
    let_go.set()
    buckets.gate.reset()
    assert list(bucket.names()) == []
    artifact = keep(bucket, url)
    other = another(bucket, tmp_path / "other")
    assert b"".join(other.read(artifact.path, 0, artifact.size)) == PIECES


def test_a_copy_is_never_torn_and_never_of_other_bytes(
    buckets: Buckets, bucket: Archive, server: Server, tmp_path: Path
) -> None:
    artifact = keep(bucket, server.put(PIECES))
    other = another(bucket, tmp_path / "other")
    other.check()
    buckets.gate.break_after(1_500)  # the second or third question
    with pytest.raises(StorageError):
        other.path(artifact.path)
    buckets.gate.reset()
    assert not [p for p in other.root.rglob("*") if p.is_file()]
    bucket.take_back(artifact.path, BytesIO(PIECES[:-1] + b"x"))
    with pytest.raises(StorageError, match="gave other bytes"):
        other.path(artifact.path)
    bucket.take_back(artifact.path, BytesIO(PIECES))
    assert other.path(artifact.path).read_bytes() == PIECES


def test_while_the_bucket_is_away_copies_are_still_read(
    buckets: Buckets, bucket: Archive, server: Server
) -> None:
    artifact = keep(bucket, server.put(MP4))
    assert bucket.path(artifact.path).read_bytes() == MP4
    buckets.gate.shut = True
    buckets.gate.break_off()
    assert bucket.path(artifact.path).read_bytes() == MP4
    with pytest.raises(StorageError):
        bucket.size(artifact.path)
    with pytest.raises(StorageError):
        bucket.add_asset(picture(), filename="a.png", field="f", now=NOW)
    buckets.gate.shut = False
    assert bucket.size(artifact.path) == len(MP4)


def test_a_bucket_has_no_end(bucket: Archive) -> None:
    assert bucket.free_bytes() > 2**60


# --- copies -----------------------------------------------------------------------------------------------


def test_copies_keep_to_their_size_and_what_is_in_use_stays(tmp_path: Path) -> None:
    cache = Cache(Disk(tmp_path), most=250)

    def take(name: str, *, age: float) -> Path:
        part = tmp_path / f"{name}.part"
        part.write_bytes(b"x" * 100)
        path = cache.take(part, name)
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    hour = 3600.0
    oldest, older, month = (
        take("a", age=3 * hour),
        take("b", age=2 * hour),
        take("c", age=999 * hour),
    )
    assert cache.find("b") == older
    newest = take("d", age=0)
    assert (oldest.exists(), older.exists(), newest.exists()) == (False, True, True)
    assert not month.exists()
    take("e", age=0)
    take("f", age=0)
    assert older.exists() and newest.exists()
    cache.drop("b")
    assert cache.find("b") is None and cache.find("never") is None


def test_what_speaks_to_buckets_is_asked_for_by_name_when_it_is_not_installed(
    buckets: Buckets, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.modules['s3fs'] = None\n"
        "from pathlib import Path\n"
        "from runway_core.archive import Archive\n"
        f"Archive(Path({str(tmp_path)!r}), url={buckets.fresh()!r}).check()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1 and ConfigError.__name__ in done.stderr.splitlines()[-1]
    assert "RUNWAY_MEDIA_URL" in done.stderr.splitlines()[-1]
