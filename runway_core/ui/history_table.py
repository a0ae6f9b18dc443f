"""The history as a table: more videos at a glance, and lines to choose."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from runway_core.domain import Task
from runway_core.language import _
from runway_core.store import Review, TaskQuery
from runway_core.ui.cards import media_url, title_of
from runway_core.ui.clock import now, zone
from runway_core.ui.history_chosen import chosen, set_chosen
from runway_core.ui.history_filters import MARKS
from runway_core.ui.rights import maker_of, makers
from runway_core.ui.words import amount, badge, lasting, moment, no_prompt, price, short, taken


def table(tasks: tuple[Task, ...], reviews: dict[str, Review], query: TaskQuery, at: int) -> None:
    """Draw one page as a table whose lines can be chosen."""
    names = makers()
    full = [_row(task, reviews.get(task.id, Review()), maker_of(task, names)) for task in tasks]
    told = {title for row in full for title, value in row.items() if value}
    rows = [{title: row[title] for title in row if title in told} for row in full]
    ids = [task.id for task in tasks]
    about = f"{query.model_dump_json()} {at} {st.session_state.get('history.chosen.reset', 0)}"
    picked = [n for n, task_id in enumerate(ids) if task_id in set(chosen())]
    key = f"history.table.{hashlib.sha256(about.encode()).hexdigest()[:16]}"
    found = st.dataframe(
        rows,
        key=key,
        hide_index=True,
        row_height=56,
        height=min(640, 56 * len(rows) + 40),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": picked, "columns": [], "cells": []}},
        column_config={
            _("Picture"): st.column_config.ImageColumn(width="small"),
            _("Prompt"): st.column_config.TextColumn(width="large"),
        },
        alt=_("Videos, one a line"),
    )
    lines: list[int] = found["selection"]["rows"]
    others = [task_id for task_id in chosen() if task_id not in set(ids)]
    set_chosen([*others, *(ids[line] for line in lines if line < len(ids))])


def _row(task: Task, review: Review, maker: str) -> dict[str, Any]:
    shown = task.artifacts and task.artifacts[0].poster
    free = task.profile == "sandbox"
    charged = "" if free or task.charge is None else amount(task.charge, task.estimate.unit)
    return {
        _("Picture"): media_url(task, 0, "poster.jpg") if shown else None,
        _("Status"): badge(task)[0],
        _("Prompt"): short(task.request.prompt, 200) or no_prompt(task),
        _("Model"): title_of(task),
        _("Connection"): task.connection,
        _("Made by"): maker,
        _("Made"): moment(task.created_at, zone()),
        _("Took"): lasting(taken(task, now())),
        _("Cost"): charged or price(task.estimate, free=free),
        _("Mark"): _(MARKS[review.mark]) if review.mark else "",
        _("Tags"): ", ".join(review.tags),
        _("Note"): short(review.note, 200),
    }
