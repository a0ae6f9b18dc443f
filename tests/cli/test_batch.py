"""``batch``: a list is priced, and made only when that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

TABLE = "prompt,image,duration,seed\na fox,,2,1\na boat,photo.png,3,\n"
WITH = ("--connection", "Sandbox", "--model", "gen4.5", "--ratio", "16:9")


@pytest.fixture
def table(tmp_path: Path, photo: Path) -> str:
    path = tmp_path / "videos.csv"
    path.write_text(TABLE, "utf-8")
    assert photo.parent == path.parent
    return str(path)


def test_a_list_is_only_priced_unless_it_is_confirmed(command: CommandLine, table: str) -> None:
    found = command.json("batch", table, *WITH)
    assert (found["count"], found["wrong"], found["high"], found["unit"]) == (2, 0, "60", "credit")
    assert [row["estimate"]["high"] for row in found["rows"]] == ["24", "36"]
    assert found["rows"][1]["request"]["frames"][0]["uri"].startswith("asset:")
    said = command.run("batch", table, *WITH).stdout
    assert "row 2  24 credits  gen4.5 2 s  a fox" in said and "say --yes" in said
    assert command.json("tasks") == []


def test_a_wrong_row_is_named_and_nothing_is_made(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("prompt,duration\na fox,5\na boat,11\n", "utf-8")
    found = command.json("batch", str(path), *WITH, "--yes", code=1)
    assert [[p["field"] for p in row["problems"]] for row in found["rows"]] == [[], ["duration"]]
    assert "WRONG" in command.run("batch", str(path), *WITH, "--yes", code=1).stdout
    assert command.json("tasks") == []
    gone = command.json("batch", str(tmp_path / "none.csv"), *WITH, code=1)["error"]
    assert gone["problems"][0]["field"] == "file"


def test_a_confirmed_list_is_made_once_and_its_files_are_told(
    command: CommandLine, table: str
) -> None:
    done = command.json("batch", table, *WITH, "--yes", "--wait", "--token", "one")
    assert done["counts"] == {"ready": 2}
    assert [row["state"] for row in done["rows"]] == ["ready", "ready"]
    assert all(Path(row["files"][0]).is_file() for row in done["rows"])
    again = command.json("batch", table, *WITH, "--yes", "--token", "one")
    assert again["id"] == done["id"]
    assert len(command.json("tasks")) == 2
