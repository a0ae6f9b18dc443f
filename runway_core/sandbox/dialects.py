"""How the same task is told: by Runway's own API, and by a relay that passes an older form through.

Sources: docs.dev.runwayml.com/openapi.json of 2026-08-08 for the first, openai-hk.com/docs/lab/runwayml-video.html
and the new-api relay software for the second.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runway_core.domain import TaskStatus
from runway_core.sandbox.record import Fault, Record

VERSION = "2024-11-06"
"""The only X-Runway-Version there is (docs.dev.runwayml.com/api-details/versioning)."""
Json = dict[str, Any]

FAILURES = {
    Fault.BAD_OUTPUT: ("INTERNAL.BAD_OUTPUT.CODE01", "An unexpected error occurred."),
    Fault.UNUSABLE_PICTURE: ("ASSET.INVALID", "A file that was sent could not be read."),
    Fault.INTERNAL: ("INTERNAL", "An unexpected error occurred."),
}
MODERATED = "Text prompt did not pass moderation"


@dataclass(frozen=True)
class Dialect:
    """One root of the sandbox and its manners."""

    prefix: str
    tells_cost: bool
    needs_version: bool
    moderation_code: str
    request_id_header: str
    error: Callable[[int, str], Json]
    """Body of an error that this root makes itself, from a status and words."""

    def created(self, record: Record) -> Json:
        """Answer to a create."""
        cost = {"estimatedCost": {"credits": record.estimate}} if self.tells_cost else {}
        return {"id": record.id, **cost}

    def task(self, record: Record, now: datetime, *, speed: float, url: str) -> Json:
        """Answer to a look; `url` is told only when the task has succeeded."""
        status = record.status(now, speed=speed)
        body: Json = {
            "id": record.id,
            "status": status.value,
            "createdAt": record.created_at.isoformat(timespec="milliseconds")[:23] + "Z",
        }
        if status is TaskStatus.RUNNING:
            body["progress"] = record.progress(now, speed=speed)
        if status is TaskStatus.SUCCEEDED:
            body["output"] = [url]
        if status is TaskStatus.FAILED and record.fault:
            body["failureCode"], body["failure"] = self._failure(record.fault)
        if self.tells_cost:
            final = status.is_terminal
            credits = record.cost if final else record.estimate
            body["cost" if final else "estimatedCost"] = {"credits": credits}
        return body

    def _failure(self, fault: Fault) -> tuple[str, str]:
        if fault is Fault.MODERATED:
            return self.moderation_code, MODERATED
        return FAILURES[fault]


def _official_error(status_code: int, words: str) -> Json:
    return {"error": words}


def _relay_error(status_code: int, words: str) -> Json:
    request_id = f"{datetime.now():%Y%m%d%H%M%S}{secrets.token_hex(8)}"  # noqa: DTZ005 - as they do
    message = "无效的令牌" if status_code == 401 else words
    return {
        "error": {
            "message": f"{message} (request id: {request_id})",
            "type": "new_api_error",
            "code": "",
        }
    }


OFFICIAL = Dialect(
    prefix="",
    tells_cost=True,
    needs_version=True,
    moderation_code="SAFETY.INPUT.TEXT",
    request_id_header="apigw-requestid",
    error=_official_error,
)
RELAY = Dialect(
    prefix="/runwayml",
    tells_cost=False,
    needs_version=False,
    moderation_code="INPUT_PREPROCESSING.SAFETY.TEXT",
    request_id_header="X-Oneapi-Request-Id",
    error=_relay_error,
)
