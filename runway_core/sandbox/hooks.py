"""Calls back when a task has ended: Doitong's signed webhooks and the relays' unsigned ``notify_hook``.

Only addresses of this machine are ever called; any other is taken and never connected to. The call is
made with the standard library: the sandbox may not use `runway_core.http`, and leaves no machine.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from runway_core.sandbox.record import Record

CALLS_AT_ONCE = 4
TIMEOUT = 3.0
"""Seconds that a receiver has to answer."""
PAUSES = (1.0, 4.0, 16.0)
"""Seconds at speed 1 before each further try."""
SECRET = "sandbox-webhook-secret"  # noqa: S105 - of a practice server, told in the guide
HOOK, STYLE, ORIGIN = "hook", "hook_style", "hook_origin"
"""The notes of a record that say whom to call, in whose words, and where links to its file begin."""

Tell = Callable[[Record, str], Mapping[str, Any]]
"""What the call's body says of a record whose file is at a link, empty when it has none."""


def hook_notes(url: object, *, style: str, origin: str) -> dict[str, str]:
    """What to note on a record so that `url` is called; nothing when it can't be."""
    if not isinstance(url, str) or _address(url) is None:
        return {}
    return {HOOK: url, STYLE: style, ORIGIN: origin}


def signature(secret: str, raw: bytes) -> str:
    """The value of ``X-Doitong-Signature`` for a body.

    Source: doitong.com/tr/developers/api/runway for the header; HMAC-SHA256 over the raw body is assumed
    from its look, which is that of GitHub's.
    """
    return f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"


@dataclass(frozen=True)
class Style:
    """How one kind of receiver is told."""

    tell: Tell
    is_signed: bool = False


class Hooks:
    """Calls receivers in threads of its own; a slow one holds up no task."""

    def __init__(
        self,
        link: Callable[[str, Record], str],
        styles: Mapping[str, Style],
        *,
        speed: float,
        secret: str,
    ) -> None:
        """`link` makes a link to a record's file below an origin."""
        self._speed = speed
        self._link = link
        self._styles = styles
        self._secret = secret
        self._callers: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Take calls on."""
        self._stopping.clear()
        self._callers = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="hooks")

    def stop(self) -> None:
        """Give up what was not delivered."""
        self._stopping.set()
        callers, self._callers = self._callers, None
        if callers:
            callers.shutdown(wait=False, cancel_futures=True)

    def note(self, record: Record) -> None:
        """Have the receiver of a finished task called, if it has one. Returns at once."""
        if HOOK in record.notes and self._callers:
            self._callers.submit(self._deliver, record)

    def _deliver(self, record: Record) -> None:
        style = self._styles[record.notes[STYLE]]
        url = self._link(record.notes[ORIGIN], record) if record.fault is None else ""
        body = json.dumps(style.tell(record, url), ensure_ascii=False, separators=(",", ":"))
        raw = body.encode()
        headers = {"Content-Type": "application/json", "User-Agent": "runway-desk-sandbox"}
        if style.is_signed:
            headers["X-Doitong-Signature"] = signature(self._secret, raw)
        for pause in (*PAUSES, None):
            if _post(record.notes[HOOK], raw, headers) or pause is None:
                return
            if self._stopping.wait(pause / self._speed):
                return


@dataclass(frozen=True)
class _Address:
    host: str
    port: int
    target: str


def _address(url: str) -> _Address | None:
    """Where to connect to, or None when that is not certainly this machine. No name is looked up."""
    try:
        parts = urlsplit(url)
        host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
        local = ipaddress.ip_address(host).is_loopback
        port = 80 if parts.port is None else parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or not local or parts.username is not None:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Address(host, port, target)


def _post(url: str, raw: bytes, headers: Mapping[str, str]) -> bool:
    """Whether the receiver took it. A redirect is not followed."""
    address = _address(url)
    if address is None:
        return True
    connection = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT)
    try:
        connection.request("POST", address.target, raw, dict(headers))
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
