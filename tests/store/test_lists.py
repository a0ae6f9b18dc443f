"""Lists of any length: what they hold, in which order, and that their length costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from benchmarks.many import APART, LAST, fill
from runway_core.domain import ArtifactState, TaskStatus
from runway_core.people import Actor, Right
from runway_core.store import Change, Mark, Store, TaskQuery
from runway_core.store.query import COUNTED, READ
from tests.builders import NOW, store_with_relay

MANY, FEW = 25_000, 100
MAKER = frozenset({Right.LOOK, Right.MAKE})
MIA, BO = (Actor(id=name, name=name, rights=MAKER) for name in ("mia", "bo"))
DONE = frozenset({TaskStatus.SUCCEEDED})
QUERIES = {
    "everything": TaskQuery(),
    "page 40": TaskQuery(offset=39 * 12),
    "oldest": TaskQuery(sort="oldest"),
    "open": TaskQuery(statuses=frozenset({TaskStatus.RUNNING, TaskStatus.QUEUED})),
    "uncertain": TaskQuery(statuses=frozenset({TaskStatus.UNCERTAIN}), limit=1),
    "finished": TaskQuery(statuses=DONE),
    "connection": TaskQuery(connection_id="bench-One"),
    "model": TaskQuery(model="veo3.1"),
    "a model of none": TaskQuery(model="nothing"),
    "kept": TaskQuery(file=ArtifactState.KEPT),
    "expired": TaskQuery(file=ArtifactState.EXPIRED),
    "a day": TaskQuery(since=LAST - timedelta(days=2), until=LAST - timedelta(days=1)),
    "two filters": TaskQuery(statuses=DONE, model="gen4.5"),
    "mark": TaskQuery(mark="keep"),
    "tag": TaskQuery(tag="spring"),
    "a rare word": TaskQuery(text="zeppelin"),
    "two signs": TaskQuery(text="狐狸"),
    "a word of none": TaskQuery(text="qqqq"),
    "a word of all": TaskQuery(text="video"),
    "a letter": TaskQuery(text="a"),
    "words and a filter": TaskQuery(text="video", model="veo3.1"),
    "dearest": TaskQuery(sort="dearest"),
    "longest": TaskQuery(sort="longest"),
}
WHOLE = {"a word of all", "a letter", "words and a filter", "dearest", "longest"}
"""What no index tells: `READ` tasks are looked through, and no more."""


class Home(NamedTuple):
    """A store, and how much SQLite has worked for it."""

    store: Store
    steps: list[int]


def _home(store: Store, count: int) -> Home:
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    fill(store, count, owners=("mia", "bo"))
    newest = store.tasks.page(TaskQuery(limit=40)).tasks
    change = Change(mark=Mark.KEEP, add=("spring",))
    store.reviews.change([task.id for task in newest], change, NOW)
    with store.database.engine.connect() as sql:  # the one that the pool gives each reader
        raw = sql.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(step, 100)
    return Home(store, steps)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    """One of many tasks and one of few."""
    made = [
        _home(store_with_relay(tmp_path_factory.mktemp(f"home-{count}")), count)
        for count in (MANY, FEW)
    ]
    yield made[0], made[1]
    for home in made:
        home.store.close()


def _steps(home: Home, query: TaskQuery, actor: Actor | None) -> int:
    """How many hundred steps SQLite takes for a page; the same each time."""
    rows = (home.store if actor is None else home.store.acting_as(actor)).tasks
    rows.page(query)
    home.steps[0] = 0
    rows.page(query)
    return home.steps[0]


@pytest.mark.parametrize("who", ["admin", "maker", "maker, own"])
@pytest.mark.parametrize("name", QUERIES)
def test_a_page_of_many_takes_no_longer_than_one_of_few(
    homes: tuple[Home, Home], name: str, who: str, record_property: Any
) -> None:
    actor = None if who == "admin" else MIA
    query = QUERIES[name]
    if who == "maker, own":
        query = query.model_copy(update={"owner_id": MIA.id})
    many, few = (_steps(home, query, actor) for home in homes)
    # Counting goes on up to a fixed number; what is read besides is the page alone.
    counting = 18 * COUNTED // 100
    looking = 60 * READ // 100 if name in WHOLE else 0
    record_property(f"hundreds of steps for a page: {name}, {who}", f"{many}, of few {few}")
    assert many <= few + counting + looking


@pytest.mark.parametrize("name", QUERIES)
def test_no_page_is_read_from_the_table_itself(homes: tuple[Home, Home], name: str) -> None:
    store = homes[0].store
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    for actor in (store.actor, MIA):
        store.acting_as(actor).tasks.page(QUERIES[name])
    sa.event.remove(store.database.engine, "before_cursor_execute", note)
    selects = [(text, values) for text, values in asked if "artifacts" not in text]
    assert selects
    with store.database.engine.connect() as sql:
        for text, values in selects:
            plan = sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            for line in (row[3] for row in plan):
                of_its_own = "SCAN anon" in line or "VIRTUAL TABLE" in line
                assert of_its_own or not line.startswith("SCAN"), line
                assert "ORDER BY" not in line or "status IN" in text, line


def test_each_filter_finds_what_it_says(homes: tuple[Home, Home]) -> None:
    rows = homes[0].store.tasks
    checks: dict[str, Any] = {
        "finished": lambda t: t.status is TaskStatus.SUCCEEDED,
        "connection": lambda t: t.connection_id == "bench-One",
        "model": lambda t: t.request.model == "veo3.1",
        "kept": lambda t: t.artifacts,
        "a day": lambda t: LAST - timedelta(days=2) <= t.created_at < LAST - timedelta(days=1),
        "a rare word": lambda t: "zeppelin" in t.request.prompt,
        "two signs": lambda t: "狐狸" in t.request.prompt,
        "words and a filter": lambda t: t.request.model == "veo3.1",
    }
    for name, fits in checks.items():
        page = rows.page(QUERIES[name].model_copy(update={"limit": 1000}))
        assert page.tasks and all(fits(task) for task in page.tasks), name
    counts = {name: rows.page(query) for name, query in QUERIES.items()}
    assert (counts["everything"].total, counts["everything"].more) == (COUNTED, True)
    assert (counts["a rare word"].total, counts["a rare word"].more) == (MANY // 1000, False)
    assert (counts["model"].total, counts["model"].more) == (MANY // 10, False)
    assert counts["mark"].total == counts["tag"].total == 40
    assert counts["a day"].total == timedelta(days=1) // APART
    assert counts["a word of none"].total == counts["expired"].total == 0
    assert counts["a word of all"].more and counts["dearest"].more


def test_words_that_many_have_are_looked_for_where_the_rest_leaves_few(
    homes: tuple[Home, Home],
) -> None:
    rows = homes[0].store.tasks
    old = TaskQuery(text="video", until=LAST - APART * (MANY - 21))
    page = rows.page(old)
    assert (page.total, page.more) == (20, False)
    assert rows.page(TaskQuery(text="first")).total == 1


def test_other_orders(homes: tuple[Home, Home]) -> None:
    rows = homes[1].store.tasks
    longest = rows.page(TaskQuery(sort="longest", limit=FEW)).tasks
    waits = [t.finished_at - t.created_at for t in longest if t.finished_at]
    assert waits == sorted(waits, reverse=True) and len(waits) == FEW
    newest = [t.id for t in rows.page(TaskQuery(limit=FEW)).tasks]
    assert [t.id for t in rows.page(TaskQuery(limit=FEW, sort="oldest")).tasks] == newest[::-1]


def test_everybodys_and_what_others_share_on_each_database(store: Store) -> None:
    fill(store, 60, owners=("mia", "bo"))
    mine = [t.id for t in store.tasks.page(TaskQuery(limit=99)).tasks if t.owner_id == "mia"]
    mia = store.acting_as(MIA).tasks
    shown = [t.id for t in store.tasks.page(TaskQuery(limit=99)).tasks if t.owner_id == "bo"][:3]
    assert not mia.others_share()
    for task_id in shown:
        assert store.acting_as(BO).tasks.share(task_id, True)
    assert mia.others_share() and not store.acting_as(BO).tasks.others_share()
    assert {t.id for t in mia.page(TaskQuery(limit=99)).tasks} == {*mine, *shown}
    assert [t.id for t in mia.page(TaskQuery(not_owner_id="mia")).tasks] == shown
    assert [t.id for t in mia.page(TaskQuery(owner_id="bo")).tasks] == shown
    assert mia.page(TaskQuery(owner_id="mia")).total == 30
    both = [t.id for at in range(0, 40, 7) for t in mia.page(TaskQuery(offset=at, limit=7)).tasks]
    assert len(both) == len(set(both)) == 33
    for text, count in (("video", 33), ("qqqq", 0), ("v", 33), ("first", 1)):
        assert mia.page(TaskQuery(text=text)).total == count, text
