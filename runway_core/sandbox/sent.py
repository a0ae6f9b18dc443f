"""Files in a create request: what Runway takes, and why it refuses the rest. Nothing is fetched."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runway_core.domain import MediaKind
from runway_core.sandbox.probe import Facts, ProbeError, probe

URI_MIN, LINK_MAX, UPLOAD_URI_MAX = 13, 2048, 5000
"""Characters (Runway OpenAPI of 2026-08-08)."""
DATA_URI_MAX = {
    MediaKind.IMAGE: 5_242_880,
    MediaKind.VIDEO: 16_777_216,
    MediaKind.AUDIO: 16_777_216,
}
"""Characters (Runway OpenAPI of 2026-08-08)."""
MIMES = {
    MediaKind.IMAGE: "png|jpeg|jpg|webp",
    MediaKind.VIDEO: "mp4|webm|quicktime|mov|ogg|h264",
    MediaKind.AUDIO: "[a-z0-9.+-]+",
}
"""Source: docs.dev.runwayml.com/assets/inputs."""
HOST = re.compile(r"(?!-)[^\s.]+(?:\.[^\s.]+)*\.(?=[^.]*[^\d.])[^\s.]+")
NAMES = {
    MediaKind.IMAGE: "a PNG, JPEG or WebP picture",
    MediaKind.VIDEO: "a video such as MP4",
    MediaKind.AUDIO: "a sound such as MP3",
}
Finder = Callable[[str], Path | None]
"""Gives the file of an upload, or None when this key has none of that address."""


class SentRefused(ValueError):  # noqa: N818 - says what happened
    """A file that Runway would not take; the message says why."""

    def __init__(self, message: str, *, code: str = "custom", **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.more = more


@dataclass(frozen=True)
class Sent:
    """A link, the bytes themselves, or the file of an upload."""

    link: str = ""
    data: bytes = b""
    upload: Path | None = None
    kind: MediaKind = MediaKind.IMAGE
    seconds: float = 0.0
    """0 of a picture, and of a link."""
    fps: float = 0.0
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Bounds:
    """What a place in a request demands of its file."""

    aspect: tuple[float, float] | None = None
    """Least and greatest width/height."""
    seconds: tuple[float, float] | None = None
    """Least and greatest length."""


def no_uploads(uri: str) -> None:
    """Stands for the uploads where there are none."""
    return


def read_sent(
    uri: str,
    kind: MediaKind = MediaKind.IMAGE,
    bounds: Bounds = Bounds(),
    find: Finder = no_uploads,
) -> Sent:
    """Check a file's address and, if it holds the file or was uploaded, the file.

    Source: docs.dev.runwayml.com/assets/inputs.

    Raises:
        SentRefused: Runway would refuse it.
    """
    _length(len(uri), URI_MIN, 1 << 62)
    if uri[:5].lower() == "data:":
        _length(len(uri), 0, DATA_URI_MAX[kind])
        data, said = _decoded(uri, kind)
        facts = _checked(data, kind, bounds)
        if kind is MediaKind.IMAGE and facts.format != said:
            raise SentRefused(
                f"Invalid asset: said to be image/{said}, but is image/{facts.format}"
            )
        return _sent(facts, kind, data=data)
    if uri.startswith("runway://"):
        _length(len(uri), 0, UPLOAD_URI_MAX)
        path = find(uri)
        if path is None:
            raise SentRefused("Invalid asset: there is no such upload, or it has expired")
        return _sent(_checked(path, kind, bounds), kind, upload=path)
    _length(len(uri), 0, LINK_MAX)
    _check_link(uri, kind)
    return Sent(link=uri, kind=kind)


def _sent(facts: Facts, kind: MediaKind, *, data: bytes = b"", upload: Path | None = None) -> Sent:
    size = (facts.width, facts.height)
    return Sent("", data, upload, kind, facts.seconds, facts.fps, size)


def _length(length: int, low: int, high: int) -> None:
    if length < low:
        message = f"Too small: expected string to have >={low} characters"
        raise SentRefused(message, code="too_small", origin="string", minimum=low, inclusive=True)
    if length > high:
        message = f"Too big: expected string to have <={high} characters"
        raise SentRefused(message, code="too_big", origin="string", maximum=high, inclusive=True)


def _check_link(uri: str, kind: MediaKind) -> None:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not uri.startswith("https://") or re.search(r"\s", uri) or not HOST.fullmatch(host):
        raise SentRefused(
            "Invalid asset: expected an https:// link to a domain name, an upload, "
            f"or a data URI of {NAMES[kind]}",
            code="invalid_format",
            format="url",
        )


def _decoded(uri: str, kind: MediaKind) -> tuple[bytes, str]:
    """The bytes of a data URI, and what it says they are."""
    form = rf"data:{kind.value}/({MIMES[kind]})(?:;[^,;]+)*;base64,"
    start = re.compile(form, re.IGNORECASE).match(uri)
    if start is None:
        message = f"Invalid asset: a data URI must be base64 of {NAMES[kind]}"
        raise SentRefused(message, code="invalid_format", format="data_uri")
    try:
        data = base64.b64decode(uri[start.end() :], validate=True)
    except binascii.Error:
        message = "Invalid asset: not base64"
        raise SentRefused(message, code="invalid_format", format="base64") from None
    return data, start[1].lower().replace("jpg", "jpeg")


def _checked(source: bytes | Path, kind: MediaKind, bounds: Bounds) -> Facts:
    try:
        facts = probe(source, kind)
    except ProbeError as error:
        raise SentRefused(f"Invalid asset: {error}") from None
    if bounds.aspect and facts.height:
        _check_aspect(facts.width / facts.height, *bounds.aspect)
    if bounds.seconds:
        _check_seconds(facts.seconds, *bounds.seconds)
    return facts


def _check_aspect(aspect: float, low: float, high: float) -> None:
    if not low <= aspect <= high:
        raise SentRefused(
            "Invalid asset aspect ratio: width / height must be between "
            f"{low} and {high}, got {aspect:.3f}"
        )


def _check_seconds(seconds: float, low: float, high: float) -> None:
    """Hold a length against its bounds; the words of the first were seen in August 2026."""
    rounded = round(seconds, 1)  # as containers do: a cut at 30 s may end a frame later
    if rounded > high:
        message = f"Asset duration must be at most {high:g} seconds"
        raise SentRefused(message, code="too_big", origin="number", maximum=high, inclusive=True)
    if rounded < low:
        message = f"Asset duration must be at least {low:g} seconds"
        raise SentRefused(message, code="too_small", origin="number", minimum=low, inclusive=True)
