"""Makes something new of what was made: a picture becomes a first frame, a video is changed."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Capability, FramePosition, Role, Task
from runway_core.errors import DeskError
from runway_core.ui import errors, places
from runway_core.ui.drafts import start_from
from runway_core.ui.picked import Place

_PICTURE = (
    "Use as first frame",
    ":material/image:",
    Capability.IMAGE_TO_VIDEO,
    Place(FramePosition.FIRST),
)
_VIDEO = (
    "Change this video",
    ":material/auto_fix_high:",
    Capability.VIDEO_TO_VIDEO,
    Place(Role.VIDEO),
)


def use_again(task: Task, position: int) -> None:
    """Draw the button that opens Create with this file."""
    artifact = task.artifacts[position]
    kind = artifact.mime.partition("/")[0]
    if kind not in ("image", "video"):
        return
    label, icon, wanted, place = _PICTURE if kind == "image" else _VIDEO
    if not st.button(label, key=f"task.use.{position}", icon=icon):
        return
    try:
        start_from(task, artifact, wanted, place)
    except DeskError as error:
        errors.show(error)
        return
    st.switch_page(places.CREATE)
