"""Links to outputs that expire: a JWT in the query, signed with HS256 as Runway's own links are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime

HEADER = {"alg": "HS256", "typ": "JWT"}
WHOLE_SECONDS_FROM = 60
"""Links that live shorter than this keep fractions of a second in ``exp``."""


def sign(task_id: str, *, owner: str, expires: datetime, whole: bool, secret: bytes) -> str:
    """Make a token for one task's file; no two are the same. `whole` rounds ``exp`` down to seconds."""
    stamp = expires.timestamp()
    claims = {
        "keyHash": owner,
        "bucket": "runway-task-artifacts",
        "stage": "sandbox",
        "sub": task_id,
        "jti": secrets.token_hex(8),
        "exp": int(stamp) if whole else round(stamp, 3),
    }
    text = f"{_encode(json.dumps(HEADER).encode())}.{_encode(json.dumps(claims).encode())}"
    return f"{text}.{_encode(_digest(text, secret))}"


def is_good(token: str, task_id: str, *, now: datetime, secret: bytes) -> bool:
    """Whether the token is ours, for this task, and not expired. Raises nothing."""
    text, _, signature = token.rpartition(".")
    try:
        if not hmac.compare_digest(_encode(_digest(text, secret)), signature):
            return False
        claims = json.loads(base64.urlsafe_b64decode(text.partition(".")[2] + "=="))
        return bool(claims["sub"] == task_id and now.timestamp() < claims["exp"])
    except (ValueError, TypeError, KeyError):
        return False


def _digest(text: str, secret: bytes) -> bytes:
    return hmac.digest(secret, text.encode(), hashlib.sha256)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
