"""Finished files behind links that expire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from runway_core.sandbox import links
from runway_core.sandbox.record import Record
from runway_core.sandbox.shelf import Shelf

TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "zip": "application/zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}
"""The Content-Type of each ending."""
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
"""What Runway's file host says of an expired link (CloudFront)."""


class Outputs:
    """Finished files, and the links that lead to them."""

    def __init__(self, shelf: Shelf, ttl: float) -> None:
        """`ttl` is how many seconds a link works."""
        self._shelf = shelf
        self._secret = shelf.secret()
        self._ttl = ttl

    def routes(self) -> list[Route]:
        return [Route("/outputs/{name}", self.serve)]

    def url(self, request: Request, record: Record) -> str:
        """Make a fresh link on the host and port that the request came to."""
        return self.link(f"{request.url.scheme}://{request.url.netloc}", record)

    def link(self, origin: str, record: Record) -> str:
        """Make a fresh link below `origin`, such as ``http://127.0.0.1:8787``."""
        expires = datetime.now(UTC) + timedelta(seconds=self._ttl)
        whole = self._ttl >= links.WHOLE_SECONDS_FROM
        token = links.sign(
            record.id, owner=record.owner, expires=expires, whole=whole, secret=self._secret
        )
        return f"{origin}/outputs/{record.id}.{record.ending}?_jwt={token}"

    async def serve(self, request: Request) -> Response:
        """Give out a file, whole or by Range."""
        task_id, _, ending = request.path_params["name"].partition(".")
        token = request.query_params.get("_jwt", "")
        now = datetime.now(UTC)
        if not links.is_good(token, task_id, now=now, secret=self._secret) or ending not in TYPES:
            return Response(DENIED, 403, media_type="application/xml")
        path = self._shelf.output(task_id, ending)
        if not path.exists():
            raise HTTPException(404)
        return FileResponse(path, media_type=TYPES[ending])
