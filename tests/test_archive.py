"""Media in a folder, a shared folder and a bucket: finished videos kept whole with their facts, paths, removing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from runway_core.archive import Archive
from runway_core.domain import Artifact, Exchange
from runway_core.errors import (
    DeskError,
    InvalidInputError,
    NotFoundError,
    OutputExpiredError,
    ProviderError,
    UnexpectedReplyError,
)
from tests.shelf import MP4, NOW, Server, files, keep, picture, video


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def archive(anywhere: Archive) -> Archive:
    return anywhere


@pytest.fixture
def here(tmp_path: Path) -> Archive:
    """For what is the same wherever the files lie."""
    return Archive(tmp_path / "media")


def dominant(path: Path) -> str:
    with Image.open(path) as image:
        assert image.format == "JPEG"
        small = image.convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert isinstance(small, tuple)
    return ("red", "green", "blue")[small.index(max(small))]


# --- finished videos -------------------------------------------------------------------------------


def test_a_finished_video_is_kept_with_its_facts_and_a_poster(
    server: Server, archive: Archive
) -> None:
    seen: list[Exchange] = []
    artifact = keep(archive, server.put(MP4), observe=seen.append)
    sha256 = hashlib.sha256(MP4).hexdigest()
    assert artifact == Artifact(
        sha256=sha256,
        path=f"videos/{sha256[:2]}/{sha256}.mp4",
        poster=f"videos/{sha256[:2]}/{sha256}.jpg",
        mime="video/mp4",
        size=len(MP4),
        width=320,
        height=180,
        seconds=2.0,
        created_at=NOW,
    )
    assert archive.path(artifact.path).read_bytes() == MP4
    assert files(archive) == sorted([artifact.path, artifact.poster])
    assert [exchange.status_code for exchange in seen] == [200]


def test_the_poster_is_from_a_tenth_of_the_length_and_not_the_first_frame(
    server: Server, here: Archive
) -> None:
    artifact = keep(here, server.put(MP4))
    assert dominant(here.path(artifact.poster)) == "green"


def test_a_large_video_gets_a_small_poster(server: Server, here: Archive) -> None:
    artifact = keep(here, server.put(video(size=(1584, 672), frames=4)))
    with Image.open(here.path(artifact.poster)) as poster:
        assert poster.size == (960, 407)


@pytest.mark.parametrize(
    ("body", "suffix", "mime", "size"),
    [
        (video("mov"), ".mov", "video/quicktime", (320, 180)),
        (video("webm", codec="libvpx", frames=12), ".webm", "video/webm", (320, 180)),
        (video("mp4", options={"movflags": "+faststart"}), ".mp4", "video/mp4", (320, 180)),
        (
            video("mp4", options={"movflags": "frag_keyframe+empty_moov"}),
            ".mp4",
            "video/mp4",
            (320, 180),
        ),
        (picture("PNG"), ".png", "image/png", (64, 48)),
        (picture("JPEG"), ".jpg", "image/jpeg", (64, 48)),
        (picture("WEBP"), ".webp", "image/webp", (64, 48)),
    ],
    ids=["mov", "webm", "faststart", "fragments", "png", "jpeg", "webp"],
)
def test_other_kinds_are_told_by_their_bytes_and_not_by_what_the_server_says(
    server: Server, here: Archive, body: bytes, suffix: str, mime: str, size: tuple[int, int]
) -> None:
    artifact = keep(here, server.put(body, mime="application/octet-stream"))
    assert (Path(artifact.path).suffix, artifact.mime) == (suffix, mime)
    assert (artifact.width, artifact.height) == size
    assert (artifact.seconds is None) == mime.startswith("image/")
    assert here.path(artifact.path).read_bytes() == body
    with Image.open(here.path(artifact.poster)) as poster:
        assert poster.format == "JPEG"


def test_single_frames_in_a_zip_are_kept_though_they_can_not_be_shown(
    server: Server, here: Archive
) -> None:
    body = b"PK\3\4" + bytes(200)
    artifact = keep(here, server.put(body, mime="video/mp4"))
    assert (Path(artifact.path).suffix, artifact.mime) == (".zip", "application/zip")
    assert (artifact.poster, artifact.width, artifact.seconds) == ("", None, None)
    assert here.path(artifact.path).read_bytes() == body


def large_last_box() -> bytes:
    """The last box's length is written as 64 bits, the way of files over 4 GB."""
    at = MP4.index(b"mdat") - 4
    moov = MP4.index(b"moov") - 4
    body = MP4[at + 8 : moov] if moov > at else MP4[at + 8 :]
    head = MP4[:at] + (MP4[moov:] if moov > at else b"")
    return head + b"\0\0\0\1mdat" + (len(body) + 16).to_bytes(8) + body


def endless_last_box() -> bytes:
    """The last box's length is 0: it runs to the end of the file."""
    data = large_last_box()
    at = data.index(b"\0\0\0\1mdat")
    return data[:at] + b"\0\0\0\0mdat" + data[at + 16 :]


def test_odd_but_whole_videos_are_kept(server: Server, here: Archive) -> None:
    for number, body in enumerate((large_last_box(), endless_last_box(), MP4 + b"\0\0\0\x08free")):
        artifact = keep(here, server.put(body, at=f"/{number}"))
        assert here.path(artifact.path).read_bytes() == body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\n<!doctype html><title>Expired</title>", "gave a web page (HTML), and no video"),
        (b"\xef\xbb\xbf<HTML><body>x", "gave a web page (HTML)"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "gave XML"),
        (b'{"error":"link expired"}', "gave a message (JSON)"),
        (b"x", "gave a file of an unknown kind"),
        (MP4[: len(MP4) // 2], "incomplete"),
        (MP4[:-1], "incomplete"),
        (MP4 + b"\0\0\0", "incomplete"),
        (MP4 + b"\0\0\0\7free", "incomplete"),
        (MP4[:24], "incomplete"),
        (MP4[: MP4.index(b"moov") - 4], "incomplete"),
        (MP4.replace(b"moov", b"free"), "incomplete"),
        (MP4.replace(b"mdat", b"free"), "incomplete"),
        (b"\0\0\0\x18ftyp" + b"\xff" * 40, "incomplete"),
    ],
)
def test_what_is_no_whole_video_is_never_kept(
    server: Server, here: Archive, body: bytes, words: str
) -> None:
    with pytest.raises(UnexpectedReplyError, match=re.escape(words)) as caught:
        keep(here, server.put(body))
    assert "nothing is paid again" in caught.value.hint.lower()
    assert files(here) == []


@given(cut=st.integers(1, len(MP4) - 1))
def test_no_cut_of_a_video_passes_for_a_whole_one(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    from runway_core.archive.media import recognise

    path = tmp_path_factory.getbasetemp() / "cut.mp4"
    path.write_bytes(MP4[:cut])
    with pytest.raises(UnexpectedReplyError):
        recognise(path)


def test_a_failed_download_leaves_nothing_and_says_why(server: Server, archive: Archive) -> None:
    with pytest.raises(OutputExpiredError):
        keep(archive, server.put(b"expired", status=403))
    with pytest.raises(ProviderError):
        keep(archive, server.put(MP4, at="/short"))
    with pytest.raises(ProviderError):
        keep(archive, server.put(b""))
    assert files(archive) == []


def test_a_video_without_a_decodable_frame_is_still_kept(server: Server, here: Archive) -> None:
    at = MP4.index(b"mdat") + 4
    moov = MP4.index(b"moov")
    end = moov - 4 if moov > at else len(MP4)
    artifact = keep(here, server.put(MP4[:at] + b"\xff" * (end - at) + MP4[end:]))
    assert artifact.poster == ""
    assert (artifact.width, artifact.seconds) == (320, 2.0)
    assert files(here) == [artifact.path]
    nonsense = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08moov" + b"\0\0\0\x08mdat"
    artifact = keep(here, server.put(nonsense))
    assert (artifact.poster, artifact.width) == ("", None)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_frame_that_can_not_be_decoded_is_passed_over(
    server: Server, here: Archive, codec: str
) -> None:
    body = bytearray(video(codec=codec))
    with av.open(BytesIO(bytes(body)), "r") as container:
        first = next(packet for packet in container.demux(video=0) if packet.size)
        assert first.pos is not None
        body[first.pos : first.pos + first.size] = b"\xff" * first.size
    artifact = keep(here, server.put(bytes(body)))
    with Image.open(here.path(artifact.poster)) as poster:
        assert poster.size == (320, 180)


def test_keeping_twice_gives_one_file(server: Server, archive: Archive) -> None:
    first, second = keep(archive, server.put(MP4)), keep(archive, server.put(MP4), name="t2")
    assert first == second
    assert len(files(archive)) == 2


def test_a_leftover_of_the_same_name_is_replaced(server: Server, archive: Archive) -> None:
    parts = archive.root / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    (parts / "t1.0a.part").write_bytes(b"x" * 10_000_000)
    assert keep(archive, server.put(MP4)).size == len(MP4)
    assert files(archive, "parts") == []


@pytest.mark.parametrize("name", ["../../t", "", "a/b", "x" * 300, "☃", "\0"])
def test_a_strange_task_name_stays_in_the_folder(server: Server, here: Archive, name: str) -> None:
    artifact = keep(here, server.put(MP4), name=name)
    assert files(here) == sorted([artifact.path, artifact.poster])
    assert [path.name for path in here.root.parent.iterdir()] == ["media"]


# --- sidecars, removing, paths ----------------------------------------------------------------------


def test_a_sidecar_is_readable_json_beside_the_video(server: Server, archive: Archive) -> None:
    artifact = keep(archive, server.put(MP4))
    name = archive.write_sidecar(artifact, "task-1", {"prompt": "孤独 🚀 \ud800", "at": NOW})
    assert name == artifact.path.replace(".mp4", ".task-1.json")
    text = archive.path(name).read_text("utf-8")
    assert json.loads(text)["at"] == str(NOW) and "孤独 🚀" in text
    archive.write_sidecar(artifact, "task-1", {"seed": 2})
    assert json.loads(archive.path(name).read_text()) == {"seed": 2}


@pytest.mark.parametrize("task_id", ["", "../x", "a/b", "*", "a.b", "\0", "x" * 200])
def test_a_sidecar_has_no_strange_names(server: Server, here: Archive, task_id: str) -> None:
    artifact = keep(here, server.put(MP4))
    with pytest.raises(InvalidInputError):
        here.write_sidecar(artifact, task_id, {})
    with pytest.raises(InvalidInputError):
        here.remove(artifact, task_id)
    assert len(files(here)) == 2


def test_files_go_only_with_the_last_task_that_refers_to_them(
    server: Server, archive: Archive
) -> None:
    artifact = keep(archive, server.put(MP4))
    archive.write_sidecar(artifact, "one", {})
    archive.write_sidecar(artifact, "two", {})
    archive.remove(artifact, "one")
    assert [Path(name).suffixes for name in files(archive)] == [
        [".jpg"],
        [".mp4"],
        [".two", ".json"],
    ]
    archive.remove(artifact, "two")
    assert files(archive) == []
    archive.remove(artifact, "two")


def test_no_path_leads_out_of_the_folder(archive: Archive) -> None:
    archive.root.mkdir(exist_ok=True)
    secret = archive.root.parent / "master.key"
    secret.write_text("secret")
    (archive.root / "link").symlink_to(secret)
    for relative in (
        "../master.key",
        str(secret),
        "link",
        "",
        ".",
        "videos/../..",
        "a\0b",
        "x/../..",
        "/etc/passwd",
        "videos//x.mp4",
        "videos\\..\\x.mp4",
    ):
        with pytest.raises(NotFoundError):
            archive.path(relative)
        with pytest.raises(NotFoundError):
            archive.size(relative)
    assert archive.address("videos/ab/x.mp4").endswith("/videos/ab/x.mp4")


def test_removing_can_not_reach_outside(archive: Archive, server: Server) -> None:
    artifact = keep(archive, server.put(MP4))
    outside = archive.root.parent / "keys.json"
    outside.write_text("{}")
    with pytest.raises(NotFoundError):
        archive.remove(artifact.model_copy(update={"poster": "../keys.json"}), "t1")
    with pytest.raises(NotFoundError):
        archive.remove(artifact.model_copy(update={"path": "../keys.json"}), "t1")
    assert outside.exists()


# --- the folder itself ------------------------------------------------------------------------------


def test_only_old_parts_are_cleaned(here: Archive) -> None:
    assert here.clean_parts() == 0
    parts = here.root / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    for name in ("old.part", "young.part"):
        (parts / name).write_bytes(b"x")
    two_hours_ago = time.time() - 7200
    os.utime(parts / "old.part", (two_hours_ago, two_hours_ago))
    assert here.clean_parts() == 1
    assert files(here) == ["parts/young.part"]
    assert here.clean_parts(older_than=0) == 1


def test_free_space_is_known_before_the_folder_is_there(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "media")
    before = archive.free_bytes()
    assert not archive.root.exists()
    assert 0 < before < 2**60


def test_every_error_is_one_of_ours(server: Server, here: Archive) -> None:
    bodies = (b"", b"<html>", MP4[:100], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\x1aE\xdf\xa3")
    for number, body in enumerate(bodies):
        try:
            artifact = keep(here, server.put(body, at=f"/{number}"))
        except DeskError:
            continue
        assert artifact.poster in ("", artifact.path)
