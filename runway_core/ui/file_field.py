"""The field for one file: upload or link, what was chosen, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from runway_core.catalog import UPLOAD_MAX
from runway_core.catalog.uris import link_problem
from runway_core.domain import Asset, FramePosition, MediaKind
from runway_core.errors import DeskError, InvalidInputError, NotFoundError
from runway_core.language import N_, _, translated
from runway_core.ui import errors
from runway_core.ui.chosen_file import chosen_file
from runway_core.ui.dialogs import ask
from runway_core.ui.drafts import gathered, keep, seat, widget
from runway_core.ui.form import Form
from runway_core.ui.library import about
from runway_core.ui.picked import Place
from runway_core.ui.services import get_studio
from runway_core.ui.words import KINDS, either, plain

SAMPLE = Path(__file__).with_name("sample.jpg")
ENDINGS = {
    MediaKind.IMAGE: ("png", "jpg", "jpeg", "webp"),
    MediaKind.VIDEO: ("mp4", "mov", "webm", "m4v"),
    MediaKind.AUDIO: ("mp3", "wav", "m4a", "aac", "flac"),
}
_FORMATS = {
    MediaKind.IMAGE: N_("PNG, JPEG or WebP"),
    MediaKind.VIDEO: N_("MP4, MOV or WebM"),
    MediaKind.AUDIO: N_("MP3, WAV, M4A or FLAC"),
}
_MOST = {MediaKind.IMAGE: 20, MediaKind.VIDEO: UPLOAD_MAX // 1024**2}
"""Megabytes that the browser lets through; what is larger is refused before it travels."""


@dataclass(frozen=True)
class FileField:
    """What one place for a file takes."""

    place: Place
    title: str
    kinds: tuple[MediaKind, ...] = (MediaKind.IMAGE,)
    needed: bool = False
    about: str = ""
    links_only: str = ""
    """Why no file can be uploaded; empty where one can."""
    ratio: str = ""
    """What an uploaded picture is cropped to; empty where it is sent whole."""
    removable: bool = False

    @property
    def key(self) -> str:
        return f"create.{self.place}"


def file_field(form: Form, wanted: FileField) -> None:
    """Draw the field of one file; more widgets may be drawn after it in the same box."""
    _head(form, wanted)
    if wanted.about:
        st.caption(plain(translated(wanted.about)))
    if wanted.links_only or form.picked(wanted.place).mode == "link":
        _link(form, wanted)
    else:
        _upload(form, wanted)


def _head(form: Form, wanted: FileField) -> None:
    title = f"**{plain(translated(wanted.title))}**" + (
        "" if wanted.needed else " " + _("(optional)")
    )
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(title, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if not wanted.links_only:
                _from_where(form, wanted)
            if wanted.removable:
                st.button(
                    "",
                    key=f"{wanted.key}.drop",
                    icon=":material/close:",
                    type="tertiary",
                    help=_("Take away {title}").format(title=plain(translated(wanted.title))),
                    on_click=_drop,
                    args=(wanted.place,),
                )


def _from_where(form: Form, wanted: FileField) -> None:
    st.segmented_control(
        _("{title}: where from").format(title=translated(wanted.title)),
        ["upload", "link"],
        format_func=lambda mode: _("Upload") if mode == "upload" else _("Link"),
        required=True,
        label_visibility="collapsed",
        key=seat(f"{wanted.place}.mode", form.picked(wanted.place).mode),
    )


def _drop(place: Place) -> None:
    keep(gathered().without(place))


def _link(form: Form, wanted: FileField) -> None:
    picked = form.picked(wanted.place)
    if len(wanted.kinds) > 1:
        kind = picked.link_kind if picked.link_kind in wanted.kinds else wanted.kinds[0]
        st.segmented_control(
            _("The link leads to a"),
            wanted.kinds,
            format_func=lambda kind: _(KINDS[kind]),
            required=True,
            key=seat(f"{wanted.place}.link_kind", kind),
        )
    what = _(KINDS[wanted.kinds[0]] if len(wanted.kinds) == 1 else "File").lower()
    st.text_input(
        _("Link to a {what}").format(what=what),
        key=seat(f"{wanted.place}.link", picked.link),
        placeholder="https://…",
        type="url",
    )
    link = picked.link.strip()
    problem = link_problem(link, wanted.kinds[0]) if link else ""
    if problem:
        errors.red_line(_("The link {problem}").format(problem=plain(problem)))
    shown = _("shown or cropped") if wanted.kinds == (MediaKind.IMAGE,) else _("shown or measured")
    st.caption(
        _("{links_only} The provider fetches the link itself, so it can't be {shown} here.").format(
            links_only=plain(translated(wanted.links_only)), shown=shown
        )
    )


def _upload(form: Form, wanted: FileField) -> None:
    sha256 = form.picked(wanted.place).asset
    asset = _asset(sha256)
    if asset is not None:
        chosen_file(form, wanted.place, asset, title=translated(wanted.title), ratio=wanted.ratio)
    elif sha256:
        errors.red_line(_("This file is not kept here any more; choose it again."))
    _uploader(wanted, another=asset is not None)
    problem = st.session_state.get(widget(f"{wanted.place}.problem"))
    if problem:
        errors.red_line(f"{problem} {_('The file you had stays.') if asset else ''}")
    with st.container(horizontal=True):
        st.button(
            _("Files from before"),
            key=f"{wanted.key}.library",
            icon=":material/photo_library:",
            type="tertiary",
            on_click=ask,
            args=("library", about(wanted.place, wanted.kinds)),
        )
        if asset is None and wanted.place.position is FramePosition.FIRST:
            st.button(
                _("Use a sample picture"),
                key="create.first.sample",
                icon=":material/landscape:",
                type="tertiary",
                on_click=_take_sample,
                args=(wanted,),
            )


def _uploader(wanted: FileField, *, another: bool) -> None:
    names = either([_(KINDS[kind]).lower() for kind in wanted.kinds])
    formats = "; ".join(_(_FORMATS[kind]) for kind in wanted.kinds)
    count = st.session_state.setdefault(widget(f"{wanted.place}.count"), 0)
    st.file_uploader(
        _("Choose another {names}").format(names=names)
        if another
        else _("Choose, drop or paste a {names} ({formats})").format(names=names, formats=formats),
        type=[ending for kind in wanted.kinds for ending in ENDINGS[kind]],
        key=widget(f"{wanted.place}.file.{count}"),
        max_upload_size=max(_MOST.get(kind, _MOST[MediaKind.VIDEO]) for kind in wanted.kinds),
        on_change=_take_in,
        args=(wanted,),
    )


def _asset(sha256: str) -> Asset | None:
    try:
        return get_studio().assets.get(sha256) if sha256 else None
    except NotFoundError:
        return None


def _take_in(wanted: FileField) -> None:
    counter = widget(f"{wanted.place}.count")
    file = st.session_state.get(widget(f"{wanted.place}.file.{st.session_state[counter]}"))
    if file is None:
        return
    st.session_state[counter] += 1  # an emptied field can take the next one
    _add(wanted, file, file.name)


def _take_sample(wanted: FileField) -> None:
    _add(wanted, SAMPLE.read_bytes(), "sample.jpg")


def _add(wanted: FileField, source: bytes | BinaryIO, filename: str) -> None:
    place = wanted.place
    try:
        asset = get_studio().assets.add(
            source, filename=filename, field=place.field, kinds=wanted.kinds
        )
    except InvalidInputError as error:
        said = "; ".join(translated(problem.message) for problem in error.problems)
        st.session_state[widget(f"{place}.problem")] = (
            f"**{plain(translated(wanted.title))}**: {plain(filename)} {plain(said)}"
        )
    except DeskError as error:
        st.session_state[widget(f"{place}.problem")] = plain(translated(f"{error} {error.hint}"))
    else:
        st.session_state.pop(widget(f"{place}.problem"), None)
        st.session_state.pop(widget(f"{place}.focus"), None)
        chosen = {"asset": asset.sha256, "kind": asset.kind, "focus": (0.5, 0.5)}
        keep(gathered().with_picked(place, **chosen))
