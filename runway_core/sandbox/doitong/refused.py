"""What Doitong answers instead of a job."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from runway_core.sandbox.faults import graphql_error

STATUS = {
    "BAD_REQUEST": 400,
    "BAD_USER_INPUT": 400,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "PAYLOAD_TOO_LARGE": 413,
    "IDEMPOTENCY_KEY_REUSED": 422,
}
"""HTTP status by code. Doitong's pages name 400, 401, 402, 429 and 500; the codes are Apollo's (assumed)."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A refusal with its code."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.more = more

    def response(self) -> Response:
        """The refusal as HTTP."""
        body = graphql_error(str(self), self.code, **self.more)
        return JSONResponse(body, STATUS.get(self.code, 500))
