"""Doitong's jobs: the sandbox's own tasks under Doitong's names."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runway_core.domain import TaskStatus
from runway_core.sandbox.api import Desk
from runway_core.sandbox.doitong.refused import Refused
from runway_core.sandbox.doitong.wish import Wish
from runway_core.sandbox.faults import Manner, Purse, Stumbled, first_word, no_credits
from runway_core.sandbox.hooks import hook_notes
from runway_core.sandbox.record import Fault, Kept, Record
from runway_core.sandbox.script import script

STYLE = "doitong"
"""How the receiver of a job's webhook is told."""
SERVICE, WEBHOOK, TOKEN, PRINT = "service", "webhook", "idempotency_key", "fingerprint"
"""The notes of a record that is a Doitong job."""
WORDS = {
    TaskStatus.PENDING: "processing",
    TaskStatus.THROTTLED: "queued",
    TaskStatus.RUNNING: "processing",
    TaskStatus.SUCCEEDED: "completed",
    TaskStatus.FAILED: "failed",
}
"""Only ``processing`` and ``completed`` are shown; the others are assumed."""
FAILURES = {
    Fault.MODERATED: ("CONTENT_POLICY", "Text prompt did not pass moderation"),
    Fault.UNUSABLE_PICTURE: ("INVALID_IMAGE", "The image could not be read"),
}
FAILED = ("GENERATION_FAILED", "The generation failed")
SEEDS = 2**32
Json = dict[str, Any]


@dataclass
class Call:
    """Who asks, and what came with it."""

    owner: str
    origin: str
    """Scheme, host and port that the request came to."""
    url: Callable[[Record], str]
    """A fresh link to a record's file."""
    token: str = ""
    """The ``Idempotency-Key``; empty when none was sent."""
    fingerprint: str = ""
    """What the body said."""
    warnings: list[Json] = field(default_factory=list)
    """Errors to tell beside a job that was made all the same."""


def fingerprint(path: str, body: object) -> str:
    """Tell two requests apart; the order of keys and the spaces between them don't matter."""
    text = json.dumps([path, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Jobs:
    """Makes jobs and tells of them. Every method may be called from any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._book = desk.book
        self._making = threading.Lock()

    def make(self, wish: Wish, call: Call) -> Json:
        """Make a job, or tell of the one that the same Idempotency-Key made; charged once.

        Raises:
            Refused: the key was used for another request.
            Stumbled: no credits, or a fault prompt.
            OSError: the folder can't be written; there is no job then.
        """
        with self._making:
            known = self._known(call)
            if known:
                return self._told(known, call)
            self._check_purse(wish, call)
            self._desk.faults.before(
                wish.prompt, Manner.DOITONG, owner=call.owner, purse=self._purse(wish, call)
            )
            record = self._book.add(_record(wish, call), {})
        self._desk.faults.after(wish.prompt, Manner.DOITONG)
        if first_word(wish.prompt) == "partial":
            call.warnings.append({"message": "The job was made, but its log entry was not."})
        return self._told(record, call)

    def find(self, job_id: str, call: Call) -> Json | None:
        """This key's job as it is now, or None."""
        record = self._book.find(job_id, owner=call.owner)
        return self._told(record, call) if record and SERVICE in record.notes else None

    def _known(self, call: Call) -> Record | None:
        if not call.token:
            return None
        record = self._book.noted(TOKEN, call.token, owner=call.owner)
        if record and record.notes[PRINT] != call.fingerprint:
            raise Refused(
                "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request"
            )
        return record

    def _purse(self, wish: Wish, call: Call) -> Purse:
        poor = first_word(wish.prompt) == "credits"
        has = wish.credits // 2 if poor else self._book.left(owner=call.owner)
        return Purse(cost=wish.credits, left=has)

    def _check_purse(self, wish: Wish, call: Call) -> None:
        purse = self._purse(wish, call)
        if purse.left < purse.cost:
            raise Stumbled(no_credits(Manner.DOITONG, purse))

    def _told(self, record: Record, call: Call) -> Json:
        now = datetime.now(UTC)
        return job(record, record.status(now, speed=self._book.speed), call.url(record))


def job(record: Record, status: TaskStatus, url: str) -> Json:
    """All that is told of a job; `url` is taken only when it is completed."""
    done = status is TaskStatus.SUCCEEDED
    return {
        "id": record.id,
        "status": WORDS[status],
        "type": "VIDEO",
        "provider": record.notes[SERVICE],
        "url": url if done else None,
        "metadata": _metadata(record, status),
        "creditCost": record.cost if status.is_terminal else record.credits,
        "duration": int(record.duration) if done else None,
        "webhookUrl": record.notes.get(WEBHOOK),
        "createdAt": _moment(record.created_at),
        "completedAt": _moment(record.finished_at) if record.finished_at else None,
    }


def webhook(record: Record, url: str) -> Json:
    """The body of a webhook, in the order that Doitong's page shows; of a failed job it is assumed."""
    status = TaskStatus.FAILED if record.fault else TaskStatus.SUCCEEDED
    told = job(record, status, url)
    names = ("id", "status", "url", "provider", "createdAt", "completedAt", "metadata")
    return {"service" if name == "provider" else name: told[name] for name in names}


def _metadata(record: Record, status: TaskStatus) -> Json | None:
    if status is TaskStatus.SUCCEEDED:
        width, _, height = record.ratio.partition(":")
        return {"duration": int(record.duration), "width": int(width), "height": int(height)}
    if status is TaskStatus.FAILED:
        code, message = FAILURES.get(record.fault or Fault.INTERNAL, FAILED)
        return {"error": {"code": code, "message": message}}
    return None


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _record(wish: Wish, call: Call) -> Record:
    seed = random.randrange(SEEDS)  # noqa: S311 - any will do
    plan = script(wish.prompt, duration=wish.seconds, seed=seed)
    kept = {SERVICE: wish.spec.id, WEBHOOK: wish.webhook, TOKEN: call.token}
    if call.token:
        kept[PRINT] = call.fingerprint
    return Record(
        id=str(uuid.uuid4()),
        owner=call.owner,
        model=wish.spec.id,
        capability=wish.spec.capability,
        prompt=wish.prompt,
        ratio=wish.ratio,
        duration=wish.seconds,
        seed=seed,
        files=(Kept(role="first", source=wish.image),) if wish.image else (),
        credits=wish.credits,
        estimate=wish.credits,
        pending=plan.pending,
        throttled=plan.throttled,
        running=plan.running,
        fault=plan.fault,
        created_at=datetime.now(UTC),
        notes={name: value for name, value in kept.items() if value}
        | hook_notes(wish.webhook, style=STYLE, origin=call.origin),
    )
