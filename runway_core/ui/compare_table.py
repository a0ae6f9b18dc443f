"""The settings of several videos in one table, with what differs told by words as well as by a sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from html import escape
from typing import NamedTuple

import streamlit as st

from runway_core.domain import Task
from runway_core.language import _
from runway_core.ui.asked import what_was_sent
from runway_core.ui.cards import title_of
from runway_core.ui.compare_player import LETTERS
from runway_core.ui.words import (
    amount,
    capability,
    field,
    lasting,
    made_elsewhere,
    moment,
    pixels,
    price,
    shape,
)

NONE = "–"
_TABLE = "width:100%;table-layout:fixed;border-collapse:collapse"
_CELL = (
    "border:1px solid rgba(127,140,136,.35);padding:.4rem .6rem;text-align:left;vertical-align:top;"
    "min-width:7rem;overflow-wrap:anywhere"
)
_DIFFERS = "background:rgba(217,140,20,.14)"
"""A tint beside the word, which alone would not be seen by everybody."""


class Row(NamedTuple):
    """One setting of all of them."""

    label: str
    values: tuple[str, ...]
    differs: bool
    result: bool = False
    """Whether it tells what came of it, and was not asked for."""


def rows_of(tasks: Sequence[Task], here: tzinfo) -> list[Row]:
    """What differs first, then time and cost, then what is the same; what none of them has is left out."""
    came = _rows([_came_of(task, here) for task in tasks], result=True)
    asked = _rows([_asked(task) for task in tasks], result=False)
    differing = [row for row in asked if row.differs]
    return [*differing, *came, *(row for row in asked if not row.differs)]


def table(rows: Sequence[Row], *, count: int) -> None:
    """Draw the rows, a column for each of so many videos; a narrow screen moves it sideways."""
    heads = "".join(
        f'<th scope="col" style="{_CELL}">{escape(letter)}</th>' for letter in LETTERS[:count]
    )
    body = "".join(_line(row, told=count > 1 and not row.result) for row in rows)
    label = escape(_("Settings of the videos"), quote=True)
    st.html(
        f'<div role="region" tabindex="0" aria-label="{label}" style="overflow-x:auto">'
        f'<table style="{_TABLE};min-width:{escape(str(7 * count + 9))}rem"><thead><tr>'
        f'<td style="{_CELL};width:9rem"></td>{heads}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _rows(columns: list[dict[str, str]], *, result: bool) -> list[Row]:
    labels = dict.fromkeys(label for column in columns for label in column)
    found = []
    for label in labels:
        values = tuple(column.get(label, "") for column in columns)
        if any(values):
            found.append(Row(label, values, len(set(values)) > 1 and not result, result))
    return found


def _came_of(task: Task, here: tzinfo) -> dict[str, str]:
    took = task.finished_at - task.created_at if task.finished_at else None
    practice = task.profile == "sandbox"
    charged = "" if task.charge is None else amount(task.charge, task.estimate.unit)
    return {
        _("Time taken"): lasting(took) if took and not made_elsewhere(task) else NONE,
        _("Estimate"): NONE if made_elsewhere(task) else price(task.estimate, free=practice),
        _("Charged"): _("Nothing: practice") if practice else charged or _("Not told"),
        _("Made"): moment(task.created_at, here),
    }


def _asked(task: Task) -> dict[str, str]:
    asked = task.request
    return {
        field("prompt"): asked.prompt,
        field("capability"): capability(asked.capability) if asked.capability else "",
        field("model"): title_of(task),
        field("connection"): task.connection,
        field("ratio"): ", ".join(filter(None, (shape(asked.ratio), pixels(asked.ratio)))),
        field("duration"): _("{n} s").format(n=asked.duration) if asked.duration else "",
        field("seed"): "" if asked.seed is None else str(asked.seed),
        **what_was_sent(asked),
    }


def _line(row: Row, *, told: bool) -> str:
    word = (_("differs") if row.differs else _("same")) if told else ""
    mark = f"≠ {word}" if word and row.differs else word
    small = (
        f'<br><span style="font-weight:400;font-size:.8rem">{escape(mark)}</span>' if mark else ""
    )
    cells = "".join(f'<td style="{_CELL}">{escape(value) or NONE}</td>' for value in row.values)
    tint = _DIFFERS if row.differs else ""
    return (
        f'<tr style="{tint}"><th scope="row" style="{_CELL};min-width:6.5rem;overflow-wrap:normal">'
        f"{escape(row.label)}{small}</th>{cells}</tr>"
    )
