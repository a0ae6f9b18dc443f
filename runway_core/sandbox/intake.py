"""What every root does with a request before it reads it: whose key, how large, is it JSON."""

from __future__ import annotations

import hmac
import json
from typing import NoReturn

from starlette.requests import Request

from runway_core.sandbox.book import owner_of
from runway_core.sandbox.issues import Refusal

BODY_MAX = 48 * 1024 * 1024
"""Bytes of a request: two encoded videos and some pictures go in. Ours; Runway tells no limit."""


def owner(request: Request, only: str | None, *, api_key: bool = False) -> str | None:
    """Whose request it is, or None for a missing or wrong key.

    `only` is the one key taken; None takes any. `api_key` also takes it from ``X-API-Key``.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else ""
    if api_key and not key:
        key = request.headers.get("x-api-key", "").strip()
    wanted = only or key
    if not key or not hmac.compare_digest(key.encode(), wanted.encode()):
        return None
    return owner_of(key)


async def read_body(request: Request) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413, it is longer than BODY_MAX.
    """
    too_large = Refusal(413, {"error": "Request body is too large"})
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > BODY_MAX:
        raise too_large
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_MAX:
            raise too_large
    return bytes(body)


def decode(raw: bytes) -> object:
    """What the JSON says.

    Raises:
        Refusal: 400, it is none.
    """
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, {"error": "The request body is not valid JSON"}) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
