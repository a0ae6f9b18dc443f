"""Hostile files, brought in one after the other: each is kept clean or refused in words, at little cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import MediaKind
from tests.house import ROOT
from tests.pictures import opened
from tests.uploads.hostile_films import FILMS
from tests.uploads.hostile_pictures import KEPT, PICTURES, REFUSED

MEMORY_MOST = 300
"""MiB of a process that decodes a file."""
SECONDS_MOST = 2.0
"""Of the processor's, for one file: what the clock says depends on what else runs."""
TOGETHER = 240
"""Seconds within which all must be done."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each file, by its name."""
    folder, home, elsewhere = (tmp_path_factory.mktemp(n) for n in ("files", "home", "elsewhere"))
    names = {name: (MediaKind.IMAGE, case[0]) for name, case in PICTURES.items()}
    names |= {name: (kind, make) for name, (kind, make, _) in FILMS.items()}
    files = {name: f"{kind}.{n}" for n, (name, (kind, _)) in enumerate(names.items())}
    for name, (_, make) in names.items():
        (folder / files[name]).write_bytes(make())
    *lines, last = bring_all(home, folder, elsewhere)
    results = {line["file"]: line for line in lines}
    for file, result in results.items():
        result |= {"home": home, "brought": folder / file} | last
    assert not [path for path in elsewhere.rglob("*") if path.is_file()]
    assert not [path for path in (home / "parts").iterdir() if path.is_file()]
    return {name: results[file] for name, file in files.items()}


def bring_all(home: Path, folder: Path, elsewhere: Path) -> list[dict[str, Any]]:
    """In a process whose only other places to write to are `elsewhere`."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.uploads.measured", str(home), str(folder)],
        cwd=elsewhere,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(elsewhere),
            "TMPDIR": str(elsewhere),
        },
        capture_output=True,
        text=True,
        timeout=TOGETHER,
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_picture_is_refused_in_its_own_words(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    ((field, message),) = told[name]["refused"]
    assert field == "frames.last"
    assert REFUSED[name][1] in message


@pytest.mark.parametrize("name", KEPT)
def test_an_odd_picture_is_kept_clean(told: dict[str, dict[str, Any]], name: str) -> None:
    result = told[name]
    data = (result["home"] / result["kept"]).read_bytes()
    image = opened(data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", KEPT[name][1])
    assert b"Canary" not in data and not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", FILMS)
def test_a_bad_film_is_kept_or_refused_in_words(told: dict[str, dict[str, Any]], name: str) -> None:
    _, _, words = FILMS[name]
    result = told[name]
    if "kept" in result:
        assert not words
        kept: Path = result["home"] / result["kept"]
        assert kept.read_bytes() == result["brought"].read_bytes()
        assert all(0 <= side <= 20_000 for side in result["size"])
        return
    ((field, message),) = result["refused"]
    assert field == "frames.last" and message.endswith(".")
    assert words is None or (words and words in message), message


def test_none_is_dear_and_none_leaves_a_process(
    told: dict[str, dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    by_time = max(told, key=lambda name: float(told[name]["processor"]))
    memory = max(float(result["decoder_mib"]) for result in told.values())
    seconds, clock = (
        max(float(result[what]) for result in told.values()) for what in ("processor", "seconds")
    )
    record_property("hostile uploads", len(told))
    record_property("hostile uploads, most memory of a decoder", f"{memory:.0f} MiB")
    record_property(
        "hostile uploads, longest",
        f"{seconds:.2f} s of the processor ({by_time}), {clock:.2f} s by the clock",
    )
    assert len(told) >= 60
    assert not [name for name, result in told.items() if result["left"] or "untyped" in result]
    assert memory < MEMORY_MOST
    assert seconds < SECONDS_MOST, by_time
