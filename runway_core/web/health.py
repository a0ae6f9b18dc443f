"""``/healthz``: whether this process answers, its database does too, and the work goes on."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from runway_core.errors import DeskError
from runway_core.web import visitor

OVERDUE_MOST = 900.0
"""Seconds that a step may be overdue before something is wrong; a long download takes 600."""


async def health(request: Request) -> JSONResponse:
    """200 when all is well, else 503; says nothing of what is in the database, and to strangers no more than that."""
    found = await run_in_threadpool(_look)
    well = (
        found["database"] == "ok"
        and found["engine"] == "running"
        and float(str(found["oldest_overdue_seconds"])) < OVERDUE_MOST
    )
    if visitor.nobody(request.scope):
        found = {"alive": True, "ready": well}
    return JSONResponse(found, 200 if well else 503, headers={"Cache-Control": "no-store"})


def _look() -> dict[str, object]:
    from runway_core.engine.processes import (
        living,
    )  # not before the first request: see `web.lifespan`
    from runway_core.studio.standing import standing
    from runway_core.web.runtime import runtime

    found: dict[str, object] = {"alive": True, "database": "unreachable", "engine": "unknown"}
    counts: dict[str, object] = {"oldest_overdue_seconds": 0.0}
    with suppress(DeskError):
        store, now = runtime().studio.store, datetime.now(UTC)
        seen = standing(store, now)
        found["engine"] = "running" if living(store, now) else "stopped"
        overdue = 0.0 if seen.overdue_since is None else (now - seen.overdue_since).total_seconds()
        counts = {
            "oldest_overdue_seconds": round(overdue, 1),
            "open": seen.open,
            "uncertain": seen.uncertain,
            "paused_connections": len(seen.paused),
        }
        found["database"] = "ok"
    return found | counts


ROUTES = [Route("/healthz", health)]
