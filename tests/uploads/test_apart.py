"""The process that decodes a foreign file: what it has and has not, and what its death does."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.archive.media import MP4 as MP4_FORMAT
from runway_core.archive.media import WAV
from runway_core.archive.poster import look, probe
from runway_core.errors import InvalidInputError
from runway_core.images import SECONDS, Outcome, apart, open_picture
from runway_core.images.apart import outcome_of
from runway_core.images.decoders import decoders as server
from runway_core.images.opening import open_header
from runway_core.images.pixels import jpeg, plain
from tests.house import ROOT
from tests.pictures import encoded, photo, quarters
from tests.shelf import MP4
from tests.uploads.hostile_films import wav_of_many_parts
from tests.uploads.parts import png
from tests.uploads.processes import decoders, processor_seconds, servers

PATIENCE = 30.0
"""Seconds within which a process must have come or gone."""
GOOD = encoded(quarters(), "PNG")

T = TypeVar("T")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")


def awaited(look_for: Callable[[], T]) -> T:
    """What is there sooner or later."""
    until = time.monotonic() + PATIENCE
    while not (found := look_for()):
        assert time.monotonic() < until, "it never came"
    return found


@contextmanager
def hanging(seconds: float = PATIENCE) -> Iterator[tuple[int, Future[Outcome]]]:
    """A decoder whose file never ends: its process, and what its caller gets."""
    others = set(decoders())
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, ThreadPoolExecutor(1) as pool:
        future = pool.submit(apart, "picture", source, seconds=seconds)
        try:
            (process,) = awaited(lambda: set(decoders()) - others)
            yield process, future
        finally:
            os.close(writing)


def limits(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/limits").read_text().splitlines()[1:]
    return {line[:25].strip(): line[26:46].strip() for line in lines}


def opened(process: int) -> set[str]:
    return {str(p.readlink()).partition(":")[0] for p in Path(f"/proc/{process}/fd").iterdir()}


def test_a_decoder_has_limits_and_nothing_that_is_worth_stealing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_canary")
    monkeypatch.setenv("PYTHONSTARTUP", "canary.py")
    server.close()  # one that began before would have had no chance
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        with hanging(), hanging() as (process, _):
            awaited(lambda: limits(process)["Max cpu time"] == str(int(PATIENCE)))
            held, holds, server_holds = limits(process), opened(process), opened(*servers())
            loaded = Path(f"/proc/{process}/maps").read_text()
            environment = Path(f"/proc/{process}/environ").read_bytes()
            command = Path(f"/proc/{process}/cmdline").read_bytes()
    assert held["Max core file size"] == "0"
    assert int(held["Max open files"]) <= 64
    assert held["Max file size"] == "0"
    assert int(held["Max data size"]) < 300 * 1024**2
    assert int(held["Max address space"]) <= 1024**3
    assert b"canary" not in environment + command
    assert holds == {"pipe", "/dev/null"}
    assert server_holds == {"socket", "/dev/null", "anon_inode"}
    assert "_imaging" in loaded
    assert not [name for name in ("pydantic", "sqlalchemy", "ssl", "streamlit") if name in loaded]


def test_a_decoder_that_hangs_is_ended_at_its_limit() -> None:
    with hanging(0.4) as (process, future):
        outcome = future.result(PATIENCE)
        assert outcome.fault == "could not be read within 0.4 seconds"
        assert not Path(f"/proc/{process}").exists()


def test_a_sound_built_to_keep_its_reader_busy_is_refused_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "busy.wav"
    path.write_bytes(wav_of_many_parts(48))
    with pytest.raises(ValueError, match=r"could not be read within 0\.6 seconds; save it again"):
        look(path, WAV, seconds=0.6)
    assert not decoders()


def large() -> bytes:
    return png(8000, 5000, depth=8, colour=6, row=b"\xff\0\0\x80" * 8000)


def test_a_picture_that_takes_too_long_is_refused_in_words() -> None:
    with pytest.raises(InvalidInputError) as caught:
        open_picture(large(), field="frames.first", seconds=0.05)
    assert str(caught.value) == (
        "frames.first: could not be read within 0.05 seconds; save it again as PNG, JPEG or WebP."
    )
    assert "nothing was charged" in caught.value.hint
    assert not decoders()


def test_a_decoder_killed_in_the_middle_is_told_and_the_next_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(open_picture, large(), field="frames.first")
        (process,) = awaited(decoders)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(InvalidInputError) as caught:
            future.result(PATIENCE)
    assert str(caught.value) == (
        "frames.first: could not be read; save it again as PNG, JPEG or WebP."
    )
    assert "could not be read" in caplog.text
    assert not decoders()
    assert open_picture(GOOD, field="f").width == 80


def test_two_uploads_at_once_and_a_crowd_behind_them() -> None:
    files = [encoded(photo(400 + 8 * n, 300), "JPEG") for n in range(10)]
    barrier = threading.Barrier(len(files))

    def bring(data: bytes) -> tuple[int, bytes]:
        barrier.wait(PATIENCE)
        picture = open_picture(data, field="f")
        return picture.width, picture.data

    with ThreadPoolExecutor(len(files)) as pool:
        together = list(pool.map(bring, files))
    assert [width for width, _ in together] == [400 + 8 * n for n in range(10)]
    alone = open_picture(files[3], field="f")
    assert together[3] == (alone.width, alone.data)
    assert not decoders()


ORPHAN = """
import os, sys
from runway_core.images import apart
apart("picture", os.fdopen(int(sys.argv[1]), "rb"))
"""


def test_nothing_that_decodes_outlives_a_killed_app() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        app = subprocess.Popen(
            [sys.executable, "-c", ORPHAN, str(source.fileno())],
            pass_fds=[source.fileno()],
        )
        (process,) = awaited(lambda: decoders(app.pid))
        watched = [os.pidfd_open(one) for one in (process, *servers(app.pid))]
        app.kill()
        app.wait()
        # Well before the decoder's own alarm.
        ended = [bool(select.select([one], [], [], 0.6 * SECONDS)[0]) for one in watched]
    for descriptor in (*watched, writing):
        os.close(descriptor)
    assert ended == [True, True]


def test_a_decoder_outlives_a_killed_server_by_a_moment_only_and_the_next_file_has_a_new_one() -> (
    None
):
    with hanging(1.0) as (process, future):
        awaited(lambda: limits(process)["Max cpu time"] == "1")
        watched = os.pidfd_open(process)
        for one in servers():
            os.kill(one, signal.SIGKILL)
        assert future.result(PATIENCE).fault == "could not be read within 1 seconds"
        ended, _, _ = select.select([watched], [], [], PATIENCE)
        os.close(watched)
    assert ended
    assert open_picture(GOOD, field="f").width == 80
    assert len(servers()) == 1


FORK = """
import os, sys
from runway_core.images import open_picture
from tests.uploads.processes import servers
data = sys.stdin.buffer.read()
def bring(): return open_picture(data, field="f").width, len(servers())
bring()
child = os.fork()
told = [bring() for _ in range(3)]
if not child: os._exit(told != [(80, 1)] * 3)
print(told, os.waitpid(child, 0)[1], len(servers()))
"""


def test_a_forked_process_has_a_server_of_its_own() -> None:
    ran = subprocess.run([sys.executable, "-c", FORK], input=GOOD, capture_output=True, cwd=ROOT)
    assert ran.stdout.decode() == f"{[(80, 1)] * 3} 0 1\n", ran.stderr


FULL = """
import os, resource, sys
from runway_core.errors import InvalidInputError
from runway_core.images import open_picture
data = sys.stdin.buffer.read()
open_picture(data, field="f")
room = max(int(name) for name in os.listdir("/proc/self/fd")) + 1
resource.setrlimit(resource.RLIMIT_NOFILE, (room, room))
held = []
while True:
    try: held.append(os.dup(0))
    except OSError: break
try: open_picture(data, field="f")
except InvalidInputError as error: print(error)
for descriptor in held: os.close(descriptor)
resource.setrlimit(resource.RLIMIT_NOFILE, (room, room))
"""


def test_a_computer_that_can_start_nothing_more_says_so() -> None:
    ran = subprocess.run([sys.executable, "-c", FULL], input=GOOD, capture_output=True)
    assert ran.stdout.decode() == (
        "f: could not be read: this computer can't start what reads it. Try again in a moment.\n"
    )


def test_a_finished_video_that_can_not_be_looked_into_is_kept_without_facts(tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(MP4[:40])
    assert probe(path, MP4_FORMAT).width is None
    assert probe(tmp_path / "gone.mp4", MP4_FORMAT).width is None
    path.write_bytes(MP4)
    found = probe(path, MP4_FORMAT)
    assert (found.width, found.height, found.seconds, found.fps) == (320, 180, 2.0, 24.0)
    assert found.poster


@given(
    answer=st.binary(max_size=200)
    | st.lists(
        st.dictionaries(
            st.sampled_from(["bytes", "end", "width"]),
            st.none() | st.integers() | st.text(max_size=300),
        )
    ).map(lambda records: b"".join(json.dumps(r).encode() + b"\n" for r in records))
)
def test_whatever_a_decoder_that_was_taken_over_says_is_an_outcome(answer: bytes) -> None:
    outcome = outcome_of(answer)
    assert len(outcome.data) <= len(answer) and len(outcome.fault) <= 200
    assert outcome.words("try another.").endswith(".") or not answer.startswith(b"\n")


def test_words_that_no_end_follows_are_not_believed() -> None:
    whole = b'{"width": 8, "bytes": 3}\nabc{"end": "", "bytes": 0}\n'
    assert outcome_of(whole) == Outcome("", {"width": 8}, b"abc")
    for cut in range(len(whole)):
        assert outcome_of(whole[:cut]).fault


def cost(work: Callable[[], object], times: int) -> float:
    """Seconds of the processor that it takes, here and in what decodes for us."""
    before = time.process_time() + processor_seconds()
    for _ in range(times):
        work()
    return (time.process_time() + processor_seconds() - before) / times


def test_a_process_of_its_own_costs_little(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    data = encoded(photo(2400, 1700), "JPEG", quality=92)
    film = tmp_path / "film.mp4"
    film.write_bytes(MP4)
    server.close()
    first = cost(lambda: (open_picture(GOOD, field="f"), look(film, MP4_FORMAT)), 1)
    small = cost(lambda: open_picture(GOOD, field="f"), 30)
    look_into = cost(lambda: look(film, MP4_FORMAT), 20)
    large = cost(lambda: open_picture(data, field="f"), 3)
    here = cost(lambda: jpeg(plain(open_header(data, "f")), quality=95), 3)
    record_property(
        "processor for what decodes",
        f"{first:.2f} s for the first picture and film, {small * 1000:.0f} ms for a small picture, "
        f"{look_into * 1000:.0f} ms for a look into a film; a picture of 4 million pixels "
        f"{large:.2f} s in a process of its own, {here:.2f} s in the app's",
    )
    assert small < 0.04 and look_into < 0.08
    assert large - here < 0.1
