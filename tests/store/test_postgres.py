"""What is PostgreSQL's own: upgrades at once, a server that goes away, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from runway_core.errors import ConfigError, DatabaseBusyError, StorageError
from runway_core.store import TaskQuery, open_store
from runway_core.store.schema import metadata
from tests.builders import new_task, store_with_relay
from tests.children import add_task, at_once
from tests.postgres import Postgres, postgres
from tests.store.test_migrations import is_ours

SECRET = "correct-horse-battery"


def test_eight_processes_may_open_a_fresh_database_at_once() -> None:
    url = postgres().empty()
    assert sorted(at_once(8, add_task, Path(), "one draft", url)) == [False] * 7 + [True]


def test_alembic_finds_no_difference_between_the_schema_and_a_migrated_database() -> None:
    with (
        closing(open_store(Path(), url=postgres().empty())) as store,
        store.database.engine.connect() as sql,
    ):
        opts = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(sql, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_two_homes_with_databases_of_their_own_know_nothing_of_each_other() -> None:
    one = store_with_relay(Path(), url=postgres().fresh())
    other = store_with_relay(Path(), url=postgres().fresh())
    one.tasks.add(new_task("a draft"))
    assert (one.tasks.page(TaskQuery()).total, other.tasks.page(TaskQuery()).total) == (1, 0)
    one.close()
    other.close()


def test_a_server_that_was_stopped_and_started_again_has_everything() -> None:
    server = Postgres()
    store = store_with_relay(Path(), url=server.fresh(), busy_timeout=2)
    store.tasks.add(new_task("before"))
    server.stop()
    with pytest.raises(DatabaseBusyError, match="can't be reached") as gone:
        store.tasks.add(new_task("meanwhile"))
    assert gone.value.retryable and "Nothing was sent" in gone.value.hint
    server.start()
    assert store.tasks.add(new_task("after"))
    assert not store.tasks.add(new_task("before"))
    assert store.tasks.by_token("meanwhile") is None
    store.close()
    server.close()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://desk:{SECRET}@127.0.0.1:1/desk",
        f"postgresql://desk:{SECRET}@127.0.0.1:1/desk",
        f"postgres://desk:{SECRET}@127.0.0.1:1/desk",
    ],
)
def test_a_server_that_is_not_there_is_named_without_its_password(url: str) -> None:
    with pytest.raises(StorageError, match=r"127\.0\.0\.1/desk can't be reached") as error:
        open_store(Path(), url=url, busy_timeout=1)
    assert SECRET not in f"{error.value!r} {error.value.hint}"


@pytest.mark.parametrize("url", ["not a url", "mysql://x/y", "sqlite:///desk.db", f"://{SECRET}@"])
def test_what_is_no_address_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="RUNWAY_DATABASE_URL") as error:
        open_store(Path(), url=url)
    assert SECRET not in f"{error.value!r} {error.value.hint}"
