"""Proves to whoever knows the sandbox's key that it is the sandbox which answers, before they send anything.

Another program may take the port of a sandbox that was killed, and must get neither the key nor a prompt.
"""

from __future__ import annotations

import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def routes(key: str | None) -> list[Route]:
    """``GET /sandbox/proof/{nonce}``; none where any key is taken."""
    if key is None:
        return []

    async def prove(request: Request) -> Response:
        nonce = request.path_params["nonce"]
        if len(nonce) != 32:
            raise HTTPException(404)
        # With our own port in it: it proves nothing when another program passes the question on to us.
        port = request.scope["server"][1]
        proof = hmac.digest(key.encode(), f"sandbox/{port}/{nonce}".encode(), "sha256")
        return PlainTextResponse(proof.hex())

    return [Route("/sandbox/proof/{nonce}", prove, methods=["GET"])]
