"""Where the data is and how much room it takes."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import streamlit as st

from runway_core.ui.services import engine_running, get_studio
from runway_core.ui.words import size

LOW = 1024**3
"""Bytes of free space under which the page warns."""


def data_folder() -> None:
    """Draw the folder, the sizes and the version."""
    settings = get_studio().settings
    st.caption("Everything is in this folder on this computer. Copy it to keep a backup.")
    st.code(str(settings.home), language=None, wrap_lines=True)
    free = shutil.disk_usage(settings.home).free
    facts = {
        "Database": size(settings.database.stat().st_size) if settings.database.is_file() else "–",
        "Videos and pictures": size(_total(settings.media)),
        "Free on this disk": size(free),
        "Engine": "running" if engine_running() else "not running",
        "Version": _version(),
    }
    with st.grid(5, min_column_width=140, gap="small"):
        for label, value in facts.items():
            with st.container(gap=None):
                st.caption(label)
                st.markdown(value)
    if free < LOW:
        st.warning(
            "Less than 1 GB is free: soon no new video can be kept.", icon=":material/hard_drive:"
        )


def _total(folder: Path) -> int:
    """Bytes of all files below a folder; what can't be read is left out."""
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total


def _version() -> str:
    try:
        return version("runway-desk")
    except PackageNotFoundError:
        return "from source"
