"""What is wrong with a link or an encoded file, by Runway's own rules. Nothing is fetched."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from runway_core.domain import MediaKind

URL_MIN, URL_MAX = 13, 2048
"""Characters of a file's link (docs.dev.runwayml.com/assets/inputs; Runway OpenAPI of 2026-08-08)."""
UPLOAD_URI_MAX = 5000
"""Characters of what stands for an uploaded file (the same)."""
DATA_URI_MAX = {
    MediaKind.IMAGE: 5_242_880,
    MediaKind.VIDEO: 16_777_216,
    MediaKind.AUDIO: 16_777_216,
}
"""Characters of an encoded file (Runway OpenAPI of 2026-08-08)."""
UPLOAD_MAX = 200 * 1024 * 1024
"""Bytes of an uploaded file (docs.dev.runwayml.com/assets/uploads)."""
_BASE64 = r";base64,[A-Za-z0-9+/]+={0,2}"
_DATA_URI = {
    MediaKind.IMAGE: re.compile(r"data:image/(?:png|jpe?g|webp)" + _BASE64),
    MediaKind.VIDEO: re.compile(r"data:video/[a-z0-9.+-]+" + _BASE64),
    MediaKind.AUDIO: re.compile(r"data:audio/[a-z0-9.+-]+" + _BASE64),
}
_NAMES = {
    MediaKind.IMAGE: ("a picture", "a PNG, JPEG or WebP picture"),
    MediaKind.VIDEO: ("a video", "a video such as MP4"),
    MediaKind.AUDIO: ("a sound", "a sound such as MP3"),
}
_SITE = re.compile(r"(?:[a-z0-9_-]+\.)+(?!(?:\d+|0x[0-9a-f]*)\.?\Z)[a-z0-9-]+\.?")
"""A host name with a dot; one that ends in a number is an IP address in some spelling."""


def uri_problem(uri: str, kind: MediaKind) -> str:
    """Say what is wrong with what stands for a file in a request; empty when nothing is."""
    name, allowed = _NAMES[kind]
    if uri.startswith("asset:"):
        kept = re.fullmatch(r"asset:[0-9a-f]{64}", uri)
        return "" if kept else f"is not {name} that is kept here."
    if uri.startswith("runway://"):
        uploaded = re.fullmatch(r"[\x21-\x7e]+", uri)
        return "" if uploaded and URL_MIN <= len(uri) <= UPLOAD_URI_MAX else "is not an upload."
    if not uri.startswith("data:"):
        return link_problem(uri, kind)
    if len(uri) > DATA_URI_MAX[kind]:
        return f"is {len(uri)} characters when encoded; at most {DATA_URI_MAX[kind]}."
    return "" if _DATA_URI[kind].fullmatch(uri) else f"must be {allowed}."


def link_problem(link: str, kind: MediaKind = MediaKind.IMAGE) -> str:
    """Say what is wrong with a link to a file; empty when nothing is.

    Source: docs.dev.runwayml.com/assets/inputs.
    """
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        parts.port  # noqa: B018 - raises ValueError for a bad port
    except ValueError:
        return "is not a link."
    # Runway's own pattern is in small letters, and so is what may be sent.
    if not link.lstrip().startswith("https://") or not host:
        what = "picture" if kind is MediaKind.IMAGE else "file"
        return f"must be a link that begins with https://, or an uploaded {what}."
    if not URL_MIN <= len(link) <= URL_MAX:
        return f"is {len(link)} characters; a link has {URL_MIN} to {URL_MAX}."
    if parts.username is not None or re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff]", link):
        return "must not hold a user name, spaces or control characters."
    if not _SITE.fullmatch(host):
        return "must name a site such as example.com, not a bare address."
    return ""
