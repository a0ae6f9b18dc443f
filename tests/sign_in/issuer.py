"""A small OpenID Connect service on loopback, such as an organisation has: it says who somebody is, as a test wants."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "runway-desk"
CLIENT_SECRET = "the secret of a test's client"


class Issuer:
    """Signs everybody in at once, as `claims` say; counts how often."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.asked = 0
        self._key = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"})
        self._nonces: dict[str, str] = {}
        routes = [
            Route("/.well-known/openid-configuration", self._about),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/jwks", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._run = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True
        )
        self._run.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._run.join(20)
        self._listener.close()

    async def _about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        self.asked += 1
        asked, code = request.query_params, secrets.token_urlsafe(8)
        self._nonces[code] = asked["nonce"]
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    async def _token(self, request: Request) -> Response:
        code = str((await request.form())["code"])
        now = int(time.time())
        own = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600}
        claims = own | {"nonce": self._nonces.pop(code)} | self.claims
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})
