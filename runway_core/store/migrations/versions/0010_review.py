"""What people think of videos, and lists of any length: an order of tasks, indexes in it, and their words."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from runway_core.store.search import folded, pieces

revision = "0010"
down_revision = "0009"

_AT_ONCE = 2000
_LISTED = ("status", "connection_id", "model", "artifact_state")
_INDEXES = {
    "tasks_listed": ("deleted_at", "number", *_LISTED, "owner_id", "shared"),
    "tasks_own": ("owner_id", "deleted_at", "number", *_LISTED, "shared"),
    "tasks_shared": ("shared", "deleted_at", "number", *_LISTED, "owner_id"),
    "tasks_sharers": ("shared", "owner_id", "deleted_at"),
    "tasks_status": ("status", "deleted_at", "number"),
    "tasks_connection": ("connection_id", "deleted_at", "number"),
    "tasks_model": ("model", "deleted_at", "number"),
    "tasks_file": ("artifact_state", "deleted_at", "number"),
}
_TASKS = sa.table(
    "tasks",
    *[sa.column(name, sa.Text) for name in ("id", "search_text", "remote_id")],
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("number", sa.BigInteger),
)


def upgrade() -> None:
    op.add_column("tasks", sa.Column("number", sa.BigInteger()))
    op.create_table(
        "reviews",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_table(
        "labels",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("label", "number"),
    )
    op.create_table(
        "tags",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "label"),
    )
    sql = op.get_bind()
    _make_words(sql)
    _number(sql)
    op.create_index("tasks_number", "tasks", ["number"], unique=True)
    for name in ("tasks_newest", "tasks_own", "tasks_shared"):
        op.drop_index(name, "tasks")
    for name, columns in _INDEXES.items():
        op.create_index(name, "tasks", list(columns))


def _make_words(sql: sa.Connection) -> None:
    """The index of words is no table that the schema can tell: each database has its own kind."""
    if sql.dialect.name == "sqlite":
        sql.exec_driver_sql(
            "CREATE VIRTUAL TABLE task_words USING fts5(grams, content='', detail='none', "
            "columnsize=0, tokenize='ascii', prefix='1 2')"
        )
        return
    sql.exec_driver_sql(
        "CREATE TABLE task_words (number BIGINT PRIMARY KEY, grams TSVECTOR NOT NULL)"
    )
    sql.exec_driver_sql("CREATE INDEX task_words_grams ON task_words USING gin (grams)")


def _number(sql: sa.Connection) -> None:
    """Number what is there in the order of time, and have it found by its words."""
    lite = sql.dialect.name == "sqlite"
    add = sa.text(
        "INSERT INTO task_words (rowid, grams) VALUES (:number, :grams)"
        if lite
        else "INSERT INTO task_words (number, grams) "
        "VALUES (:number, array_to_tsvector(CAST(:grams AS text[])))"
    )
    change = (
        sa.update(_TASKS)
        .where(_TASKS.c.id == sa.bindparam("task"))
        .values(number=sa.bindparam("new_number"), search_text=sa.bindparam("text"))
    )
    rows = sql.execute(sa.select(_TASKS).order_by(_TASKS.c.created_at, _TASKS.c.id)).all()
    number = -1
    for begin in range(0, len(rows), _AT_ONCE):
        changes, words = [], []
        for row in rows[begin : begin + _AT_ONCE]:
            number = max(number + 1, _milliseconds(row.created_at))
            text = "\n".join(filter(None, (row.search_text, folded(row.remote_id or ""))))
            changes.append({"task": row.id, "new_number": number, "text": text})
            grams = pieces(text)
            words.append({"number": number, "grams": " ".join(grams) if lite else grams})
        sql.execute(change, changes)
        sql.execute(add, words)


def _milliseconds(moment: datetime) -> int:
    """SQLite gives times of UTC without saying so."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
