"""Files that people bring: told by their bytes, measured, kept, or refused in words."""

from __future__ import annotations

import hashlib
import io
import struct
import time
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from runway_core.archive import Archive
from runway_core.domain import Asset, MediaKind
from runway_core.errors import InvalidInputError, NotFoundError
from tests.shelf import MP4, NOW, files, picture, video
from tests.sounds import sound

IMAGE, VIDEO, AUDIO = MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO
WEBM = video("webm", codec="libvpx", frames=24)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "media")


def add(
    archive: Archive, source: bytes | BinaryIO, *kinds: MediaKind, filename: str = "clip"
) -> Asset:
    return archive.add_asset(
        source, filename=filename, field="media.video", now=NOW, kinds=kinds or (VIDEO,)
    )


def refusal(archive: Archive, source: bytes | BinaryIO, *kinds: MediaKind) -> str:
    """Why a file is refused; it must leave nothing behind."""
    with pytest.raises(InvalidInputError) as caught:
        add(archive, source, *kinds)
    (problem,) = caught.value.problems
    assert problem.field == "media.video"
    assert files(archive) == []
    return problem.message


def encoded(form: str, codec: str, *, seconds: int = 1, cover: bool = False) -> bytes:
    """A sound as a file of this kind; with a picture of the record's sleeve if wanted."""
    out, source = io.BytesIO(), av.open(io.BytesIO(sound(seconds=seconds)), "r")
    with av.open(out, "w", format=form) as target, source:
        stream: Any = target.add_stream(codec, rate=44100)
        if cover:
            shown: Any = target.add_stream("mjpeg")
            shown.width, shown.height, shown.pix_fmt = 64, 48, "yuvj420p"
            shown.disposition = av.stream.Disposition.attached_pic
        resampler = av.AudioResampler(stream.format.name, stream.layout.name, 44100, 1024)
        if cover:
            image = av.VideoFrame.from_image(Image.new("RGB", (64, 48), "red"))  # type: ignore[no-untyped-call]  # PyAV gives no type
            target.mux(shown.encode(image))
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode())
    return out.getvalue()


def live_webm() -> bytes:
    """As a browser records it: no length in its head."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm", options={"live": "1"}) as target:
        stream: Any = target.add_stream("libvpx", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(48):
            frame: Any = av.VideoFrame.from_image(Image.new("RGB", (320, 180), "blue"))  # type: ignore[no-untyped-call]  # PyAV gives no type
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return out.getvalue()


# --- what is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "suffix", "mime"),
    [
        (MP4, ".mp4", "video/mp4"),
        (video("mov", frames=48), ".mov", "video/quicktime"),
        (video("webm", codec="libvpx", frames=48), ".webm", "video/webm"),
        (live_webm(), ".webm", "video/webm"),
        (video("mp4", options={"movflags": "frag_keyframe+empty_moov"}), ".mp4", "video/mp4"),
    ],
    ids=["mp4", "mov", "webm", "webm without a length", "mp4 in fragments"],
)
def test_a_video_is_kept_as_it_is_and_measured(
    archive: Archive, data: bytes, suffix: str, mime: str
) -> None:
    asset = add(archive, data, filename="my holiday.avi")
    assert (asset.kind, asset.mime, asset.filename) == (VIDEO, mime, "my holiday.avi")
    assert (asset.width, asset.height, asset.size) == (320, 180, len(data))
    assert asset.seconds == pytest.approx(2.0, abs=0.1) and asset.fps == pytest.approx(24, abs=0.1)
    assert asset.sha256 == hashlib.sha256(data).hexdigest()
    path = archive.asset_path(asset.sha256)
    assert (path.suffix, path.read_bytes()) == (suffix, data)
    with Image.open(archive.asset_thumbnail(asset.sha256)) as frame:
        assert (frame.format, frame.size) == ("JPEG", (320, 180))
    assert add(archive, data) == asset.model_copy(update={"filename": "clip"})
    assert len(files(archive)) == 2


@pytest.mark.parametrize(
    ("data", "suffix", "mime"),
    [
        (sound(), ".wav", "audio/wav"),
        (encoded("mp3", "libmp3lame"), ".mp3", "audio/mpeg"),
        (encoded("mp3", "libmp3lame", cover=True), ".mp3", "audio/mpeg"),
        (encoded("ipod", "aac"), ".m4a", "audio/mp4"),
        (encoded("mp4", "aac"), ".m4a", "audio/mp4"),
        (encoded("adts", "aac"), ".aac", "audio/aac"),
        (encoded("flac", "flac"), ".flac", "audio/flac"),
    ],
    ids=["wav", "mp3", "mp3 with a sleeve", "m4a", "mp4 without pictures", "aac", "flac"],
)
def test_a_sound_is_kept_as_it_is_and_measured(
    archive: Archive, data: bytes, suffix: str, mime: str
) -> None:
    asset = add(archive, data, AUDIO)
    assert (asset.kind, asset.mime, asset.width, asset.fps) == (AUDIO, mime, 0, None)
    assert asset.seconds == pytest.approx(1.0, abs=0.15)
    path = archive.asset_path(asset.sha256)
    assert (path.suffix, path.read_bytes()) == (suffix, data)
    with pytest.raises(NotFoundError):
        archive.asset_thumbnail(asset.sha256)


def test_a_place_for_several_kinds_takes_each(archive: Archive) -> None:
    assert add(archive, MP4, IMAGE, VIDEO).kind is VIDEO
    photo = add(archive, picture(), IMAGE, VIDEO)
    assert (photo.kind, photo.mime, photo.seconds) == (IMAGE, "image/jpeg", None)


def test_an_upright_video_of_a_telephone_is_measured_as_it_is_shown(archive: Archive) -> None:
    asset = add(archive, turned(MP4))
    assert (asset.width, asset.height) == (180, 320)
    with Image.open(archive.asset_thumbnail(asset.sha256)) as frame:
        assert frame.size == (180, 320)


def turned(data: bytes) -> bytes:
    """With a note in its head that it is to be shown turned by 90 degrees (ISO/IEC 14496-12, 8.3.2)."""
    plain = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    quarter = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    at = data.index(plain, data.index(b"tkhd"))
    return data[:at] + quarter + data[at + len(quarter) :]


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kinds", "words"),
    [
        (b"", (VIDEO,), "is empty"),
        (picture(), (VIDEO,), "is a picture; choose a video (MP4, MOV or WebM)"),
        (sound(), (VIDEO,), "is a sound; choose a video"),
        (MP4, (AUDIO,), "is a video; choose a sound"),
        (WEBM, (AUDIO,), "is a video; choose a sound (MP3, WAV, M4A, AAC or FLAC)"),
        (MP4, (IMAGE,), "is a video; use PNG, JPEG or WebP"),
        (sound(), (IMAGE,), "is a sound; use PNG, JPEG or WebP"),
        (b"%PDF-1.7 ...", (IMAGE, VIDEO), "is a PDF document; choose a picture (PNG"),
        (b"RIFF\0\0\0\0AVI LIST", (VIDEO,), "is a video of another format; choose a video (MP4"),
        (b"\x1aE\xdf\xa3\x42\x82\x88matroska", (VIDEO,), "is a video of another format"),
        (b"<!doctype html><html>", (VIDEO,), "is a web page (HTML)"),
        (bytes(range(1, 200)), (VIDEO,), "is of a kind that is not known"),
        (b"\0\0\0\x18ftypheic" + bytes(40), (VIDEO,), "is a HEIC photo"),
        (MP4[: len(MP4) // 2], (VIDEO,), "is incomplete"),
        (MP4[:40], (VIDEO,), "is incomplete"),
        (WEBM[:60], (VIDEO,), "is damaged"),
        (encoded("mp4", "aac"), (VIDEO,), "has no picture track"),
        (b"ID3\3\0\0\0\0\0\0" + bytes(5000), (AUDIO,), "damaged"),
        (b"fLaC" + bytes(500), (AUDIO,), "damaged"),
    ],
)  # fmt: skip
def test_what_can_not_be_used_is_refused_by_what_it_is(
    archive: Archive, data: bytes, kinds: tuple[MediaKind, ...], words: str
) -> None:
    assert words in refusal(archive, data, *kinds)


class Endless(io.RawIOBase):
    """A video that goes on and on; tells how much of it was read."""

    def __init__(self) -> None:
        self.at = 0

    def seek(self, at: int, whence: int = 0) -> int:
        self.at = at
        return at

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= 4 * 1024 * 1024, "it must never be read whole"
        found = MP4[self.at : self.at + size] if self.at < len(MP4) else bytes(size)
        self.at += len(found)
        return found


def test_a_file_over_the_limit_is_refused_before_it_is_read_to_its_end(archive: Archive) -> None:
    endless: Any = Endless()
    assert "is too large: a file may have 200 MiB" in refusal(archive, endless)
    assert endless.at <= 205 * 1024 * 1024


def test_a_large_video_is_never_whole_in_memory(archive: Archive) -> None:
    padding = (60_000_008).to_bytes(4) + b"free" + bytes(60_000_000)
    source = io.BytesIO(MP4 + padding)
    tracemalloc.start()
    try:
        asset = add(archive, source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert asset.size == len(MP4) + len(padding)
    assert peak < 15_000_000


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, len(MP4) - 1), junk=st.binary(min_size=1, max_size=64), cut=st.booleans())
def test_a_damaged_video_is_kept_or_refused_in_time_and_nothing_else(
    archive: Archive, at: int, junk: bytes, cut: bool
) -> None:
    data = MP4[:at] + junk + (b"" if cut else MP4[at + len(junk) :])
    began = time.monotonic()
    try:
        asset = add(archive, data, IMAGE, VIDEO, AUDIO)
    except InvalidInputError as error:
        assert [problem.field for problem in error.problems] == ["media.video"]
    else:
        assert archive.asset_path(asset.sha256).is_file()
    assert time.monotonic() - began < 15
    assert not [name for name in files(archive) if name.startswith("parts/")]


# --- pictures ----------------------------------------------------------------------------


def test_a_picture_is_kept_once_under_its_hash(archive: Archive) -> None:
    first = archive.add_asset(picture(), filename="C:\\me\\Katze 🐈.png", field="f", now=NOW)
    again = archive.add_asset(picture(), filename="other.png", field="f", now=NOW)
    assert first.sha256 == again.sha256
    assert files(archive) == [f"assets/{first.sha256[:2]}/{first.sha256}.jpg"]
    data = archive.asset_path(first.sha256).read_bytes()
    assert hashlib.sha256(data).hexdigest() == first.sha256
    assert (first.filename, first.mime) == ("Katze 🐈.png", "image/jpeg")
    assert (first.width, first.height, first.size) == (64, 48, len(data))
    assert first.uri == f"asset:{first.sha256}"


def test_a_refused_picture_leaves_no_file(archive: Archive) -> None:
    with pytest.raises(InvalidInputError, match=r"frames\.last: is empty"):
        archive.add_asset(b"", filename="a.png", field="frames.last", now=NOW)
    assert files(archive) == []


@settings(max_examples=30, deadline=None)  # each takes a process
@given(filename=st.text(max_size=300) | st.just("../../etc/passwd") | st.just("x" * 200 + ".jpeg"))
def test_a_shown_name_is_short_and_has_nothing_hidden(
    tmp_path_factory: pytest.TempPathFactory, filename: str
) -> None:
    archive = Archive(tmp_path_factory.getbasetemp() / "named")
    name = archive.add_asset(picture(), filename=filename, field="f", now=NOW).filename
    assert 0 < len(name) <= 120
    assert name.isprintable() and "/" not in name and "\\" not in name


def test_a_long_name_keeps_its_ending(archive: Archive) -> None:
    asset = archive.add_asset(picture(), filename="n" * 300 + ".jpeg", field="f", now=NOW)
    assert asset.filename == "n" * 115 + ".jpeg"


@pytest.mark.parametrize("sha256", ["", "a" * 64, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n"])
def test_a_picture_that_is_not_here_is_not_found(archive: Archive, sha256: str) -> None:
    with pytest.raises(NotFoundError):
        archive.asset_path(sha256)
    with pytest.raises(NotFoundError):
        archive.asset_thumbnail(sha256)


def test_a_thumbnail_is_small_and_made_once(archive: Archive) -> None:
    asset = archive.add_asset(picture(size=(2000, 500)), filename="a.png", field="f", now=NOW)
    path = archive.asset_thumbnail(asset.sha256)
    with Image.open(path) as image:
        assert (image.format, image.size) == ("JPEG", (640, 160))
    made = path.stat().st_mtime_ns, path.stat().st_ino
    assert archive.asset_thumbnail(asset.sha256) == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == made
