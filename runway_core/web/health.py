"""``/healthz``: whether this process answers, its database does too, and nothing has been left lying."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from runway_core.errors import DeskError

OVERDUE_MOST = 900.0
"""Seconds that a step may be overdue before something is wrong; a long download takes 600."""


async def health(_request: Request) -> JSONResponse:
    """200 when all is well, else 503; says nothing of what is in the database."""
    found = await run_in_threadpool(_look)
    well = found["database"] == "ok" and float(str(found["oldest_overdue_seconds"])) < OVERDUE_MOST
    return JSONResponse(found, 200 if well else 503, headers={"Cache-Control": "no-store"})


def _look() -> dict[str, object]:
    from runway_core.web.runtime import runtime  # not before the first request: see `web.lifespan`

    found: dict[str, object] = {"alive": True, "database": "unreachable"}
    overdue = 0.0
    try:
        now = datetime.now(UTC)
        due = runtime().studio.store.tasks.oldest_overdue(now)
        overdue = 0.0 if due is None else (now - due).total_seconds()
        found["database"] = "ok"
    except DeskError:
        pass
    return found | {"oldest_overdue_seconds": round(overdue, 1)}


ROUTES = [Route("/healthz", health)]
