"""Where the data is, how much room it takes, and what copies there are of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import streamlit as st

from runway_core.language import _
from runway_core.settings import Settings
from runway_core.studio.copies import Copy, daily, last_backup
from runway_core.studio.standing import program_version
from runway_core.ui.clock import now
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, size

LOW = 1024**3
"""Bytes of free space under which the page warns."""
_KEPT = 60
"""Seconds for which a sum of the media folder is shown again, instead of walking through it."""


def data_folder() -> None:
    """Draw the folder, the sizes, the copies and the version.

    Raises:
        StorageError: the database can't be read.
    """
    studio = get_studio()
    settings, database = studio.settings, studio.store.database
    st.caption(_what_is_here(settings))
    st.code(str(settings.home), language=None, wrap_lines=True)
    free = shutil.disk_usage(settings.home).free
    facts = {
        _("Database ({kind})").format(kind=database.kind): size(database.size()),
        _("Videos and pictures"): _media(settings),
        _("Free on this disk"): size(free),
        **_copies(settings),
        _("Version"): program_version(),
    }
    with st.grid(6, min_column_width=140, gap="small"):
        for label, value in facts.items():
            with st.container(gap=None):
                st.caption(label)
                st.markdown(value)
    if free < LOW:
        st.warning(
            _("Less than 1 GB is free: soon no new video can be kept."),
            icon=":material/hard_drive:",
        )


def _what_is_here(settings: Settings) -> str:
    if settings.database_url or settings.media_url:
        return _("The master key and what belongs to this computer alone are in this folder.")
    return _("Everything is in this folder on this computer. Copy it to keep a backup.")


def _media(settings: Settings) -> str:
    if settings.media_url and not settings.media_url.startswith("file:"):
        return _("in a bucket")
    return size(_total(str(settings.media)))


def _copies(settings: Settings) -> dict[str, str]:
    backup = {_("Last backup"): _when(last_backup(settings))}
    if settings.database_url:
        return backup
    return {_("Database copied"): _when(next(iter(daily(settings)), None))} | backup


def _when(copy: Copy | None) -> str:
    return _("not yet") if copy is None else ago(copy.made_at, now())


@st.cache_data(ttl=_KEPT, show_spinner=False)
def _total(folder: str) -> int:
    """Bytes of all files below a folder; what can't be read is left out."""
    total, waiting = 0, [Path(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
