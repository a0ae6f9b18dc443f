"""How most scripts do it: programs that lose and double, to show that the kills would find it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from tests.engine.kill_runs import Place, take
from tests.killing import Record

_TABLES = (
    "CREATE TABLE IF NOT EXISTS asked (prompt TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS made (prompt TEXT PRIMARY KEY, remote_id TEXT)",
)


def post_then_note(place: Place, prompts: list[str]) -> None:
    """Note an id once it has come, and forget what was asked for when killed before that."""
    with _opened(place) as (sql, http):
        _make(place, sql, http, prompts)


def post_until_noted(place: Place, prompts: list[str]) -> None:
    """Note what is asked for, and post it again after a kill as long as no id of it was noted."""
    with _opened(place) as (sql, http):
        unknown = "SELECT prompt FROM asked WHERE prompt NOT IN (SELECT prompt FROM made)"
        again = [row[0] for row in sql.execute(unknown).fetchall()]
        _make(place, sql, http, [*again, *prompts])


def records_of(place: Place) -> list[Record]:
    """What they know in the end."""
    with _opened(place) as (sql, _http):
        made = sql.execute("SELECT prompt, remote_id FROM made").fetchall()
    files = {remote_id: _file(place, remote_id) for _, remote_id in made}
    return [
        Record(prompt, remote_id, file=files[remote_id].read_bytes())
        for prompt, remote_id in made
        if files[remote_id].exists()
    ]


@contextmanager
def _opened(place: Place) -> Iterator[tuple[sqlite3.Connection, httpx.Client]]:
    place.home.mkdir(exist_ok=True)
    with (
        closing(sqlite3.connect(place.database, isolation_level=None)) as sql,
        httpx.Client(base_url=place.url, trust_env=False, verify=False) as http,
    ):
        for table in _TABLES:
            sql.execute(table)
        yield sql, http


def _make(place: Place, sql: sqlite3.Connection, http: httpx.Client, prompts: list[str]) -> None:
    for prompt in prompts:
        sql.execute("INSERT OR IGNORE INTO asked VALUES (?)", (prompt,))
        take(place, prompt)
        answer = http.post("/v1/text_to_video", json={"promptText": prompt})
        remote_id = answer.json()["id"]
        sql.execute("INSERT OR IGNORE INTO made VALUES (?, ?)", (prompt, remote_id))
    for (remote_id,) in sql.execute("SELECT remote_id FROM made").fetchall():
        if not _file(place, remote_id).exists():
            _fetch(http, remote_id, _file(place, remote_id))


def _fetch(http: httpx.Client, remote_id: str, target: Path) -> None:
    (link,) = http.get(f"/v1/tasks/{remote_id}").json()["output"]
    with http.stream("GET", link) as answer, target.open("wb", buffering=0) as file:
        for piece in answer.iter_raw():
            file.write(piece)


def _file(place: Place, remote_id: str) -> Path:
    return place.home / f"{remote_id}.mp4"
