"""Files and links on the command line, as a request carries them."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

from runway_core.catalog import ModelSpec
from runway_core.domain import Asset, Frame, FramePosition, Media, MediaKind, Role
from runway_core.errors import InvalidInputError, Problem
from runway_core.studio import Studio

_USUAL: dict[Role, tuple[MediaKind, ...]] = {
    Role.VIDEO: (MediaKind.VIDEO,),
    Role.CHARACTER: (MediaKind.IMAGE, MediaKind.VIDEO),
    Role.PERFORMANCE: (MediaKind.VIDEO,),
    Role.REFERENCE: (MediaKind.IMAGE,),
    Role.KEYFRAME: (MediaKind.IMAGE,),
    Role.REFERENCE_VIDEO: (MediaKind.VIDEO,),
    Role.REFERENCE_AUDIO: (MediaKind.AUDIO,),
}
"""What a file is taken for where the model takes none in this role."""


def frame(studio: Studio, text: str, position: FramePosition) -> Frame:
    """A picture that fixes a frame: a file is brought in, a link stays as it is.

    Raises:
        InvalidInputError: the file can't be read, or is no picture.
    """
    if _is_link(text):
        return Frame(position=position, uri=text)
    asset = _bring_in(studio, text, f"frames.{position}", (MediaKind.IMAGE,))
    return Frame(position=position, uri=asset.uri)


def medium(studio: Studio, role: Role, text: str, spec: ModelSpec) -> Media:
    """A file in one of the model's roles.

    Raises:
        InvalidInputError: it is written wrongly, can't be read, or is of another kind.
    """
    field = f"media.{role}"
    seconds = tag = None
    if role is Role.KEYFRAME:
        seconds, text = _moment(text, field)
    if role is Role.REFERENCE:
        text, tag = _tagged(text)
    known = spec.medium(role)
    kinds = known.kinds if known else _USUAL[role]
    if _is_link(text):
        kind, uri = _kind_of_link(text, kinds), text
    else:
        asset = _bring_in(studio, text, field, kinds)
        kind, uri = asset.kind, asset.uri
    return Media(role=role, kind=kind, uri=uri, tag=tag or "", seconds=seconds)


def _is_link(text: str) -> bool:
    return "://" in text or text.startswith("data:")


def _bring_in(studio: Studio, text: str, field: str, kinds: tuple[MediaKind, ...]) -> Asset:
    path = Path(text).expanduser()
    try:
        with path.open("rb") as file:
            return studio.assets.add(file, filename=path.name, field=field, kinds=kinds)
    except OSError as error:
        raise InvalidInputError(
            Problem(field, f"{text} can't be read: {error.strerror}.")
        ) from None


def _kind_of_link(text: str, kinds: tuple[MediaKind, ...]) -> MediaKind:
    """By what the link calls itself, else the first that the model takes."""
    if text.startswith("data:"):
        guess = text.removeprefix("data:")
    else:
        guess = mimetypes.guess_type(urlsplit(text).path)[0] or ""
    return next((kind for kind in kinds if guess.startswith(f"{kind}/")), kinds[0])


def _moment(text: str, field: str) -> tuple[float, str]:
    seconds, _, rest = text.partition("=")
    try:
        return float(seconds), rest
    except ValueError:
        says = f"“{text}” must be written as SECONDS=FILE or SECONDS=LINK, such as 2.5=sky.jpg."
        raise InvalidInputError(Problem(field, says)) from None


def _tagged(text: str) -> tuple[str, str]:
    """A file or link, and the name that the prompt calls it by, after a comma."""
    head, comma, tag = text.rpartition(",")
    is_name = comma and not set(tag) & set("./\\?&=") and not text.startswith("data:")
    return (head, tag.strip().removeprefix("@")) if is_name else (text, "")
