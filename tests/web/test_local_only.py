"""With nobody set up only this computer is served, and every answer tells the browser to be strict."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from runway_core.web.guard import REFUSAL, UNKNOWN_NAME, Door
from tests.web.conftest import Kept

STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
OURS = ["localhost", "localhost:8501", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8501", "127.9.9.9"]
OURS += ["[::1]", "[::1]:8501"]
FOREIGN = ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.nip.io"]
FOREIGN += ["192.168.1.20:8501", "0.0.0.0:8501", "[::]:80", "[fe80::1]", "2130706433", "127.1"]
FOREIGN += ["", ":8501", "::1", "[::1", "localhost@evil.example", "notlocalhost", "localhost:1:2"]


async def _inside(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with one own header."""
    kind = "websocket.accept" if scope["type"] == "websocket" else "http.response.start"
    headers = [(b"referrer-policy", b"same-origin")]
    await send({"type": kind, "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"secret"})


def _ask(kind: str, *, sender: tuple[str, int] | None, host: str | None) -> list[Message]:
    """What the guard sends for a request from this address to this name."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    scope: dict[str, Any] = {"type": kind, "path": "/", "headers": headers, "client": sender}
    if kind == "http":
        scope["method"] = "GET"
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": f"{kind}.disconnect"}

    asyncio.run(Door(_inside)(scope, receive, send))
    return sent


def _refuses(kind: str, *, sender: tuple[str, int] | None, host: str | None) -> bool:
    sent = _ask(kind, sender=sender, host=host)
    said = b"".join(message.get("body", b"") for message in sent)
    assert (sent[0].get("status") == 403) is (said.decode() in (REFUSAL, UNKNOWN_NAME))
    return sent[0].get("status") == 403 and b"secret" not in said


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", OURS)
def test_this_computer_by_its_own_name_is_served(kind: str, host: str) -> None:
    for address in ("127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"):
        assert not _refuses(kind, sender=(address, 5), host=host)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_refused(kind: str, host: str) -> None:
    assert _refuses(kind, sender=("127.0.0.1", 5), host=host)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "address",
    ["192.168.1.20", "10.0.0.1", "8.8.8.8", "0.0.0.0", "fe80::1", "::ffff:192.168.1.20", "::", ""],
)
def test_any_other_computer_is_refused(kind: str, address: str) -> None:
    assert _refuses(kind, sender=(address, 5), host="localhost:8501")


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_request_without_a_sender_or_a_name_is_refused(kind: str) -> None:
    assert _refuses(kind, sender=None, host="localhost")
    assert _refuses(kind, sender=("127.0.0.1", 5), host=None)


def test_the_servers_own_messages_pass() -> None:
    assert _ask("lifespan", sender=None, host=None)


def test_an_own_header_of_a_page_stays() -> None:
    start = _ask("http", sender=("127.0.0.1", 5), host="localhost")[0]
    headers = dict(start["headers"])
    assert headers[b"referrer-policy"] == b"same-origin"
    assert headers[b"x-content-type-options"] == b"nosniff"


# --- over real HTTP ----------------------------------------------------------------------------


def test_every_kind_of_answer_carries_the_strict_headers(client: httpx.Client, kept: Kept) -> None:
    answers = {
        200: client.get("/"),
        206: client.get(kept.url, headers={"Range": "bytes=0-9"}),
        416: client.get(kept.url, headers={"Range": "bytes=999999-"}),
        404: client.get("/nowhere"),
        405: client.post(kept.url),
        403: client.get("/", headers={"Host": "evil.example"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert STRICT.items() <= dict(answer.headers).items(), status
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], status
        assert "strict-transport-security" not in answer.headers, status


def test_a_name_that_leads_here_from_elsewhere_gets_no_file(
    client: httpx.Client, kept: Kept
) -> None:
    answer = client.get(kept.url, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (403, UNKNOWN_NAME)


def _handshake(client: httpx.Client, host: str) -> bytes:
    """The first line of the answer to a WebSocket's handshake."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET /talk HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    where = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(where, timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(65536).split(b"\r\n")[0]


def test_a_websocket_for_another_name_is_not_opened(client: httpx.Client) -> None:
    assert _handshake(client, f"127.0.0.1:{client.base_url.port}").startswith(b"HTTP/1.1 101")
    assert _handshake(client, "evil.example").startswith(b"HTTP/1.1 403")
