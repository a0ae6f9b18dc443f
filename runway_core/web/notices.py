"""``/notices.js``: the script that tells of videos that are done. Only whoever is let in gets it."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SCRIPT = Path(__file__).with_name("notices.js").read_bytes()


async def script(_request: Request) -> Response:
    """The script; browsers ask each time whether it is still the same."""
    return Response(SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES = [Route("/notices.js", script)]
