"""What went over the wire for a task, for whoever looks, and as one file that can be sent to a provider's support.

The file is an HTTP Archive (HAR 1.2, w3c.github.io/web-performance/specs/HAR/Overview.html, read 2026-11-22),
which browsers' developer tools and support desks open. What HAR has no place for is in fields that begin with
``_``, as it asks for. Secrets were taken out before anything was stored; the file is searched for them once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from runway_core.domain import Event, Exchange, Task
from runway_core.errors import NotFoundError
from runway_core.people import Right
from runway_core.redact import scrub
from runway_core.studio.acting import Service, may

_FACTS = {
    "id", "remote_id", "connection", "profile", "status", "failure", "failure_code", "note", "said",
    "attempts", "created_at", "submitted_at", "finished_at",
}  # fmt: skip
_UNSAID = -1
"""What HAR writes for a size or a time that nobody has measured."""


class Ticket(NamedTuple):
    """A file for a support ticket."""

    name: str
    data: bytes


class Inspector(Service):
    """Reads exchanges."""

    @may(Right.LOOK)
    def of(self, task_id: str) -> list[Exchange]:
        """The HTTP requests made for a task, secrets taken out, oldest first; never more than 60."""
        return self._store.exchanges.of(task_id)

    @may(Right.LOOK)
    def document(self, task_id: str) -> dict[str, Any]:
        """The same as an HTTP Archive, with what happened to the task.

        Raises:
            NotFoundError: there is no such task.
        """
        task = self._store.tasks.get(task_id)
        if task is None:
            raise NotFoundError("There is no such task here.")
        events = self._store.journal.events(task_id)
        whole = _document(task, self._store.exchanges.of(task_id), events)
        scrubbed: dict[str, Any] = _scrubbed(whole)
        return scrubbed

    @may(Right.LOOK)
    def ticket(self, task_id: str) -> Ticket:
        """`document` as a file.

        Raises:
            NotFoundError: there is no such task.
        """
        text = json.dumps(self.document(task_id), ensure_ascii=False, indent=2)
        return Ticket(f"runway-desk-{task_id[:8]}.har", text.encode("utf-8"))


def _document(task: Task, exchanges: list[Exchange], events: list[Event]) -> dict[str, Any]:
    facts = task.model_dump(mode="json", include=_FACTS) | {"model": task.request.model}
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "Runway Desk", "version": _own_version()},
            "comment": "Keys, cookies and the signed parts of links were taken out. The prompt is in it.",
            "entries": [_entry(exchange) for exchange in exchanges],
            "_task": facts,
            "_events": [event.model_dump(mode="json") for event in events],
        }
    }


def _own_version() -> str:
    try:
        return version("runway-desk")
    except PackageNotFoundError:  # the folder was copied, and nothing installed
        return ""


def _entry(exchange: Exchange) -> dict[str, Any]:
    return {
        "startedDateTime": exchange.started_at.isoformat(),
        "time": exchange.elapsed_ms,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": exchange.elapsed_ms, "receive": 0},
        "_doing": exchange.doing,
        "_request_id": exchange.request_id,
        "_error": exchange.error,
    }


def _request(exchange: Exchange) -> dict[str, Any]:
    told: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "queryString": [],
        **_head(exchange.request_headers),
    }
    if exchange.request_body:
        told["postData"] = {"mimeType": "application/json", "text": exchange.request_body}
    return told


def _response(exchange: Exchange) -> dict[str, Any]:
    kind = exchange.response_headers.get("content-type", "")
    text = exchange.response_body
    return {
        "status": exchange.status_code or 0,
        "statusText": "",
        "content": {"size": len(text.encode("utf-8")), "mimeType": kind, "text": text},
        "redirectURL": exchange.response_headers.get("location", ""),
        **_head(exchange.response_headers),
    }


def _head(headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "headersSize": _UNSAID,
        "bodySize": _UNSAID,
    }


def _scrubbed(value: Any) -> Any:
    """The same without whatever is, or looks like, a secret."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {name: _scrubbed(one) for name, one in value.items()}
    return [_scrubbed(one) for one in value] if isinstance(value, list) else value
