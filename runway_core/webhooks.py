"""Whether a call that somebody made to us is what it says: signatures, and addresses that nobody can guess. Pure.

Doitong prints a header and says nothing of how it is made; from its look, which is GitHub's, it is taken
as HMAC-SHA256 of the raw body in hexadecimal (assumed; doitong.com/{tr,ms,ko}/developers/api, 2026-11).
The Standard Webhooks form (standardwebhooks.com, 1.0.0) is read as well. Nothing here raises for what
comes from outside: it is False or None.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

Headers = Mapping[str, str] | Iterable[tuple[bytes, bytes]]
"""As a mapping, or the raw pairs of an ASGI scope, where one name may come twice."""

HEX_HEADERS = (b"x-doitong-signature", b"x-hub-signature-256")
STANDARD_HEADER = b"webhook-signature"
TOLERANCE = 300.0
"""Seconds that the time inside a Standard Webhooks signature may be off."""
SIGNATURES_MOST = 16
"""Signatures of one call that are looked at."""
_HEX = re.compile(rb"sha256=([0-9a-fA-F]{64})")
_STANDARD = re.compile(rb"v1,([A-Za-z0-9+/]{43}=)")
_TIME = re.compile(rb"[0-9]{1,12}")
_TOKEN = re.compile(r"([A-Za-z0-9-]{8,64})\.([A-Za-z0-9_-]{32})")


def verify(
    headers: Headers, body: bytes, secrets: Sequence[str], *, now: datetime | None = None
) -> bool:
    """Whether `body` was signed with one of `secrets`; False for everything malformed.

    Args:
        body: the bytes as they came: parsing and writing them again changes the signature.
        secrets: all that are valid now, so that one can be changed without a gap; empty ones never match.
        now: holds the time of a Standard Webhooks signature to five minutes; None ignores it.
    """
    found = _raw(headers)
    keys = [key for secret in secrets if (key := _utf8(secret))]
    good = False
    for name in HEX_HEADERS:
        for mac in _pieces(found.get(name, b""), b",", _HEX):
            for key in keys:
                expected = hmac.new(key, body, hashlib.sha256).hexdigest().encode()
                good |= hmac.compare_digest(expected, mac.lower())
    return good | _is_standard(found, body, keys, now)


def token_for(key: bytes, place: str, subject: str) -> str:
    """What stands in an address that only we can have made: who is meant, and the proof.

    Args:
        key: 32 bytes that never leave this home.
        place: what else the address says, so that the proof is good for nothing else.
        subject: a task's id, such as a UUID.
    """
    return f"{subject}.{_proof(key, place, subject)}"


def subject_of(key: bytes, place: str, token: str) -> str | None:
    """Who is meant by a token of `token_for`; None when we have not made it for this place."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    subject, proof = found.groups()
    good = hmac.compare_digest(_proof(key, place, subject).encode(), proof.encode())
    return subject if good else None


def _proof(key: bytes, place: str, subject: str) -> str:
    mac = hmac.new(key, f"{place}/{subject}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:24]).decode()


def _is_standard(
    found: Mapping[bytes, bytes], body: bytes, keys: Sequence[bytes], now: datetime | None
) -> bool:
    """Standard Webhooks: ``id.timestamp.body`` under the secret's base64 after ``whsec_``."""
    name, time = found.get(b"webhook-id", b""), found.get(b"webhook-timestamp", b"")
    if not name or not _TIME.fullmatch(time):
        return False
    if now is not None and abs(now.timestamp() - int(time)) > TOLERANCE:
        return False
    good, signed = False, b".".join((name, time, body))
    for mac in _pieces(found.get(STANDARD_HEADER, b""), b" ", _STANDARD):
        for key in filter(None, map(_decoded, keys)):
            expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
            good |= hmac.compare_digest(expected, mac)
    return good


def _decoded(secret: bytes) -> bytes:
    if not secret.startswith(b"whsec_"):
        return b""
    try:
        return base64.b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _pieces(value: bytes, between: bytes, form: re.Pattern[bytes]) -> list[bytes]:
    """The signatures in a header that have the right form; any other scheme counts for nothing."""
    parts = value[:4096].split(between)[:SIGNATURES_MOST]
    return [found[1] for part in parts if (found := form.fullmatch(part.strip(b" \t")))]


def _raw(headers: Headers) -> dict[bytes, bytes]:
    """Names in lower case; what comes twice is joined, as HTTP does it."""
    pairs: Iterable[tuple[object, object]]
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        key, text = _bytes(name).lower(), _bytes(value)
        between = b" " if key == STANDARD_HEADER else b","
        found[key] = found[key] + between + text if key in found else text
    return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _utf8(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")
