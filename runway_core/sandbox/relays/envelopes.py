"""The envelopes, one row each: how a relay tells a create and a look, and where it takes them.

Sources, by row: the relay's own pages (openai-hk.com/docs/lab/runwayml-video.html) for the plain one;
apidoc.cometapi.com and new-api's dto/task.go for the wrapped one; new-api's model/task.go for its older form;
openai-hk.com/docs/lab/sora-video.html for the unified one; docs.newapi.pro for generations; new-api's
dto/openai_video.go for OpenAI's; github.com/Dooy/chatgpt-web-midjourney-proxy for the private one and Luma's;
new-api's router for Kling's. Nobody publishes all of a failed task: those parts are assumed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from runway_core.domain import TaskStatus
from runway_core.sandbox.faults import relay_error
from runway_core.sandbox.relays.seen import Json, Seen, Words

S = TaskStatus
LATE_SECONDS = 8.0
"""How long, at speed 1, a relay that is behind doesn't know its own tasks."""
DATABASE_ID = 42
"""A relay's own number of a task: of no use to anybody outside."""
Answer = tuple[int, Json]


@dataclass(frozen=True)
class Family:
    """One envelope, below its own prefix. Runway's own paths are there too: ``/runwayml/v1/…``."""

    prefix: str
    created: Callable[[Seen], Json]
    task: Callable[[Seen], Json]
    create_path: str = ""
    """The family's own path for creates; empty when it has none."""
    look_path: str = ""
    """Its own path for looks; without ``{task_id}`` the id is in the query, as ``id``."""
    missing: Answer = (404, {"error": "Could not find Task"})
    """What is said of an unknown task."""
    refused: Callable[[int, Json], Answer] = lambda status, body: (status, body)
    """How an error of Runway's is passed on."""
    late: float = 0.0
    """Seconds at speed 1 for which a new task is unknown."""


TASK_NOT_EXIST: Answer = (
    400,
    {"code": "task_not_exist", "message": "task_not_exist", "data": None},
)

_WRAPPED: Words = {
    S.PENDING: "QUEUED",
    S.THROTTLED: "SUBMITTED",
    S.RUNNING: "IN_PROGRESS",
    S.SUCCEEDED: "SUCCESS",
    S.FAILED: "FAILURE",
}
_UNIFIED: Words = {
    S.PENDING: "pending",
    S.THROTTLED: "queued",
    S.RUNNING: "processing",
    S.SUCCEEDED: "completed",
    S.FAILED: "failed",
}
_OPENAI: Words = {**_UNIFIED, S.PENDING: "queued", S.RUNNING: "in_progress"}
_LUMA: Words = {**_UNIFIED, S.THROTTLED: "pending"}
_KLING: Words = {
    S.PENDING: "submitted",
    S.THROTTLED: "submitted",
    S.RUNNING: "processing",
    S.SUCCEEDED: "succeed",
    S.FAILED: "failed",
}


def _id(seen: Seen) -> Json:
    return {"id": seen.record.id}


def _official(seen: Seen) -> Json:
    return seen.official


def _wrapped(seen: Seen) -> Json:
    return _in_wrapper(seen, data=seen.official)


def _in_wrapper(seen: Seen, **more: object) -> Json:
    task: Json = {
        "task_id": seen.record.id,
        "action": seen.action,
        "status": seen.word(_WRAPPED),
        "fail_reason": seen.failure,
        "submit_time": seen.seconds("created_at"),
        "start_time": seen.seconds("started_at"),
        "finish_time": seen.seconds("finished_at"),
        "progress": f"{seen.percent}%",
    }
    return {"code": "success", "message": "", "data": task | more}


def _wrapped_old(seen: Seen) -> Json:
    """As before new-api had a field of its own for the link."""
    reason = seen.url or seen.failure
    return _in_wrapper(seen, id=DATABASE_ID, fail_reason=reason, data=None)


def _wrapped_url(seen: Seen) -> Json:
    """As new-api's own task endpoints tell it, with the link beside the status."""
    link = {"result_url": seen.url} if seen.url else {}
    return _in_wrapper(seen, id=DATABASE_ID, platform="runway", **link)


def _unified(seen: Seen) -> Json:
    body: Json = {
        "id": seen.record.id,
        "status": seen.word(_UNIFIED),
        "progress": seen.percent,
        "created_at": seen.official["createdAt"],
    }
    if seen.url:
        body["video_url"] = seen.url
    if seen.failure:
        body["error"] = seen.failure
    return body


def _luma(seen: Seen) -> Json:
    width, height = seen.size
    video = {"url": seen.url, "download_url": seen.url, "width": width, "height": height}
    return {
        "id": seen.record.id,
        "prompt": seen.record.prompt,
        "state": seen.word(_LUMA),
        "queue_state": None,
        "created_at": seen.official["createdAt"],
        "video": video if seen.url else None,
        **({"error": seen.failure} if seen.failure else {}),
    }


def _generations(seen: Seen) -> Json:
    width, height = seen.size
    shot = {"duration": seen.length, "width": width, "height": height}
    error = {"code": seen.failure_code, "message": seen.failure} if seen.failure else None
    return {
        "task_id": seen.record.id,
        "status": seen.word(_OPENAI),
        "url": seen.url,
        "format": "mp4",
        "metadata": shot | {"seed": seen.record.seed},
        "error": error,
    }


def _queued(seen: Seen) -> Json:
    return {"task_id": seen.record.id, "status": "queued"}


def _openai(seen: Seen) -> Json:
    width, height = seen.size
    body: Json = {
        "id": seen.record.id,
        "object": "video",
        "model": seen.record.model,
        "status": seen.word(_OPENAI),
        "progress": seen.percent,
        "created_at": seen.seconds("created_at"),
        "seconds": str(seen.length),
        "size": f"{width}x{height}",
    }
    if seen.url:
        body |= {"completed_at": seen.seconds("finished_at"), "metadata": {"url": seen.url}}
    if seen.failure:
        body["error"] = {"code": seen.failure_code, "message": seen.failure}
    return body


def _private(seen: Seen) -> Json:
    task: Json = {
        "id": seen.record.id,
        "name": seen.record.prompt[:40],
        "status": seen.status.value,
        "error": {"message": seen.failure} if seen.failure else None,
        "progressText": None,
        "progressRatio": f"{seen.percent / 100:.2f}",
        "estimatedTimeToStartSeconds": None,
        "artifacts": [{"url": seen.url, "previewUrls": []}] if seen.url else [],
    }
    return {"task": task}


def _kling(seen: Seen) -> Json:
    data: Json = {
        "task_id": seen.record.id,
        "task_status": seen.word(_KLING),
        "task_status_msg": seen.failure,
        "created_at": seen.seconds("created_at") * 1000,
    }
    if seen.url:
        video = {"id": seen.record.id, "url": seen.url, "duration": str(seen.length)}
        data["task_result"] = {"videos": [video]}
    return {"code": 0, "message": "SUCCEED", "request_id": secrets.token_hex(8), "data": data}


def _as_text(status: int, body: Json) -> Answer:
    """Runway's own answer as text in the message (new-api relay_task.go)."""
    words = json.dumps(body, ensure_ascii=False)
    return status, {"code": "fail_to_fetch_task", "message": words, "data": None}


def _as_gate(status: int, body: Json) -> Answer:
    """Runway's own words as an error of the relay's gate."""
    return status, relay_error(_words(body), "upstream_error", "invalid_request")


def _as_business(status: int, body: Json) -> Answer:
    """A business code at HTTP 200, as Kling's gateways do."""
    return 200, {"code": 1000 + status, "message": _words(body), "data": None}


def _words(body: Json) -> str:
    first: Json = next(iter(body.get("issues", [])), {})
    named = ".".join(map(str, first.get("path", [])))
    return ": ".join(filter(None, (str(body.get("error", "")), named, first.get("message", ""))))


_KLING_MISSING: Answer = (404, {"code": 1203, "message": "task not found", "data": None})

FAMILIES = (
    Family("", created=_id, task=_official),
    Family("/pro", created=_id, task=_official),
    Family("/wrapped", created=_id, task=_wrapped, missing=TASK_NOT_EXIST, refused=_as_text),
    Family("/wrapped-old", created=_id, task=_wrapped_old, missing=TASK_NOT_EXIST),
    Family("/late", created=_id, task=_wrapped, missing=TASK_NOT_EXIST, late=LATE_SECONDS),
    Family(
        "/unified",
        create_path="/v1/video/create",
        look_path="/v1/video/query",
        created=lambda seen: _id(seen) | {"status": "pending"},
        task=_unified,
        missing=TASK_NOT_EXIST,
        refused=_as_gate,
    ),
    Family(
        "/luma",
        create_path="/generations",
        look_path="/generations/{task_id}",
        created=_luma,
        task=_luma,
    ),
    Family(
        "/generations",
        create_path="/v1/video/generations",
        look_path="/v1/video/generations/{task_id}",
        created=_queued,
        task=_generations,
        missing=TASK_NOT_EXIST,
        refused=_as_gate,
    ),
    Family(
        "/generations-wrapped",
        create_path="/v1/video/generations",
        look_path="/v1/video/generations/{task_id}",
        created=_queued,
        task=_wrapped_url,
        missing=TASK_NOT_EXIST,
        refused=_as_text,
    ),
    Family(
        "/openai-video",
        create_path="/v1/videos",
        look_path="/v1/videos/{task_id}",
        created=_openai,
        task=_openai,
        refused=_as_gate,
    ),
    Family(
        "/private",
        create_path="/runway/tasks",
        look_path="/runway/tasks/{task_id}",
        created=_private,
        task=_private,
    ),
    Family(
        "/kling",
        create_path="/v1/videos/image2video",
        look_path="/v1/videos/image2video/{task_id}",
        created=_kling,
        task=_kling,
        missing=_KLING_MISSING,
        refused=_as_business,
    ),
)
