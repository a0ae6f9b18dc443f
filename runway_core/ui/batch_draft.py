"""The list that is being written: what its fields hold, kept so that a reload or a restart loses nothing."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import streamlit as st
from pydantic import Field, ValidationError

from runway_core.domain import Asset, Noun
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio

HANDED = "batch.handed"
"""Where another page puts a list to go on with: ``{"text": …, "connection": id}``."""
_DRAFT = "batch.draft"
LIST, MATRIX = "list", "matrix"


class Draft(Noun):
    """What the fields hold."""

    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    """A new one for each list, so that the same list can be made twice on purpose only."""
    edition: int = 0
    """Counts changes that did not come from a field, so that the fields are drawn anew."""
    connection_id: str = ""
    model: str = ""
    ratio: str = ""
    duration: int = 0
    mode: str = LIST
    text: str = ""
    name: str = ""
    """Of the file that the list is from."""
    prompts: str = ""
    seeds: str = ""
    pictures: dict[str, str] = Field(default_factory=dict)
    """Pictures that were brought in: their names, and where they are kept."""

    def token(self) -> str:
        """By which the batch of exactly this list is known."""
        words = json.dumps(self.model_dump(exclude={"edition"}), sort_keys=True)
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def by_name(self) -> dict[str, str]:
        """The pictures by their names without case."""
        return {name.casefold(): uri for name, uri in self.pictures.items()}


def draft() -> Draft:
    """The draft of this tab; in a new one, as it was left."""
    found = st.session_state.get(_DRAFT)
    if not isinstance(found, Draft):
        found = st.session_state[_DRAFT] = _left()
    return found


def take_handed() -> None:
    """Go on with a list that another page has handed over, in place of the one that was there."""
    handed = st.session_state.pop(HANDED, None)
    if not isinstance(handed, dict):
        return
    text, connection = str(handed.get("text") or ""), str(handed.get("connection") or "")
    if text.strip():
        change(mode=LIST, text=text, name="", id=str(uuid.uuid4()))
    if connection:
        change(connection_id=connection)


def keep(**changes: Any) -> None:
    """Note what a field holds now."""
    before = draft()
    after = before.model_copy(update=changes)
    st.session_state[_DRAFT] = after
    if after != before and may_make():
        get_studio().lists.save_draft(after.model_dump(mode="json"))


def change(**changes: Any) -> None:
    """Note something that no field has said, and have the fields show it."""
    keep(**changes, edition=draft().edition + 1)


def start_over() -> None:
    """An empty list, with the same settings."""
    change(id=str(uuid.uuid4()), text="", name="", prompts="", seeds="", pictures={})


def add_picture(asset: Asset) -> None:
    """Have a picture that was brought in at hand, by its name."""
    keep(pictures=draft().pictures | {asset.filename: asset.uri})


def seat(name: str, value: Any) -> str:
    """The key of a field; a new field begins with what the draft says."""
    key = f"batch.{draft().edition}.{name}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def on_change(name: str) -> None:
    """A field has changed: note it."""
    value = st.session_state.get(f"batch.{draft().edition}.{name}")
    keep(**{name: value if value is not None else ""})


def _left() -> Draft:
    try:
        return Draft.model_validate(get_studio().lists.draft())
    except ValidationError:  # of another version
        return Draft()
