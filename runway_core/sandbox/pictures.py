"""Pictures in a create request: what Runway takes, and why it refuses the rest."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

URI_MIN, LINK_MAX, DATA_URI_MAX = 13, 2048, 5_242_880
"""Characters (Runway OpenAPI of 2026-08-08)."""
PIXELS_MAX = 64_000_000
"""Ours: nothing larger is unpacked into memory."""
DATA_URI = re.compile(r"data:image/(png|jpeg|jpg|webp)(?:;[^,;]+)*;base64,", re.IGNORECASE)
HOST = re.compile(r"(?!-)[^\s.]+(?:\.[^\s.]+)*\.(?=[^.]*[^\d.])[^\s.]+")


class PictureRefused(ValueError):  # noqa: N818 - says what happened
    """A picture that Runway would not take; the message says why."""

    def __init__(self, message: str, *, code: str = "custom") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A link, or the bytes themselves."""

    link: str = ""
    data: bytes = b""


def read_picture(uri: str, *, aspect: tuple[float, float] | None) -> Picture:
    """Check a picture's address and, if it holds the picture, the picture. Nothing is fetched.

    `aspect` is the least and greatest width/height.
    Source: docs.dev.runwayml.com/assets/inputs.

    Raises:
        PictureRefused: Runway would refuse it.
    """
    if len(uri) < URI_MIN:
        raise PictureRefused(
            f"Too small: expected string to have >={URI_MIN} characters", code="too_small"
        )
    if uri[:5].lower() != "data:":
        return Picture(link=_checked_link(uri))
    if len(uri) > DATA_URI_MAX:
        raise PictureRefused(
            f"Too big: expected string to have <={DATA_URI_MAX} characters", code="too_big"
        )
    return Picture(data=_checked_data(uri, aspect))


def _checked_link(uri: str) -> str:
    if len(uri) > LINK_MAX:
        raise PictureRefused(
            f"Too big: expected string to have <={LINK_MAX} characters", code="too_big"
        )
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not uri.startswith("https://") or re.search(r"\s", uri) or not HOST.fullmatch(host):
        raise PictureRefused(
            "Invalid asset: expected an https:// link to a domain name, or a data URI of a picture",
            code="invalid_format",
        )
    return uri


def _checked_data(uri: str, aspect: tuple[float, float] | None) -> bytes:
    start = DATA_URI.match(uri)
    if start is None:
        raise PictureRefused(
            "Invalid asset: a data URI must be base64 of a PNG, JPEG or WebP picture",
            code="invalid_format",
        )
    try:
        data = base64.b64decode(uri[start.end() :], validate=True)
    except binascii.Error:
        raise PictureRefused("Invalid asset: not base64", code="invalid_format") from None
    said = start[1].lower().replace("jpg", "jpeg")
    kind, width, height = _measure(data)
    if kind != said:
        raise PictureRefused(f"Invalid asset: said to be image/{said}, but is image/{kind}")
    if width * height > PIXELS_MAX:
        raise PictureRefused(f"Invalid asset: {width}x{height} pixels are too many")
    if aspect and not aspect[0] <= width / height <= aspect[1]:
        raise PictureRefused(
            "Invalid asset aspect ratio: width / height must be between "
            f"{aspect[0]} and {aspect[1]}, got {width / height:.3f}"
        )
    return data


def _measure(data: bytes) -> tuple[str, int, int]:
    # Here, because a start of the server should not wait for it.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            return (image.format or "").lower(), image.width, image.height
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise PictureRefused("Invalid asset: not a PNG, JPEG or WebP picture") from None
