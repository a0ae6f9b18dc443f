"""The schema: made, upgraded and refused."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from runway_core.domain import MediaKind
from runway_core.errors import NewerSchemaError, StorageError
from runway_core.store import open_store
from runway_core.store.migrate import MIGRATIONS, migrate
from runway_core.store.schema import HEAD, metadata
from runway_core.store.sqlite import SqliteDatabase
from tests.builders import new_task, store_with_relay
from tests.children import add_task, at_once

LATER = "9000"
"""A version that this program does not have yet."""
NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "{later}"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("stars", sa.Integer()))
    {then}
"""
FIRST_REQUEST = """{"capability": "image_to_video", "model": "gen4_turbo", "prompt": "a boat",
"frames": [{"position": "first", "uri": "https://pictures.example/a.png", "focus": [0.5, 0.5]}],
"ratio": "1280:720", "duration": 5, "seed": 7}"""
"""What the first version wrote for a request."""


def _shape(engine: sa.Engine) -> dict[str, Any]:
    """All that SQLite knows of each table."""
    with engine.connect() as sql:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        query += " AND name NOT IN ('alembic_version', 'sqlite_sequence')"
        query += " AND name NOT LIKE 'task_words%'"  # the index of words, which each database has its own way

        def ask(pragma: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in sql.exec_driver_sql(f"PRAGMA {pragma}")]

        tables = sorted(row[0] for row in sql.exec_driver_sql(query))
        return {
            table: {
                "columns": ask(f"table_xinfo({table})"),
                "references": ask(f"foreign_key_list({table})"),
                "indexes": sorted(
                    (row[2:], ask(f"index_xinfo({row[1]})"), row[1][:6])
                    for row in ask(f"index_list({table})")
                ),
            }
            for table in tables
        }


def _scripts(folder: Path, then: str = "pass") -> Path:
    """Our migrations and one that a later version might have."""
    shutil.copytree(MIGRATIONS, folder / "migrations", dirs_exist_ok=True)
    text = NEXT.format(later=LATER, head=HEAD, then=then)
    (folder / "migrations" / "versions" / f"{LATER}_later.py").write_text(text)
    return folder / "migrations"


def _revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as sql:
        return str(sql.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _stamp(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as sql:
        sql.execute("UPDATE alembic_version SET version_num = ?", [revision])
        sql.commit()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether the schema tells of a table: it does not of the index of words."""
    return kind != "table" or not (name or "").startswith("task_words")


def test_alembic_finds_no_difference_between_the_schema_and_a_migrated_database(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "desk.db")
    with store.database.engine.connect() as sql:
        opts = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(sql, opts=opts)
        assert compare_metadata(context, metadata) == []
    store.close()


def test_a_migrated_database_has_the_tables_that_the_schema_would_make(tmp_path: Path) -> None:
    store = open_store(tmp_path / "desk.db")
    plain = sa.create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    metadata.create_all(plain)
    migrated, made = _shape(store.database.engine), _shape(plain)
    store.close()
    plain.dispose()
    assert set(migrated) == set(metadata.tables)
    assert migrated == made


def test_the_head_that_the_program_names_is_alembics_only_head(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    open_store(tmp_path / "desk.db").close()
    assert _revision(tmp_path / "desk.db") == HEAD


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    store_with_relay(tmp_path).close()
    before = (tmp_path / "desk.db").read_bytes()
    store_with_relay(tmp_path).close()
    assert (tmp_path / "desk.db").read_bytes() == before
    assert not list(tmp_path.glob("desk.before-*"))


@pytest.mark.parametrize("name", ["a b", "100%", "what?x=1#top", "视频"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    store_with_relay(tmp_path / name).close()
    assert (tmp_path / name / "desk.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_before_an_upgrade_a_copy_is_kept_of_what_was_there(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)
    new = new_task()
    store.tasks.add(new)
    migrate(store.database, scripts=_scripts(tmp_path), head=LATER)

    assert _revision(tmp_path / "desk.db") == LATER
    task = store.tasks.get(new.id)
    assert task is not None and task.request == new.request
    store.close()
    with closing(sqlite3.connect(tmp_path / f"desk.before-{LATER}.db")) as old:
        assert old.execute("SELECT id FROM tasks").fetchall() == [(new.id,)]
        assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert "stars" not in {row[1] for row in old.execute("PRAGMA table_info(tasks)")}
    assert _revision(tmp_path / f"desk.before-{LATER}.db") == HEAD


def test_an_upgrade_that_fails_half_way_leaves_everything_as_it_was(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)
    store.tasks.add(new_task())
    before = _shape(store.database.engine)
    broken = _scripts(tmp_path, 'op.execute("INSERT INTO nowhere VALUES (1)")')
    with pytest.raises(StorageError):
        migrate(store.database, scripts=broken, head=LATER)
    assert _revision(tmp_path / "desk.db") == HEAD
    assert _shape(store.database.engine) == before

    migrate(store.database, scripts=_scripts(tmp_path), head=LATER)
    assert _revision(tmp_path / "desk.db") == LATER
    store.close()


def test_no_upgrade_is_begun_when_the_copy_cannot_be_kept(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)
    (tmp_path / f"desk.before-{LATER}.db").mkdir()
    with pytest.raises(StorageError, match=rf"desk\.before-{LATER}\.db can't be opened\.$"):
        migrate(store.database, scripts=_scripts(tmp_path), head=LATER)
    assert _revision(tmp_path / "desk.db") == HEAD
    store.close()


def test_a_home_of_the_first_version_keeps_everything(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "desk.db")
    migrate(database, head="0001")
    database.close()
    moment = "2026-11-22 09:30:00.000000"
    with closing(sqlite3.connect(tmp_path / "desk.db")) as sql:
        sql.execute(
            "INSERT INTO connections (id, name, name_key, profile, base_url, created_at) "
            "VALUES ('c', 'Relay', 'relay', 'openai-hk', 'https://relay.example', ?)",
            [moment],
        )
        sql.execute(
            "INSERT INTO assets VALUES (?, 'a.png', 'image/jpeg', 640, 480, 1000, ?)",
            ["a" * 64, moment],
        )
        sql.execute(
            "INSERT INTO tasks (id, draft_token, connection_id, connection, profile, request, "
            "search_text, status, estimate, outputs, artifact_state, cancel_requested, created_at, "
            "updated_at) VALUES ('t', 'd', 'c', 'Relay', 'openai-hk', ?, 'x', 'SUCCEEDED', ?, '[]', "
            "'none', 0, ?, ?)",
            [FIRST_REQUEST, '{"low": "5", "high": "5", "unit": "point"}', moment, moment],
        )
        sql.commit()

    store = open_store(tmp_path / "desk.db")
    task, asset = store.tasks.get("t"), store.assets.get("a" * 64)
    relay = store.connections.get("c")
    store.close()
    assert task is not None and task.request.frames[0].uri == "https://pictures.example/a.png"
    assert (task.request.media, task.request.options, task.quoted) == ((), {}, None)
    assert asset is not None and (asset.kind, asset.seconds) == (MediaKind.IMAGE, None)
    assert relay is not None and (relay.options, relay.balance) == ({}, None)
    assert _revision(tmp_path / f"desk.before-{HEAD}.db") == "0001"


def test_data_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    store_with_relay(tmp_path).close()
    _stamp(tmp_path / "desk.db", "9999")
    before = (tmp_path / "desk.db").read_bytes()
    with pytest.raises(NewerSchemaError, match="newer version of Runway Desk") as refused:
        open_store(tmp_path / "desk.db")
    assert "Update Runway Desk" in refused.value.hint
    assert (tmp_path / "desk.db").read_bytes() == before
    assert not list(tmp_path.glob("desk.before-*"))


@pytest.mark.parametrize("left_behind", ["nothing", "an empty file"])
def test_eight_processes_may_open_a_fresh_home_at_once(tmp_path: Path, left_behind: str) -> None:
    if left_behind == "an empty file":  # what a kill may leave that came before the first write
        (tmp_path / "desk.db").touch()
    assert sorted(at_once(8, add_task, tmp_path, "one draft")) == [False] * 7 + [True]
