"""The list of a batch: with which connection, what holds where a row says nothing, and the rows themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from runway_core.catalog import Profile
from runway_core.domain import Connection
from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import N_, _, number
from runway_core.studio.batch_rows import Usual, matrix
from runway_core.studio.list_columns import COLUMNS
from runway_core.studio.prompt_lists import Line, read_list, read_text
from runway_core.ui import errors
from runway_core.ui.batch_draft import (
    LIST,
    MATRIX,
    Draft,
    change,
    draft,
    on_change,
    seat,
)
from runway_core.ui.batch_pictures import pictures
from runway_core.ui.batch_settings import able, profile_of, settings
from runway_core.ui.rights import to_settings

_MODES = {
    LIST: (N_("A list"), ":material/list:"),
    MATRIX: (N_("Prompts × pictures × seeds"), ":material/grid_on:"),
}
_REFUSED = "batch.refused"
"""What was wrong with the last file."""
_COUNT = "batch.uploads"
"""Counts what was uploaded; an emptied field can take the next file."""
_EXAMPLE = """prompt,duration,seed
"A paper boat drifts down a stream, slow tracking shot",5,1
"The same boat at night, lanterns on the water",5,2
"Morning fog lifts off the stream",10,3
"""
_SEEDS_MOST = 100


@dataclass(frozen=True)
class Wanted:
    """A list, and whom it is for."""

    draft: Draft
    connection: Connection
    profile: Profile
    usual: Usual
    lines: tuple[Line, ...]


def batch_form() -> Wanted | None:
    """Draw the fields; None while there is nothing to check.

    Raises:
        StorageError: the database can't be read.
    """
    connections = able()
    if not connections:
        st.info(
            _("There is no connection yet: videos are made with one."), icon=":material/link_off:"
        )
        to_settings(_("Open Settings"), ask=_("add one"), icon=":material/settings:")
        return None
    with st.container(border=True, key="batch.form"):
        connection, usual = settings(connections)
        mode = st.segmented_control(
            _("What the batch is made of"),
            list(_MODES),
            format_func=lambda found: f"{_MODES[found][1]} {_(_MODES[found][0])}",
            required=True,
            key=seat("mode", draft().mode),
            on_change=on_change,
            args=("mode",),
        )
        pictures()
        lines = _matrix() if mode == MATRIX else _list()
    if not lines:
        return None
    return Wanted(draft(), connection, profile_of(connection), usual, tuple(lines))


def _list() -> list[Line]:
    now = draft()
    st.text_area(
        _("One prompt a line, or a table"),
        key=seat("text", now.text),
        height=200,
        placeholder=_("A fox in the snow\nA paper boat on a stream"),
        help=_(
            "Paste lines, or cells from a sheet. A table begins with the names of its columns: {columns}. "
            "“image” is a link to the first frame, or the name of a picture below."
        ).format(columns=", ".join(COLUMNS)),
        on_change=on_change,
        args=("text",),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _file()
        if not now.text.strip():
            st.button(
                _("Show an example"),
                key="batch.example",
                type="tertiary",
                icon=":material/lightbulb:",
                on_click=change,
                kwargs={"text": _EXAMPLE, "name": ""},
            )
    _refused_file()
    if not now.text.strip():
        return []
    try:
        return read_list(draft().text)
    except InvalidInputError as error:
        for problem in error.problems:
            errors.red_line(errors.one_problem(problem))
        return []


def _file() -> None:
    count = st.session_state.setdefault(_COUNT, 0)
    st.file_uploader(
        _("Or a file: CSV, XLSX or text"),
        type=["csv", "tsv", "txt", "xlsx"],
        key=f"batch.file.{count}",
        max_upload_size=2,
        on_change=_take_file,
        args=(f"batch.file.{count}",),
    )


def _take_file(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state[_COUNT] += 1
    st.session_state.pop(_REFUSED, None)
    try:
        change(text=read_text(file.getvalue()), name=Path(file.name).stem, mode=LIST)
    except DeskError as error:
        st.session_state[_REFUSED] = error


def _refused_file() -> None:
    error = st.session_state.get(_REFUSED)
    if isinstance(error, DeskError):
        errors.show(error)


def _matrix() -> list[Line]:
    now = draft()
    st.text_area(
        _("Prompts, one a line"),
        key=seat("prompts", now.prompts),
        height=140,
        on_change=on_change,
        args=("prompts",),
    )
    st.text_input(
        _("Seeds"),
        key=seat("seeds", now.seeds),
        placeholder="1, 2, 3",
        help=_("Numbers with commas between them. Each prompt is made once with each of them."),
        autocomplete="off",
        on_change=on_change,
        args=("seeds",),
    )
    prompts = [line.strip() for line in draft().prompts.splitlines() if line.strip()]
    seeds = _seeds(draft().seeds)
    if seeds is None or not (prompts or draft().pictures):
        return []
    try:
        return matrix(prompts, list(draft().pictures), seeds)
    except InvalidInputError as error:
        for problem in error.problems:
            errors.red_line(errors.one_problem(problem))
        return []


def _seeds(text: str) -> list[int] | None:
    """The seeds that were written; None when one is no number."""
    words = [word for word in re.split(r"[\s,;，、]+", text) if word]
    if all(re.fullmatch(r"[0-9]{1,10}", word) for word in words) and len(words) <= _SEEDS_MOST:
        return list(dict.fromkeys(map(int, words)))
    errors.red_line(
        _("**Seeds** must be whole numbers with commas between them, {most} at most.").format(
            most=number(_SEEDS_MOST)
        )
    )
    return None
