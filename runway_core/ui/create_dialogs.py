"""The windows that lie over the create page: drafts, prompts, files, four seeds, other models, code, the link."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import N_, _
from runway_core.ui import errors
from runway_core.ui.choosing import Filled
from runway_core.ui.compare_send import same_prompt_on
from runway_core.ui.dialogs import ask, asked, close
from runway_core.ui.kept_drafts import drafts_window
from runway_core.ui.library import library_window
from runway_core.ui.prompt_tools import prompts_window
from runway_core.ui.recipe_code import as_curl, as_json, as_python
from runway_core.ui.recipe_link import show_link
from runway_core.ui.samples import COUNT, samples_window
from runway_core.ui.services import get_studio

_WIDTH = 760


def create_dialogs(filled: Filled) -> None:
    """Draw the window that was asked for, if any."""
    name, about = asked()
    windows: dict[str, tuple[str, Callable[[], None]]] = {
        "drafts": (N_("Drafts"), drafts_window),
        "prompts": (N_("Prompts"), prompts_window),
        "library": (N_("Files from before"), lambda: library_window(about)),
        "samples": (N_("Four seeds"), lambda: samples_window(filled)),
        "same": (
            N_("Same prompt on …"),
            lambda: same_prompt_on(filled.form, key="create.same"),
        ),
        "code": (N_("Copy as code"), lambda: _code(filled)),
        "link": (N_("Copy a link"), lambda: _link(filled)),
    }
    if name in windows:
        title, draw = windows[name]
        st.dialog(_(title), width=_WIDTH, on_dismiss=close)(_told)(draw)


def more_ways(filled: Filled) -> None:
    """Draw what else can be done with the form as it is: several at once, a link, code."""
    ways = [
        (_("New seed ×{n}").format(n=COUNT), "samples", ":material/casino:"),
        (_("Same prompt on …"), "same", ":material/compare:"),
        (_("Copy a link"), "link", ":material/link:"),
        (_("Copy as code"), "code", ":material/code:"),
    ]
    with st.container(horizontal=True, gap="small", key="create.ways"):
        for label, name, icon in ways:
            if name == "samples" and not filled.spec.seed_max:
                continue
            st.button(
                label,
                key=f"create.way.{name}",
                icon=icon,
                type="tertiary",
                on_click=ask,
                args=(name,),
            )


def drafts_button() -> None:
    """Draw the way to the kept forms."""
    st.button(
        _("Drafts"),
        key="create.drafts",
        icon=":material/folder_open:",
        type="tertiary",
        on_click=ask,
        args=("drafts",),
    )


def _told(draw: Callable[[], None]) -> None:
    """Draw a window; an error of ours is shown in it."""
    try:
        draw()
    except DeskError as error:
        errors.show(error)


def _link(filled: Filled) -> None:
    request = filled.form.request(filled.spec, filled.profile)
    show_link(request, profile=filled.connection.profile)


def _code(filled: Filled) -> None:
    request = filled.form.request(filled.spec, filled.profile)
    made = get_studio().outlines.create(request, filled.connection)
    st.caption(
        _(
            "The very request that Generate sends. Put your API key into the environment variable "
            "RUNWAY_API_KEY. Each run makes a video, and it is paid for."
        )
    )
    for tab, text, language in zip(
        st.tabs(["curl", "Python", "JSON"]),
        (as_curl(made), as_python(made), as_json(made)),
        ("bash", "python", "json"),
        strict=True,
    ):
        with tab:
            st.code(text, language=language)
    if request.frames or request.media:
        st.caption(
            _(
                "Files that are kept here stand there as https://example.com/…: put your own links in."
            )
        )
