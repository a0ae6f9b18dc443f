"""What went with a request, in words: its files and its further settings."""

from __future__ import annotations

from runway_core.domain import Frame, GenerationRequest, Media, Value
from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.ui.services import get_studio
from runway_core.ui.words import field


def what_was_sent(asked: GenerationRequest) -> dict[str, str]:
    """Each file and each setting by its label."""
    rows: dict[str, str] = {}
    for frame in asked.frames:
        rows[field(f"frames.{frame.position}")] = _file(frame)
    for sent in asked.media:
        label, name = field(f"media.{sent.role}"), _named(sent)
        rows[label] = f"{rows[label]}, {name}" if label in rows else name
    for option, value in asked.options.items():
        rows[field(f"options.{option}")] = _value(value)
    return rows


def _named(sent: Media) -> str:
    if sent.tag:
        return f"{_file(sent)} (@{sent.tag})"
    return (
        _file(sent)
        if sent.seconds is None
        else _("{file} (at {seconds:g} s)").format(file=_file(sent), seconds=sent.seconds)
    )


def _file(sent: Frame | Media) -> str:
    if sent.asset is None:
        return _("sent with the request") if sent.uri.startswith("data:") else sent.uri
    try:
        return get_studio().assets.get(sent.asset).filename
    except DeskError:
        return _("a file that is not kept here any more")


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
