"""A backup holds a whole home, and what comes back never pays twice."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import tarfile
from pathlib import Path

import pytest

from runway_core.domain import TaskStatus
from runway_core.errors import KeyUnreadableError, StorageError
from runway_core.http import Http
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio
from runway_core.studio.backups import back_up, restore
from runway_core.studio.startup import open_for_work
from tests.buckets import Buckets
from tests.builders import NOW, new_task
from tests.pictures import encoded, photo
from tests.postgres import postgres

KEY = "hk-CANARY-0123456789"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    (tmp_path / "home").mkdir()
    made = open_studio(Settings(home=tmp_path / "home"))
    made.connections.add("Relay", profile="openai-hk", key=KEY)
    return made


def target(tmp_path: Path) -> Settings:
    (tmp_path / "new").mkdir()
    return Settings(home=tmp_path / "new")


def add_tasks(studio: Studio) -> dict[TaskStatus, str]:
    relay = studio.connections.by_name("Relay").id
    ids = {}
    for status in TaskStatus:
        new = new_task(connection_id=relay)
        studio.store.tasks.add(new)
        studio.store.tasks.move(
            new.id, [TaskStatus.QUEUED], now=NOW, status=status, remote_id=f"remote-{status}"
        )
        ids[status] = new.id
    return ids


def test_what_may_have_been_sent_since_is_for_a_person_to_decide(
    studio: Studio, tmp_path: Path
) -> None:
    ids = add_tasks(studio)
    studio.close()
    back_up(studio.settings, tmp_path / "backup.tar")
    settings = target(tmp_path)
    assert restore(settings, tmp_path / "backup.tar").uncertain == 2
    back = open_studio(settings)
    for status, task_id in ids.items():
        sent = status in (TaskStatus.QUEUED, TaskStatus.SUBMITTING)
        task = back.tasks.get(task_id)
        assert task.status is (TaskStatus.UNCERTAIN if sent else status)
        assert ("may have been sent since" in task.note) == sent
    back.close()


def test_files_come_back_byte_for_byte(studio: Studio, tmp_path: Path) -> None:
    asset = studio.assets.add(encoded(photo(640, 480), "PNG"), filename="photo.png")
    kept = studio.assets.path(asset.sha256).read_bytes()
    (studio.settings.media / "parts").mkdir(exist_ok=True)
    (studio.settings.media / "parts" / "half.part").write_bytes(b"half")
    studio.close()
    made = back_up(studio.settings, tmp_path / "backup.tar")
    assert made.media and made.files >= 2
    settings = target(tmp_path)
    restore(settings, tmp_path / "backup.tar")
    back = open_studio(settings)
    assert back.assets.path(asset.sha256).read_bytes() == kept
    assert not list(settings.media.rglob("*.part"))
    back.close()


def test_the_key_file_stays_at_home_unless_it_is_asked_for(studio: Studio, tmp_path: Path) -> None:
    studio.close()
    back_up(studio.settings, tmp_path / "without.tar")
    back_up(studio.settings, tmp_path / "with.tar", key=True)
    for name in ("without.tar", "with.tar"):
        data = (tmp_path / name).read_bytes()
        assert KEY.encode() not in data
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    master = studio.settings.master_key.read_bytes()
    assert master not in (tmp_path / "without.tar").read_bytes()
    assert master in (tmp_path / "with.tar").read_bytes()
    settings = target(tmp_path)
    assert not restore(settings, tmp_path / "without.tar").has_key
    back = open_studio(settings)
    with pytest.raises(KeyUnreadableError, match="key"):
        back.connections.open(back.connections.by_name("Relay"), Http())
    back.close()


def test_the_app_may_go_on_while_it_is_backed_up(studio: Studio, tmp_path: Path) -> None:
    add_tasks(studio)
    back_up(studio.settings, tmp_path / "backup.tar")
    assert studio.tasks.page(TaskQuery()).total == len(TaskStatus)
    studio.close()


def test_a_home_moves_to_postgresql_this_way(studio: Studio, tmp_path: Path) -> None:
    ids = add_tasks(studio)
    studio.close()
    back_up(studio.settings, tmp_path / "backup.tar", key=True)
    (tmp_path / "new").mkdir()
    settings = Settings(home=tmp_path / "new", database_url=postgres().empty())
    restore(settings, tmp_path / "backup.tar")
    back = open_studio(settings)
    assert back.tasks.get(ids[TaskStatus.RUNNING]).status is TaskStatus.RUNNING
    assert back.connections.by_name("relay").key_hint == "…6789"
    back.close()
    assert not settings.database.exists()


@pytest.mark.parametrize("fault", ["a flipped byte", "cut off", "no tar", "a path that leads out"])
def test_a_damaged_backup_changes_nothing(studio: Studio, tmp_path: Path, fault: str) -> None:
    add_tasks(studio)
    studio.close()
    file = tmp_path / "backup.tar"
    back_up(studio.settings, file)
    data = bytearray(file.read_bytes())
    if fault == "a flipped byte":
        data[len(data) // 3] ^= 0xFF
    elif fault == "cut off":
        del data[len(data) // 2 :]
    elif fault == "no tar":
        data[:] = b"<html>" * 1000
    file.write_bytes(data)
    if fault == "a path that leads out":
        with tarfile.open(file, "w") as tar:
            tar.addfile(tarfile.TarInfo("../outside"))
    settings = target(tmp_path)
    with pytest.raises(StorageError):
        restore(settings, file)
    assert list(settings.home.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_neither_a_backup_nor_a_home_is_written_over(studio: Studio, tmp_path: Path) -> None:
    studio.close()
    file = tmp_path / "backup.tar"
    back_up(studio.settings, file)
    before = hashlib.sha256(file.read_bytes()).digest()
    with pytest.raises(StorageError, match="is there already"):
        back_up(studio.settings, file)
    with pytest.raises(StorageError, match="is not empty"):
        restore(studio.settings, file)
    assert hashlib.sha256(file.read_bytes()).digest() == before


def test_a_backup_is_the_way_from_a_folder_to_a_bucket_and_back(
    studio: Studio, tmp_path: Path, buckets: Buckets
) -> None:
    asset = studio.assets.add(encoded(photo(640, 480), "PNG"), filename="photo.png")
    content = studio.assets.path(asset.sha256).read_bytes()
    large = b"\xff\xd8" + bytes(5_000_000)
    studio.archive.take_back(f"videos/ab/{'ab' * 32}.jpg", io.BytesIO(large))
    names = sorted(studio.archive.names())
    studio.close()
    url = buckets.fresh()
    back_up(studio.settings, tmp_path / "1.tar")
    (tmp_path / "cloud").mkdir()
    cloud = Settings(home=tmp_path / "cloud", media_url=url)
    assert restore(cloud, tmp_path / "1.tar").media
    shutil.rmtree(cloud.media)
    moved = open_studio(cloud)
    assert sorted(moved.archive.names()) == names
    assert moved.assets.path(asset.sha256).read_bytes() == content
    moved.close()
    made = back_up(cloud, tmp_path / "2.tar")
    settings = target(tmp_path)
    assert (made.files, restore(settings, tmp_path / "2.tar").media) == (len(names) + 1, True)
    back = open_studio(settings)
    assert back.archive.path(f"videos/ab/{'ab' * 32}.jpg").read_bytes() == large
    assert back.assets.path(asset.sha256).read_bytes() == content
    back.close()
    assert not back_up(cloud, tmp_path / "3.tar", media=False).media


def test_a_bucket_that_breaks_off_leaves_no_backup_and_no_half_restored_home(
    studio: Studio, tmp_path: Path, buckets: Buckets
) -> None:
    studio.assets.add(encoded(photo(640, 480), "PNG"), filename="photo.png")
    studio.close()
    back_up(studio.settings, tmp_path / "1.tar")
    (tmp_path / "cloud").mkdir()
    cloud = Settings(home=tmp_path / "cloud", media_url=buckets.fresh())
    buckets.gate.shut = True
    with pytest.raises(StorageError, match="RUNWAY_MEDIA_URL"):
        restore(cloud, tmp_path / "1.tar")
    assert not cloud.database.exists()
    buckets.gate.shut = False
    restore(cloud, tmp_path / "1.tar")
    buckets.gate.shut = True
    with pytest.raises(StorageError, match="RUNWAY_MEDIA_URL"):
        back_up(cloud, tmp_path / "2.tar")
    assert not (tmp_path / "2.tar").exists() and not list(tmp_path.glob("*.part"))


def test_work_does_not_begin_while_the_bucket_is_away(tmp_path: Path, buckets: Buckets) -> None:
    settings = Settings(home=target(tmp_path).home, media_url=buckets.fresh())
    buckets.gate.shut = True
    with pytest.raises(StorageError, match="RUNWAY_MEDIA_URL") as caught:
        open_for_work(settings)
    assert "go on at their provider" in caught.value.hint
    buckets.gate.shut = False
    open_for_work(settings)[0].close()
