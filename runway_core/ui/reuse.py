"""Makes something new of what was made: a picture becomes a first frame, a video is changed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.domain import Capability, FramePosition, Role, Task
from runway_core.errors import DeskError
from runway_core.language import N_, _
from runway_core.ui import errors, places
from runway_core.ui.drafts import continue_shot, start_from
from runway_core.ui.picked import Place

_PICTURE = (
    N_("Use as first frame"),
    ":material/image:",
    Capability.IMAGE_TO_VIDEO,
    Place(FramePosition.FIRST),
)
_VIDEO = (
    N_("Change this video"),
    ":material/auto_fix_high:",
    Capability.VIDEO_TO_VIDEO,
    Place(Role.VIDEO),
)


def use_again(task: Task, position: int) -> None:
    """Draw the buttons that open Create with this file, or with its last frame."""
    artifact = task.artifacts[position]
    kind = artifact.mime.partition("/")[0]
    if kind not in ("image", "video"):
        return
    label, icon, wanted, place = _PICTURE if kind == "image" else _VIDEO
    if kind == "video" and st.button(
        _("Continue this shot"),
        key=f"task.continue.{position}",
        icon=":material/last_page:",
        help=_("A new video that begins with the last frame of this one."),
    ):
        _open_create(lambda: continue_shot(task, artifact))
    if st.button(_(label), key=f"task.use.{position}", icon=icon):
        _open_create(lambda: start_from(task, artifact, wanted, place))


def _open_create(fill: Callable[[], None]) -> None:
    try:
        fill()
    except DeskError as error:
        errors.show(error)
        return
    st.switch_page(places.CREATE)
