"""A Doitong that answers as a test wants, and calls to it over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from runway_core.catalog import catalog
from runway_core.domain import (
    Capability,
    Exchange,
    Frame,
    GenerationRequest,
    Submitted,
    TaskUpdate,
)
from runway_core.http import Http
from runway_core.providers import Provider, open_provider
from runway_core.providers.base import Memory
from tests.http.raw_server import Connection, RawServer, Request, answer

KEY = "dt-CANARY-0123456789-wxyz"
TOKEN = "one wish"
PICTURE = "https://pictures.example.com/cat.jpg"
CALLBACK = "https://hooks.example.com/done?x=1"
OLD = timedelta(minutes=5)
T = TypeVar("T")

GENERATE = (
    "mutation Generate($input: GenerateInput!) { generate(input: $input) "
    "{ id status type provider url metadata creditCost } }"
)
LINES = (
    "query A($id: ID!) { generation(id: $id) { id status url } }\n"
    "query B($id: ID!) { job(id: $id) { id status url } }\n"
    "GET /v1/text_to_video/{id}\n"
    "/v1/jobs/{id}\n"
)


class Doitong:
    """Answers by what is asked; what was not planned is answered as by a server that knows nothing."""

    def __init__(self, plan: Mapping[str, bytes | Iterator[bytes]] | None = None) -> None:
        self.plan = dict(plan or {})

    def __call__(self, connection: Connection, request: Request) -> None:
        asked = request.line.split()[1] + " " + request.body.decode()
        for part, planned in self.plan.items():
            if part in asked:
                connection.send(planned if isinstance(planned, bytes) else next(planned))
                return
        if request.line.startswith("GET"):
            connection.send(answer('{"message":"Not Found"}', "404 Not Found"))
        else:
            connection.send(unknown("generation"))


def said(body: object, status: str = "200 OK", *headers: str) -> bytes:
    return answer(json.dumps(body), status, *headers)


def made(field: str = "generate", **more: Any) -> bytes:
    task = {"id": "gen-77", "status": "processing", "url": None, "creditCost": 120}
    return said({"data": {field: task | more}})


def failed(message: str, code: str = "", status: str = "200 OK", **more: Any) -> bytes:
    error: dict[str, Any] = {"message": message, **more}
    if code:
        error["extensions"] = {"code": code}
    return said({"errors": [error]}, status)


def unknown(name: str, status: str = "400 Bad Request") -> bytes:
    return failed(
        f'Cannot query field "{name}" on type "Query".', "GRAPHQL_VALIDATION_FAILED", status
    )


def undefined(name: str, status: str = "400 Bad Request", code: str = "BAD_USER_INPUT") -> bytes:
    words = (
        f'Variable "$input" got invalid value {{ {name}: "https://x/y" }} at "input.input"; '
        f'Field "{name}" is not defined by type "GenerationContentInput".'
    )
    return failed(words, code, status)


def use(
    server: RawServer,
    do: Callable[[Provider], Coroutine[Any, Any, T]],
    *,
    memory: Memory | None = None,
    observe: Callable[[Exchange], None] | None = None,
    **options: str,
) -> T:
    async def run() -> T:
        async with Http(private_hosts=server.private) as http:
            found = catalog().profile("doitong")
            return await do(
                open_provider(
                    found,
                    server.url,
                    key=KEY,
                    http=http,
                    observe=observe,
                    options=options,
                    memory=memory,
                )
            )

    return asyncio.run(run())


def words(**changes: Any) -> GenerationRequest:
    fields: dict[str, Any] = {
        "capability": Capability.TEXT_TO_VIDEO,
        "model": "runway",
        "prompt": "A lake, 湖",
        "ratio": "16:9",
        "duration": 5,
    }
    return GenerationRequest(**fields | changes)


def picture(**changes: Any) -> GenerationRequest:
    fields: dict[str, Any] = {
        "capability": Capability.IMAGE_TO_VIDEO,
        "model": "runway-i2v",
        "frames": (Frame(uri=PICTURE),),
        "prompt": "",
    }
    return words(**fields | changes)


def submit(
    server: RawServer, wish: GenerationRequest, *, memory: Memory | None = None, **options: str
) -> Submitted:
    return use(
        server, lambda p: p.submit(wish, token=TOKEN), memory=memory, observe=None, **options
    )


def look(
    server: RawServer,
    *,
    age: timedelta = OLD,
    memory: Memory | None = None,
    lines: str = LINES,
    remote_id: str = "gen-77",
) -> TaskUpdate:
    return use(
        server,
        lambda p: p.retrieve(remote_id, submitted_at=datetime.now(UTC) - age),
        memory=memory,
        status_ladder=lines,
    )


def bodies(server: RawServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in server.requests if request.body]


def sent_input(server: RawServer) -> dict[str, Any]:
    found: dict[str, Any] = bodies(server)[-1]["variables"]["input"]
    return found


def keys(server: RawServer) -> list[str | None]:
    return [request.header("idempotency-key") for request in server.requests]


DONE = {
    "id": "gen-77",
    "status": "completed",
    "url": "https://cdn.example.com/o/77.mp4",
    "creditCost": 90,
}
