"""What leaves, what comes back, and which of our errors says what may have happened."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from runway_core.domain import Exchange
from runway_core.errors import (
    NoAnswerError,
    NotReachedError,
    ProviderError,
    UnexpectedReplyError,
)
from runway_core.http import Http, Reply
from tests.http.raw_server import Connection, RawServer, Request, always, answer, closing

CANARY = "hk-CANARY-0123456789-wxyz"


def call(server: RawServer, path: str = "/v1/tasks/1", **options: Any) -> Reply:
    async def run() -> Reply:
        async with Http(private_hosts=server.private) as http:
            return await http.request(
                options.pop("method", "GET"),
                server.url + path,
                deadline=options.pop("deadline", 5),
                **options,
            )

    return asyncio.run(run())


def error_of(server: RawServer, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call(server, **options)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_a_request_carries_our_headers_and_compact_json_and_asks_for_no_compression() -> None:
    with RawServer(always(answer())) as server:
        call(server, method="POST", headers={"X-Test": "1"}, json={"b": "é", "a": [1, None]})
        (request,) = server.requests
    assert request.line == "POST /v1/tasks/1 HTTP/1.1"
    assert request.body == '{"b":"é","a":[1,null]}'.encode()
    assert request.header("accept-encoding") == "identity"
    assert request.header("content-type") == "application/json"
    assert request.header("x-test") == "1"
    assert request.header("host") == f"127.0.0.1:{server.port}"


def test_a_get_has_no_body_and_no_content_type() -> None:
    with RawServer(always(answer())) as server:
        call(server)
        (request,) = server.requests
    assert request.header("content-type") is None
    assert request.header("content-length") is None


@pytest.mark.parametrize("status", [200, 201, 204, 400, 404, 418, 429, 500, 503, 599, 999])
def test_every_status_comes_back_as_a_reply(status: int) -> None:
    body = b"" if status == 204 else b'{"a":1}'
    with RawServer(always(answer(body, f"{status} X", "X-Two: a", "x-two: b"))) as server:
        reply = call(server)
    assert (reply.status, reply.body) == (status, body)
    assert reply.headers["x-two"] == "a, b"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["other", "http://[bad", "javascript:1", "//x y", ""])
def test_a_redirect_is_never_followed(status: int, place: str) -> None:
    with RawServer(always(answer())) as other:
        location = f"{other.url}/x" if place == "other" else place
        with RawServer(always(answer("", f"{status} M", f"Location: {location}"))) as server:
            reply = call(server, method="POST", headers={"X-API-Key": CANARY}, json={})
        assert reply.status == status
        assert reply.headers["location"] == location
        assert other.requests == []


def test_cookies_are_not_kept() -> None:
    with RawServer(always(answer("{}", "200 OK", "Set-Cookie: sid=1; Path=/"))) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                for _ in range(2):
                    await http.request("GET", server.url, deadline=5)

        asyncio.run(run())
        assert [r.header("cookie") for r in server.requests] == [None, None]


def test_a_create_never_uses_a_connection_again_and_looks_do() -> None:
    with RawServer(always(answer())) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                for once in (False, False, True, True):
                    await http.request("POST", server.url, deadline=5, once=once)

        asyncio.run(run())
        used = [r.connection for r in server.requests]
    assert used[0] == used[1]
    assert len({used[0], *used[2:]}) == 3


def test_at_most_eight_looks_are_on_the_wire_at_once() -> None:
    with RawServer(always(answer())) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                looks = (http.request("GET", server.url, deadline=5) for _ in range(40))
                await asyncio.gather(*looks)

        asyncio.run(run())
        assert len(server.requests) == 40
        assert server.connections <= 8


def test_environment_proxies_netrc_and_key_logs_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    keys = tmp_path / "keys.log"
    with RawServer(always(answer())) as proxy, RawServer(always(answer())) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        call(server)
        assert proxy.requests == []
        assert server.requests[0].header("authorization") is None
    assert not keys.exists()


def drip_body(connection: Connection, _request: Request) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    connection.drip(b"x" * 1000, 0.05)


def drip_head(connection: Connection, _request: Request) -> None:
    connection.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000, 0.05)


def silence(connection: Connection, _request: Request) -> None:
    connection.stopping.wait(10)


def endless_continue(connection: Connection, _request: Request) -> None:
    while not connection.stopping.is_set():
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


@pytest.mark.parametrize("handler", [drip_body, drip_head, silence, endless_continue])
def test_the_deadline_is_a_total_one(handler: Callable[[Connection, Request], None]) -> None:
    with RawServer(handler) as server:
        started = time.monotonic()
        error = error_of(server, deadline=0.4)
        assert time.monotonic() - started < 2
    assert isinstance(error, NoAnswerError)
    assert str(error) == "127.0.0.1 didn't answer in time."
    assert error.outcome == "unknown"


def reset(connection: Connection, _request: Request) -> None:
    connection.reset()


def reset_midway(connection: Connection, _request: Request) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    connection.reset()


BROKEN = {
    "reset": reset,
    "reset midway": reset_midway,
    "hung up": closing(b""),
    "half a head": closing(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "another protocol": closing(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "short body": closing(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":"a"}'),
    "unended chunks": closing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
    "bad chunk": closing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "two lengths": closing(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "bad length": closing(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"),
    "header bomb": closing(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 3_000_000 + b"\r\n\r\n{}"),
    "many headers": closing(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200_000 + b"\r\n{}"),
}


@pytest.mark.parametrize("handler", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_means_that_it_may_have_been_done(
    handler: Callable[[Connection, Request], None],
) -> None:
    with RawServer(handler) as server:
        error = error_of(server, method="POST", json={"a": "b" * 1000}, once=True)
        assert len(server.wait_for(1)) == 1
    assert isinstance(error, NoAnswerError)
    assert error.outcome == "unknown"


def test_a_reset_before_the_request_is_read_means_that_it_may_have_been_done() -> None:
    async def run() -> None:
        async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
            url = f"http://127.0.0.1:{port}/"
            with pytest.raises(NoAnswerError):
                await http.request("POST", url, json="x" * 3_000_000, deadline=5, once=True)

    asyncio.run(run())


def test_a_compressed_bomb_is_refused_unread() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    for encoding in ("gzip", "deflate", "br", "zstd", "nonsense"):
        with RawServer(always(answer(bomb, "200 OK", f"Content-Encoding: {encoding}"))) as server:
            error = error_of(server)
        assert isinstance(error, UnexpectedReplyError)


def test_an_answer_over_one_mebibyte_is_refused_and_one_of_it_is_read() -> None:
    with RawServer(always(answer(b"x" * (1 << 20)))) as server:
        assert len(call(server).body) == 1 << 20
    with RawServer(always(answer(b"x" * ((1 << 20) + 1)))) as server:
        assert isinstance(error_of(server), UnexpectedReplyError)


def test_nothing_listening_means_nothing_was_sent() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]

        async def run() -> None:
            async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
                await http.request("POST", f"http://127.0.0.1:{port}/", deadline=5, once=True)

        with pytest.raises(NotReachedError) as caught:
            asyncio.run(run())
    assert str(caught.value) == "127.0.0.1 can't be reached: nothing answers at this address."
    assert caught.value.outcome == "not_sent"
    assert caught.value.retryable


def test_a_handshake_that_never_ends_means_nothing_was_sent() -> None:
    with RawServer(silence) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                url = f"https://127.0.0.1:{server.port}/"
                await http.request("POST", url, deadline=0.4, once=True)

        with pytest.raises(NotReachedError) as caught:
            asyncio.run(run())
    assert "in time" in str(caught.value)


def test_waiting_for_a_free_connection_means_nothing_was_sent() -> None:
    with RawServer(silence) as server:

        async def run() -> BaseException | Reply:
            async with Http(private_hosts=server.private) as http:
                busy = [http.request("GET", server.url, deadline=1.5) for _ in range(8)]
                tasks = [asyncio.create_task(look) for look in busy]
                await asyncio.to_thread(server.wait_for, 8)
                late = http.request("GET", server.url, deadline=0.2)
                (found,) = await asyncio.gather(late, return_exceptions=True)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                return found

        error = asyncio.run(run())
    assert isinstance(error, NotReachedError)


KEYS = [
    f"{CANARY}\n",
    f"{CANARY}\r\nX: y",
    f"{CANARY}é",
    f"{CANARY}中",
    f"{CANARY}\u200b",
    f"{CANARY} ",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_cant_be_sent_is_not_sent_and_not_told(key: str) -> None:
    with RawServer(always(answer())) as server:
        error = error_of(server, headers={"Authorization": f"Bearer {key}"})
        assert server.requests == []
    assert isinstance(error, NotReachedError)
    assert not error.retryable
    assert "CANARY" not in f"{error!r} {error} {error.hint}"


@pytest.mark.parametrize("body", [float("nan"), "\ud800"])
def test_a_body_that_cant_be_sent_is_not_sent(body: object) -> None:
    seen: list[Exchange] = []
    with RawServer(always(answer())) as server:
        error = error_of(server, method="POST", json={"a": body}, observe=seen.append)
        assert server.requests == []
    assert error.outcome == "not_sent"
    assert seen[0].error == str(error)


URLS = [
    "http://[::1",
    "http://a\x00b/",
    "http://127.0.0.1:99999/",
    "api.example/v1",
    "http://",
    "",
    "http://①②⑦.0.0.1/",
]


@pytest.mark.parametrize("url", URLS)
def test_what_is_no_address_is_not_reached(url: str) -> None:
    async def run() -> None:
        async with Http() as http:
            await http.request("GET", url, deadline=5)

    with pytest.raises(NotReachedError):
        asyncio.run(run())


def test_a_cancelled_request_stays_cancelled_and_is_recorded() -> None:
    seen: list[Exchange] = []
    with RawServer(silence) as server:

        async def run() -> None:
            async with Http(private_hosts=server.private) as http:
                look = http.request("GET", server.url, deadline=5, observe=seen.append)
                task = asyncio.create_task(look)
                await asyncio.to_thread(server.wait_for, 1)
                task.cancel()
                await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(run())
    assert seen[0].error == "Stopped before an answer came."


def test_an_observer_that_fails_does_not_cost_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_exchange: Exchange) -> None:
        raise OSError("disk")

    with RawServer(always(answer('{"id":"a"}'))) as server:
        assert call(server, observe=fails).body == b'{"id":"a"}'
    assert "could not be recorded" in caplog.text


def test_the_libraries_log_neither_links_nor_keys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(always(answer())) as server:
        call(server, path="/v.mp4?_jwt=CANARY", headers={"X-API-Key": CANARY})
    assert "CANARY" not in caplog.text
