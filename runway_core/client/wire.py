"""One call of a script on the wire: the answer is kept whole, or nothing is sent and that is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from runway_core.domain import Exchange
from runway_core.http import Http, Reply, Seen
from runway_core.redact import hide
from runway_core.settings import private_hosts

T = TypeVar("T")


class Wire(Http):
    """An `Http` for one call to one address.

    Args:
        base_url: normalised; on this computer it may be plain http, since a script names it itself.
        key: masked wherever an answer echoes it.
        dry_run: send nothing.
    """

    def __init__(self, base_url: str, *, key: str, dry_run: bool) -> None:
        super().__init__(private_hosts=private_hosts() | _own_address(base_url))
        self._key, self._dry_run = key, dry_run
        self._reply: Reply | None = None
        self.unsent: Exchange | None = None
        """What would have been sent, with the key masked."""

    async def request(self, method: str, url: str, **options: Any) -> Reply:
        if not self._dry_run:
            self._reply = await super().request(method, url, **options)
            return self._reply
        unsent = Seen(
            method=method,
            url=url,
            headers=options.get("headers") or {},
            body=options.get("json"),
            reply=None,
            error=None,
            started_at=datetime.now(UTC),
            elapsed_ms=0,
            secrets=(self._key,),
        )
        self.unsent = unsent.record()
        return Reply(200, {}, b'{"id":"dry-run","status":"PENDING"}', 0)

    def fields(self) -> dict[str, Any]:
        """The last answer's own fields; under ``raw`` what is no JSON object."""
        body = b"" if self._reply is None else self._reply.body
        try:
            document = self._masked(json.loads(body.decode("utf-8-sig", "replace")))
        except (ValueError, RecursionError):
            document = self._masked(body[:2000].decode("utf-8", "replace"))
        if isinstance(document, dict):
            return document
        return {"raw": document} if document else {}

    def _masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._masked(name): self._masked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._masked(inner) for inner in value]
        return hide(value, (self._key,)) if isinstance(value, str) else value


def is_here(base_url: str) -> bool:
    """Whether an address is on this computer: a sandbox, or a relay's own tunnel."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def run(ask: Callable[[], Awaitable[T]]) -> T:
    """Run to the end, in a notebook too, where a loop runs already."""

    async def asked() -> T:
        return await ask()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(asked())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked()).result()


def _own_address(base_url: str) -> frozenset[tuple[str, int]]:
    if not is_here(base_url):
        return frozenset()
    parts = urlsplit(base_url)
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    return frozenset({(parts.hostname or "", port)})
