"""A provider in front of a raw server, for tests of what goes over the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from runway_core.catalog import Profile, catalog
from runway_core.domain import Capability, Exchange, Frame, GenerationRequest
from runway_core.http import Http
from runway_core.providers import Provider, open_provider
from tests.http.raw_server import Connection, Handler, RawServer, Request, answer

KEY = "hk-CANARY-0123456789-wxyz"
TOKEN = "a wish"
ID = "5f0c9e4e-8d0b-4c55-9a53-4f0e6a1b2c3d"
PICTURE = "https://pictures.example/a.png"
T = TypeVar("T")


def with_provider(
    server: RawServer,
    use: Callable[[Provider], Coroutine[Any, Any, T]],
    *,
    profile: str | Profile = "openai-hk",
    key: str = KEY,
    observe: Callable[[Exchange], None] | None = None,
    options: Mapping[str, str] | None = None,
    root: str = "",
    also: RawServer | None = None,
) -> T:
    """Run `use` with a provider whose connection leads to `server`; `also` may be reached too."""

    async def run() -> T:
        hosts = server.private | (also.private if also else frozenset())
        async with Http(private_hosts=hosts) as http:
            found = catalog().profile(profile) if isinstance(profile, str) else profile
            return await use(
                open_provider(
                    found,
                    root or server.url,
                    key=key,
                    http=http,
                    observe=observe,
                    options=options,
                )
            )

    return asyncio.run(run())


def request(**changes: Any) -> GenerationRequest:
    """Five seconds of gen4_turbo from one picture."""
    fields: dict[str, Any] = {
        "capability": Capability.IMAGE_TO_VIDEO,
        "model": "gen4_turbo",
        "prompt": "A wave, 波",
        "frames": (Frame(uri=PICTURE),),
        "ratio": "1280:720",
        "duration": 5,
    }
    return GenerationRequest(**fields | changes)


def by_path(answers: Mapping[str, object], *, otherwise: bytes | None = None) -> Handler:
    """Answers each path, without its query, with JSON or with raw bytes; the rest as 404."""
    unknown = otherwise or answer('{"error":{"message":"Invalid URL"}}', "404 Not Found")

    def handler(connection: Connection, asked: Request) -> None:
        path = asked.line.split()[1].partition("?")[0]
        found = answers.get(path, unknown)
        connection.send(found if isinstance(found, bytes) else answer(json.dumps(found)))

    return handler
