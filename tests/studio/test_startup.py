"""What is looked at before anything is sent: what is refused, what is only said, and in which words."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from runway_core.domain import TaskStatus
from runway_core.errors import ConfigError, DatabaseDamagedError, DeskError, NewerSchemaError
from runway_core.settings import Settings
from runway_core.store.schema import tallies
from runway_core.studio import Studio, open_studio
from runway_core.studio.copies import keep_daily
from runway_core.studio.startup import NOT_BEFORE, Trouble, file_system, open_for_work, troubles
from runway_core.studio.upkeep import Upkeep
from tests.builders import new_task
from tests.children import at_once
from tests.house import ROOT
from tests.store.test_migrations import _stamp as stamp

KEY = "hk-CANARY-0123456789"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir(mode=0o700)
    return Settings(home=tmp_path / "home")


def filled(settings: Settings) -> None:
    studio = open_studio(settings)
    relay = studio.connections.add("Relay", profile="openai-hk", key=KEY)
    for number in range(60):
        studio.store.tasks.add(new_task(f"{number}", prompt="x" * 900, connection_id=relay.id))
    studio.close()


def refused(settings: Settings) -> DeskError:
    with pytest.raises(DeskError) as found:
        studio, _ = open_for_work(settings)
        studio.close()
    assert str(found.value).endswith(".") and "\n" not in str(found.value)
    assert "go on at their provider" in found.value.hint
    return found.value


def told(settings: Settings) -> dict[str, Trouble]:
    studio, found = open_for_work(settings)
    studio.close()
    return {trouble.check: trouble for trouble in found}


def spoil(path: Path) -> bytes:
    """Overwrite the middle of a database, where the pages of its tasks are."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096 * 4)
    return path.read_bytes()


def test_a_good_home_opens_without_a_word(settings: Settings) -> None:
    filled(settings)
    assert told(settings) == {}


def test_damage_in_the_middle_is_found_before_anything_is_written(settings: Settings) -> None:
    filled(settings)
    before = spoil(settings.database)
    open_studio(settings).close()  # an ordinary opening reads too little to see it
    error = refused(settings)
    assert isinstance(error, DatabaseDamagedError)
    assert "There is no copy to go back to" in error.hint and "not written to" in error.hint
    assert settings.database.read_bytes() == before


def test_the_newest_copy_that_is_good_itself_is_offered(settings: Settings) -> None:
    filled(settings)
    studio = open_studio(settings)
    names = []
    for days in (3, 2, 1):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=10 - days), tick=False):
            made = keep_daily(settings, studio.store.database)
        assert made is not None
        names.append(made.path)
    studio.close()
    spoil(settings.database)
    spoil(names[2])
    hint = refused(settings).hint
    assert f"restore {names[1]}" in hint and str(names[2]) not in hint


def test_what_is_no_database_and_what_is_newer_keep_their_own_words(settings: Settings) -> None:
    filled(settings)
    stamp(settings.database, "9999")
    error = refused(settings)
    assert isinstance(error, NewerSchemaError) and "Update Runway Desk" in error.hint
    settings.database.write_text("My diary. " * 500)
    assert "is not a Runway Desk database" in str(refused(settings))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda key: key.chmod(0o644), "can be read by others"),
        (lambda key: key.write_bytes(b"short"), "is damaged"),
    ],
)
def test_a_key_file_that_is_not_safe_is_refused(
    settings: Settings, harm: object, words: str
) -> None:
    filled(settings)
    assert callable(harm)
    harm(settings.master_key)
    with pytest.raises(ConfigError, match=words):
        open_for_work(settings)


def test_a_key_file_of_somebody_else_is_refused(settings: Settings) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    filled(settings)
    os.chown(settings.master_key, 65534, 65534)
    with pytest.raises(ConfigError, match="can be read by others"):
        open_for_work(settings)


def test_a_key_file_in_a_working_copy_is_told(settings: Settings) -> None:
    subprocess.run(["git", "init", "-q", str(settings.home.parent)], check=True)
    trouble = told(settings)["key"]
    assert str(settings.home.parent) in trouble.what and "RUNWAY_HOME" in trouble.do


def test_a_key_file_that_is_gone_is_told_with_the_connections_that_need_it(
    settings: Settings,
) -> None:
    filled(settings)
    settings.master_key.unlink()
    trouble = told(settings)["key"]
    assert "is gone" in trouble.what and trouble.do.endswith("Relay.")


def _as_nobody(home: Path) -> str:
    home.chmod(0o555)
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        open_for_work(Settings(home=home))
    except DeskError as error:
        return f"{error} {error.hint}"
    return ""


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:  # not tmp_path: nobody may enter that one
        (said,) = at_once(1, _as_nobody, Path(folder))
        Path(folder).chmod(0o755)
    assert f"The data folder {folder} can't be written to: Permission denied." in said
    assert "Nothing is sent that could not be recorded" in said


def test_a_clock_before_this_version_is_refused(settings: Settings) -> None:
    with time_machine.travel(datetime(2024, 2, 1, tzinfo=UTC)):
        error = refused(settings)
    assert "shows 2024-02-01" in str(error) and "Set the clock" in error.hint


def test_a_clock_before_what_was_recorded_is_told(settings: Settings) -> None:
    filled(settings)
    studio = open_studio(settings)
    task = new_task("later", connection_id=studio.connections.by_name("relay").id)
    studio.store.tasks.add(task)
    for minutes, known in ((4, False), (6, True)):
        later = datetime.now(UTC) + timedelta(minutes=minutes)
        studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=later, event="x", note="y")
        found = {trouble.check: trouble for trouble in troubles(studio)}
        assert ("clock" in found) == known
    assert "Check the date and time" in found["clock"].do
    studio.close()


def test_the_day_of_this_version_is_no_earlier_than_its_newest_release() -> None:
    days = re.findall(
        r"^## \[[\d.]+\] - (\d{4}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert NOT_BEFORE.date().isoformat() >= max(days, default="2026-11-22")
    assert datetime.now(UTC) >= NOT_BEFORE


MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:50 / /srv/desk rw,relatime shared:20 - nfs4 nas.example:/desk rw,vers=4.2
41 22 0:51 / /srv/desk/local rw,relatime - xfs /dev/sdb1 rw
42 22 0:52 / /mnt/my\040share rw,relatime - cifs //nas.example/share rw
a line of nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/desk/home", "nfs4"),
        ("/srv/desk", "nfs4"),
        ("/srv/desk/local/home", "xfs"),
        ("/srv/desktop", "ext4"),
        ("/mnt/my share/desk", "cifs"),
        ("/var/lib/desk", "ext4"),
    ],
)
def test_the_file_system_under_a_folder_is_known(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_the_file_system_of_this_very_folder_is_known(tmp_path: Path) -> None:
    mounts = Path("/proc/self/mountinfo").read_text()
    shown = subprocess.run(
        ["stat", "-f", "-c", "%T", str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert file_system(tmp_path, mounts).startswith(shown.partition("/")[0][:3])


def test_sums_that_are_not_what_the_ledger_says_are_said_until_they_are_counted_anew(
    settings: Settings,
) -> None:
    filled(settings)
    studio = open_studio(settings)
    with studio.store.database.write() as sql:
        sql.execute(sa.update(tallies).values(tasks=7))
    assert checks(studio) == []  # nobody has looked yet: that reads the whole ledger
    upkeep, ends = Upkeep(studio, first=0), time.monotonic() + 20
    upkeep.start()
    while checks(studio) != ["sums"]:
        assert time.monotonic() < ends
        threading.Event().wait(0.01)
    upkeep.stop()
    (said,) = troubles(studio)
    assert "1 of the sums" in said.what and "recount --mend" in said.do
    assert studio.recount.mend() == []
    assert checks(studio) == []
    studio.close()


def checks(studio: Studio) -> list[str]:
    """What is not as it should be, by its names."""
    return [trouble.check for trouble in troubles(studio)]
