"""Remote ids on disk: the newest counts, a torn one does not, and a fault is never silent."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.engine.receipts import Receipts
from runway_core.errors import DiskFullError, StorageError
from tests.children import at_once


@pytest.fixture
def receipts(tmp_path: Path) -> Receipts:
    return Receipts(tmp_path / "receipts.log")


def test_a_receipt_is_found_by_whoever_opens_the_file_next(tmp_path: Path) -> None:
    Receipts(tmp_path / "receipts.log").append("task-1", "remote-1")
    assert Receipts(tmp_path / "receipts.log").find("task-1") == "remote-1"
    assert (tmp_path / "receipts.log").stat().st_mode & 0o777 == 0o600


def test_the_newest_receipt_of_a_task_counts(receipts: Receipts) -> None:
    for task, remote in [("a", "1"), ("b", "2"), ("a", "3"), ("ab", "4"), ("b", "5")]:
        receipts.append(task, remote)
    assert [receipts.find(task) for task in ("a", "b", "ab")] == ["3", "5", "4"]


def test_without_a_file_or_a_receipt_there_is_none(receipts: Receipts) -> None:
    assert receipts.find("a") is None
    receipts.append("a", "1")
    assert receipts.find("b") is None
    assert receipts.find("") is None


@settings(max_examples=60, deadline=None)
@given(remote=st.text(max_size=60))
def test_whatever_a_provider_calls_a_task_comes_back_and_forges_nothing(
    remote: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    receipts = Receipts(tmp_path_factory.mktemp("r") / "receipts.log")
    receipts.append("b", "of b")
    receipts.append("a", remote)
    assert receipts.find("a") == remote
    assert receipts.find("b") == "of b"


@pytest.mark.parametrize("remote", ["x\nb forged", 'x\n["b", "forged"]\n', "x\r\nb forged\r\n"])
def test_an_id_with_line_breaks_is_one_receipt(receipts: Receipts, remote: str) -> None:
    receipts.append("a", remote)
    assert (receipts.find("a"), receipts.find("b")) == (remote, None)


def test_a_line_torn_at_any_place_is_ignored_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "receipts.log"
    receipts = Receipts(path)
    receipts.append("a", "first")
    before = path.stat().st_size
    receipts.append("a", "second")
    whole = path.read_bytes()
    for size in range(before, len(whole)):
        path.write_bytes(whole[:size])
        # Only the line break is missing from a line that has its last sign.
        expected = "second" if whole[:size].endswith(b'second"]') else "first"
        assert receipts.find("a") == expected
        receipts.append("b", "after")
        assert (receipts.find("a"), receipts.find("b")) == (expected, "after")


def test_spoilt_lines_are_passed_over(receipts: Receipts, tmp_path: Path) -> None:
    receipts.append("a", "1")
    with (tmp_path / "receipts.log").open("ab") as file:
        file.write(b'\xff\x00\n[]\n{}\n7\nnull\n["a"]\n["a", "b", "c"]\n[[[[\n"ab"\n')
    assert receipts.find("a") == "1"


def test_a_full_disk_is_said() -> None:
    with pytest.raises(DiskFullError, match=r"/dev/full can't be written"):
        Receipts(Path("/dev/full")).append("a", "1")


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone" / "receipts.log"):
        with pytest.raises(StorageError, match="can't be written"):
            Receipts(path).append("a", "1")


def _append_with_little_room(path: Path) -> str:
    room = path.stat().st_size + 8
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        Receipts(path).append("b", "half of it")
    except StorageError as error:
        return str(error)
    return "written"


def test_half_a_line_written_is_a_fault_and_not_a_receipt(tmp_path: Path) -> None:
    path = tmp_path / "receipts.log"
    Receipts(path).append("a", "1")
    before = path.stat().st_size
    (said,) = at_once(1, _append_with_little_room, path)
    assert said.startswith(f"{path} can't be written")
    assert path.stat().st_size == before + 8
    assert Receipts(path).find("b") is None

    Receipts(path).append("b", "whole")
    assert (Receipts(path).find("b"), Receipts(path).find("a")) == ("whole", "1")


def _append_many(path: Path) -> int:
    for number in range(50):
        Receipts(path).append(f"task-{os.getpid()}", f"remote-{number}")
    return os.getpid()


def test_processes_that_append_at_once_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "receipts.log"
    for pid in at_once(4, _append_many, path):
        assert Receipts(path).find(f"task-{pid}") == "remote-49"
    assert len([line for line in path.read_text().split("\n") if line]) == 200
