"""Finds tasks by any piece of a word, in any script, without reading them all.

Each word is kept in pieces of three characters, so that any part of it is found: Chinese and Korean, which put no
spaces between words, like all others. On SQLite the pieces are in an FTS5 index, on PostgreSQL in a GIN index of
``tsvector``; both give the numbers of tasks, of which `runway_core.store.query` then reads a limited number.
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa

from runway_core.store.schema import reviews, tasks

TEXT_MAX = 1000
"""Characters of a search that count."""
_PIECE = 3
_PIECES_MAX = 48
"""Pieces of a search that are looked up; each task that has them is held against the whole words anyway."""
_APART = {n: 0xE000 + n for n in range(128) if not chr(n).isalnum() and chr(n) not in " \n"}
"""FTS5's tokenizer splits at these characters, so they are kept as others that nobody writes."""
_MORE = "\n"
"""Between what a task was asked with and what was added later; neither holds a line's end."""
_AT_ONCE = 2000
_words = sa.table("task_words", sa.column("rowid"), sa.column("number"), sa.column("grams"))


def folded(text: str) -> str:
    """Text as it is compared: one case, one spelling of each character, the Turkish i without its dot."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", " ")  # PostgreSQL has no NUL
    one = unicodedata.normalize("NFKD", clean).casefold()
    one = one.replace("i\u0307", "i").replace("\u0131", "i")
    return " ".join(unicodedata.normalize("NFKC", one).split())


def words_of(text: str) -> list[str]:
    """The words of a search, each once."""
    return list(dict.fromkeys(folded(text)[:TEXT_MAX].split()))


def has_words(words: list[str]) -> list[sa.ColumnElement[bool]]:
    """Conditions on tasks: every word is there, whole."""
    return [tasks.c.search_text.contains(word, autoescape=True) for word in words]


def hits(
    sql: sa.Connection,
    words: list[str],
    *,
    between: tuple[int | None, int | None],
    oldest_first: bool,
    limit: int,
) -> list[int]:
    """Numbers of the newest tasks, or the oldest, that have the pieces of the words; deleted ones too."""
    lite = sql.dialect.name == "sqlite"
    number = _words.c.rowid if lite else _words.c.number
    wanted = [_piece(word, lite=lite) for word in _wanted(words)]
    found = (
        sa.text("task_words MATCH :pieces").bindparams(pieces=" AND ".join(wanted))
        if lite
        else sa.text("grams @@ CAST(:pieces AS tsquery)").bindparams(pieces=" & ".join(wanted))
    )
    query = sa.select(number).select_from(_words).where(found)
    first, last = between
    if first is not None:
        query = query.where(number >= first)
    if last is not None:
        query = query.where(number < last)
    order = number.asc() if oldest_first else number.desc()
    return list(sql.execute(query.order_by(order).limit(limit)).scalars())


def index_new(sql: sa.Connection, task_id: str) -> None:
    """Have a task that was just recorded found by its words."""
    known = sa.select(tasks.c.number, tasks.c.search_text, tasks.c.remote_id)
    row = sql.execute(known.where(tasks.c.id == task_id)).one()
    text = row.search_text
    if row.remote_id:
        text = _with(text, row.remote_id)
        sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(search_text=text))
    _add(sql, (row.number, text))


def index_again(sql: sa.Connection, task_id: str) -> None:
    """Have a task found by what is known of it now: its id at the provider, its note and tags."""
    known = sa.select(
        tasks.c.number, tasks.c.search_text, tasks.c.remote_id, reviews.c.note, reviews.c.tags
    ).select_from(tasks.outerjoin(reviews, reviews.c.task_id == tasks.c.id))
    row = sql.execute(known.where(tasks.c.id == task_id)).one()
    text = _with(row.search_text, row.remote_id or "", row.note or "", *(row.tags or ()))
    if text == row.search_text or row.number is None:
        return
    sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(search_text=text))
    _drop(sql, row.number, row.search_text)
    _add(sql, (row.number, text))


def index_all(sql: sa.Connection) -> None:
    """Fill the index, which is empty, from all tasks: after they came from another database."""
    last = -1
    query = sa.select(tasks.c.number, tasks.c.search_text).order_by(tasks.c.number)
    while rows := sql.execute(query.where(tasks.c.number > last).limit(_AT_ONCE)).all():
        _add(sql, *((row.number, row.search_text) for row in rows))
        last = rows[-1].number


def _with(text: str, *more: str) -> str:
    return _MORE.join(filter(None, (text.partition(_MORE)[0], folded(" ".join(more)))))


def pieces(text: str) -> list[str]:
    """Every piece of three characters of each word, and what is left at its end, each once."""
    words = text.translate(_APART).split()
    return list(dict.fromkeys(w[at : at + _PIECE] for w in words for at in range(len(w))))


def _wanted(words: list[str]) -> list[str]:
    """The pieces that a text with these words has; a shorter word begins one."""
    found = dict.fromkeys(
        word[at : at + _PIECE]
        for word in (word.translate(_APART) for word in words)
        for at in range(max(1, len(word) - _PIECE + 1))
    )
    return list(found)[:_PIECES_MAX]


def _piece(piece: str, *, lite: bool) -> str:
    """A piece in the language of a search; one that is short, as the beginning of others."""
    begins = len(piece) < _PIECE
    if lite:
        return f'"{piece}"*' if begins else f'"{piece}"'
    return f"'{piece}':*" if begins else f"'{piece}'"


def _add(sql: sa.Connection, *rows: tuple[int, str]) -> None:
    if sql.dialect.name == "sqlite":
        lite = [{"number": number, "grams": " ".join(pieces(text))} for number, text in rows]
        sql.execute(_LITE_ADD, lite)
    else:
        sql.execute(_ADD, [{"number": number, "grams": pieces(text)} for number, text in rows])


def _drop(sql: sa.Connection, number: int, text: str) -> None:
    if sql.dialect.name == "sqlite":
        # The index holds no texts, so it has to be told what it is to forget.
        sql.execute(_LITE_DROP, {"number": number, "grams": " ".join(pieces(text))})
    else:
        sql.execute(_DROP, {"number": number})


_LITE_ADD = sa.text("INSERT INTO task_words (rowid, grams) VALUES (:number, :grams)")
_LITE_DROP = sa.text(
    "INSERT INTO task_words (task_words, rowid, grams) VALUES ('delete', :number, :grams)"
)
_ADD = sa.text(
    "INSERT INTO task_words (number, grams) "
    "VALUES (:number, array_to_tsvector(CAST(:grams AS text[])))"
)
_DROP = sa.text("DELETE FROM task_words WHERE number = :number")
