"""Answers of every family that is known, in our own words, and what each of them means.

The shapes are those of docs.dev.runwayml.com, of the pages of openai-hk, yunwu and CometAPI, of new-api's
source and of doitong.com, as read between 2024-11 and 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runway_core.domain import TaskStatus

A = "0b9f6c3e-52d1-4a77-8f0e-9c1d2e3f4a5b"
B = "7e1d2c3b-4a59-4687-9a0b-1c2d3e4f5a6b"
FILM = "https://films.cdn.example/2f6b.mp4?_jwt=eyJhbGciOi.e30.x"
OTHER = "https://elsewhere.example/a.mp4"
P, T, R, S, F, C = (TaskStatus(w) for w in (
    "PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"
))  # fmt: skip


@dataclass(frozen=True)
class Told:
    """An answer that speaks of a task, and what it says."""

    name: str
    body: Any
    status: TaskStatus
    says: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.says.get("url", ""))


def wrapped(status: str, inner: object = None, **more: Any) -> dict[str, Any]:
    """new-api's envelope of a task."""
    data = {"task_id": A, "action": "IMAGE_TO_VIDEO", "status": status, "fail_reason": ""}
    return {
        "code": "success",
        "message": "",
        "data": {**data, "progress": "0%", **more, "data": inner},
    }


def graphql(name: str, **task: Any) -> dict[str, Any]:
    return {"data": {name: {"id": "job-5k2", "type": "VIDEO", "provider": "runway", **task}}}


TOLD = [
    # Runway's own, and relays that pass it on
    Told("runway: a create", {"id": A}, P),
    Told("runway: a create with its price", {"estimatedCost": {"credits": 25}, "id": A}, P),
    Told(
        "runway: pending",
        {"id": A, "status": "PENDING", "createdAt": "2026-05-04T03:02:01.000Z"},
        P,
    ),
    Told("runway: throttled", {"id": A, "status": "THROTTLED"}, T),
    Told(
        "runway: running", {"progress": 0.275, "status": "RUNNING", "id": A}, R, {"progress": 0.275}
    ),
    Told("runway: done", {"id": A, "status": "SUCCEEDED", "output": [FILM]}, S, {"url": FILM}),
    Told(
        "runway: done, with price and other files",
        {"cost": {"credits": 25}, "output": [FILM, OTHER], "status": "SUCCEEDED", "id": B},
        S,
        {"url": FILM},
    ),
    Told(
        "runway: moderated",
        {
            "id": A,
            "status": "FAILED",
            "failure": "The words were not let through",
            "failureCode": "INPUT_PREPROCESSING.SAFETY.TEXT",
        },
        F,
        {"failure": "The words were not let through", "code": "INPUT_PREPROCESSING.SAFETY.TEXT"},
    ),
    Told(
        "runway: failed without a code",
        {"failure": "x", "status": "FAILED", "id": A},
        F,
        {"failure": "x"},
    ),
    Told("runway: failed, no id", {"status": "FAILED", "failure": "x"}, F, {"failure": "x"}),
    Told("runway: cancelled", {"id": A, "status": "CANCELLED"}, C),
    Told("runway: cancelled with one L, no id", {"status": "CANCELED"}, C),
    # the private flavour
    Told(
        "private: done",
        {"task": {"id": A, "status": "SUCCEEDED", "artifacts": [{"url": FILM, "previewUrls": []}]}},
        S,
        {"url": FILM},
    ),
    Told(
        "private: running",
        {
            "task": {
                "progressRatio": "0.4",
                "id": A,
                "status": "RUNNING",
                "error": None,
                "artifacts": [],
            }
        },
        R,
        {"progress": 0.4},
    ),
    Told("private: a create", {"task": {"id": B, "status": "PENDING", "progressText": None}}, P),
    # one word for all videos
    Told("unified: queued", {"task_id": "v-81", "status": "queued"}, P),
    Told(
        "unified: processing",
        {"id": A, "status": "processing", "progress": 45},
        R,
        {"progress": 0.45},
    ),
    Told(
        "unified: done",
        {"id": A, "status": "completed", "progress": 100, "video_url": FILM},
        S,
        {"url": FILM, "progress": 1.0},
    ),
    Told("unified: done, no id", {"video_url": FILM, "status": "Completed"}, S, {"url": FILM}),
    Told(
        "unified: failed",
        {"id": A, "error": "too dark", "status": "failed"},
        F,
        {"failure": "too dark"},
    ),
    Told(
        "unified: error as an object",
        {"id": A, "status": "error", "error": {"message": "too dark", "code": "BAD_PICTURE"}},
        F,
        {"failure": "too dark", "code": "BAD_PICTURE"},
    ),
    # Luma's
    Told("luma: waiting", {"id": A, "state": "pending", "queue_state": None, "video": None}, P),
    Told("luma: dreaming", {"state": "dreaming", "id": A}, R),
    Told(
        "luma: done",
        {"id": A, "state": "completed", "video": {"download_url": FILM}, "prompt": "a"},
        S,
        {"url": FILM},
    ),
    # new-api's wrapping
    Told(
        "wrapped: queued", wrapped("QUEUED", {"id": A, "status": "PENDING"}), P, {"progress": 0.0}
    ),
    Told("wrapped: not started, a database number", wrapped("NOT_START", None, id=42), P),
    Told("wrapped: behind its upstream", wrapped("SUBMITTED", {"id": A, "status": "RUNNING"}), R),
    Told("wrapped: in progress", wrapped("IN_PROGRESS", progress="30%"), R, {"progress": 0.3}),
    Told("wrapped: nobody knows", wrapped("UNKNOWN"), R),
    Told(
        "wrapped: done",
        wrapped("SUCCESS", {"id": A, "status": "SUCCEEDED", "output": [FILM]}, progress="100%"),
        S,
        {"url": FILM, "progress": 1.0},
    ),
    Told("wrapped: done, result_url", wrapped("SUCCESS", result_url=FILM), S, {"url": FILM}),
    Told(
        "wrapped: done, link as reason",
        wrapped("SUCCESS", id=42, fail_reason=FILM),
        S,
        {"url": FILM},
    ),
    Told(
        "wrapped: failed",
        wrapped("FAILURE", {"id": A, "status": "RUNNING"}, fail_reason="no good"),
        F,
        {"failure": "no good"},
    ),
    # new-api's generations
    Told(
        "generations: done",
        {"task_id": "g-7", "status": "completed", "url": FILM},
        S,
        {"url": FILM},
    ),
    Told(
        "generations: old words",
        {"status": "succeeded", "url": FILM, "task_id": "g-8"},
        S,
        {"url": FILM},
    ),
    Told("generations: in progress", {"task_id": "g-7", "status": "in_progress"}, R),
    Told(
        "generations: failed", {"task_id": "g-7", "status": "failed", "error": {"message": "m"}}, F
    ),
    # OpenAI's videos
    Told(
        "openai: done",
        {"id": "video_5", "object": "video", "status": "completed", "metadata": {"url": FILM}},
        S,
        {"url": FILM},
    ),
    Told(
        "openai: queued", {"object": "video", "status": "queued", "id": "video_5", "progress": 0}, P
    ),
    Told(
        "openai: failed",
        {"id": "video_5", "status": "failed", "error": {"code": "c", "message": "m"}},
        F,
    ),
    # Kling's
    Told(
        "kling: done",
        {
            "code": 0,
            "message": "SUCCEED",
            "request_id": "q-1",
            "data": {
                "task_id": "88",
                "task_status": "succeed",
                "task_result": {"videos": [{"id": "w", "url": FILM, "duration": "5"}]},
            },
        },
        S,
        {"url": FILM},
    ),
    Told("kling: submitted", {"code": 0, "data": {"task_id": "88", "task_status": "submitted"}}, P),
    Told(
        "kling: failed",
        {
            "code": 0,
            "message": "SUCCEED",
            "data": {"task_status": "failed", "task_status_msg": "risk", "task_id": "88"},
        },
        F,
        {"failure": "risk"},
    ),
    Told(
        "kling: failed without a reason",
        {"code": 0, "message": "SUCCEED", "data": {"task_status": "failed", "task_id": "88"}},
        F,
        {"failure": ""},
    ),
    # Doitong's
    Told(
        "graphql: a create", graphql("generate", status="processing", url=None, creditCost=100), R
    ),
    Told("graphql: as its pages say", graphql("generatevideo", status="processing"), R),
    Told("graphql: from a picture", graphql("animateImage", status="processing", url=None), R),
    Told("graphql: REST from a picture", graphql("imagevideo", url=None, status="processing"), R),
    Told("graphql: done", graphql("generatevideo", status="completed", url=FILM), S, {"url": FILM}),
    Told(
        "graphql: a look",
        graphql("generation", status="COMPLETED", url=FILM, metadata={}),
        S,
        {"url": FILM},
    ),
    Told(
        "graphql: any name", graphql("renderFilm", url=FILM, status="completed"), S, {"url": FILM}
    ),
    Told(
        "graphql: failed",
        graphql(
            "generation", status="failed", metadata={"error": {"code": "POLICY", "message": "no"}}
        ),
        F,
        {"failure": "no", "code": "POLICY"},
    ),
    Told(
        "graphql: taken on, with a complaint",
        {"errors": [{"message": "no preview"}], **graphql("generate", status="queued")},
        P,
    ),
    Told("rest: flat", {"url": FILM, "id": "job-5k2", "status": "completed"}, S, {"url": FILM}),
    # what nobody has seen yet
    Told("a new word", {"id": A, "status": "POLISHING"}, R),
    Told("words with spaces", {"id": A, "status": "In Progress"}, R),
    Told("a link before the end", {"id": A, "status": "RUNNING", "output": [FILM]}, R, {"url": ""}),
    Told("done without a link", {"id": A, "status": "SUCCEEDED", "output": []}, S, {"url": ""}),
    Told(
        "links as objects", {"id": A, "status": "done", "output": [{"url": FILM}]}, S, {"url": FILM}
    ),
    Told("one link as text", {"id": A, "status": "READY", "output": FILM}, S, {"url": FILM}),
    Told(
        "creations", {"id": A, "state": "success", "creations": [{"url": FILM}]}, S, {"url": FILM}
    ),
    Told("resultUrls", {"taskId": A, "state": "success", "resultUrls": [FILM]}, S, {"url": FILM}),
    Told(
        "queue number",
        {"request_id": "fal-1", "status": "FAILED", "failure": "f"},
        F,
        {"failure": "f"},
    ),
    Told(
        "not over TLS",
        {"id": A, "status": "SUCCEEDED", "output": ["http://x.example/a"]},
        S,
        {"url": ""},
    ),
]
