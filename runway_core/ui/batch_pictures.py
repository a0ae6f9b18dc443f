"""Pictures of a batch: brought in several at once, and called by their names in the list."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _, ngettext, number, translated
from runway_core.ui import errors
from runway_core.ui.batch_draft import add_picture, draft, keep
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_COUNT = "batch.images"
"""Counts what was uploaded; an emptied field can take the next files."""
_REFUSED = "batch.images.refused"


def pictures() -> None:
    """What was brought in, and the field for more."""
    kept = draft().pictures
    label = ngettext("{n} picture", "{n} pictures", len(kept)).format(n=number(len(kept)))
    title = _("Pictures (optional)") if not kept else label
    with st.expander(title, icon=":material/image:", key="batch.pictures", expanded=bool(kept)):
        count = st.session_state.setdefault(_COUNT, 0)
        st.file_uploader(
            _("First frames: PNG, JPEG or WebP, several at once"),
            type=["png", "jpg", "jpeg", "webp"],
            accept_multiple_files=True,
            key=f"batch.image.{count}",
            max_upload_size=20,
            on_change=_take_pictures,
            args=(f"batch.image.{count}",),
        )
        for said in st.session_state.get(_REFUSED, ()):
            errors.red_line(said)
        if kept:
            st.caption(" · ".join(plain(name) for name in kept))
            st.button(
                _("Take them all away"),
                key="batch.pictures.clear",
                type="tertiary",
                icon=":material/close:",
                on_click=keep,
                kwargs={"pictures": {}},
            )


def _take_pictures(key: str) -> None:
    refused = []
    for file in st.session_state.get(key) or []:
        try:
            add_picture(get_studio().assets.add(file, filename=file.name, field="image"))
        except InvalidInputError as error:
            said = "; ".join(translated(problem.message) for problem in error.problems)
            refused.append(f"**{plain(file.name)}** {plain(said)}")
        except DeskError as error:
            refused.append(f"**{plain(file.name)}** {plain(translated(f'{error} {error.hint}'))}")
    st.session_state[_REFUSED] = refused
    st.session_state[_COUNT] += 1
