"""Which connections are used again: never one that is not whole, never more than there may be."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import pytest

from runway_core.errors import NoAnswerError, NotReachedError, UnexpectedReplyError
from runway_core.http import Http
from tests.http.raw_server import Connection, Handler, RawServer, Request, always, answer

MOST = 8
"""Connections for looks."""


def with_http(server: RawServer, use: Callable[[Http], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Http(private_hosts=server.private) as http:
            await use(http)

    asyncio.run(run())


def first(handler: Handler, later: bytes) -> Handler:
    """The first request of all is treated by `handler`, each later one is answered."""

    def handle(connection: Connection, request: Request) -> None:
        if connection.number == 1 and request.line.endswith("/first HTTP/1.1"):
            handler(connection, request)
        else:
            connection.send(later)

    return handle


def test_idle_connections_make_room_for_those_to_another_server() -> None:
    async def run() -> None:
        open_now, changed = 0, asyncio.Condition()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal open_now
            open_now += 1
            with contextlib.suppress(asyncio.IncompleteReadError):
                while await reader.readuntil(b"\r\n\r\n"):
                    async with changed:  # all have come, and those that had to go have gone
                        await changed.wait_for(lambda: open_now == MOST)
                        changed.notify_all()
                    writer.write(answer())
            writer.close()
            await writer.wait_closed()
            async with changed:
                open_now -= 1
                changed.notify_all()

        servers = [await asyncio.start_server(talk, "127.0.0.1", 0) for _ in range(2)]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        hosts = {("127.0.0.1", port) for port in ports}
        async with servers[0], servers[1]:
            async with Http(private_hosts=hosts) as http:
                for port in (*ports, *ports):
                    url = f"http://127.0.0.1:{port}/"
                    looks = (http.request("GET", url, deadline=5) for _ in range(MOST))
                    assert {reply.status for reply in await asyncio.gather(*looks)} == {200}
            async with changed:
                await changed.wait_for(lambda: open_now == 0)

    asyncio.run(run())


def test_a_connection_that_its_server_has_closed_is_not_used_again() -> None:
    async def run() -> None:
        ended, opened = asyncio.Event(), 0

        async def hang_up_afterwards(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            nonlocal opened
            opened += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer())
            writer.close()
            await writer.wait_closed()
            ended.set()

        server = await asyncio.start_server(hang_up_afterwards, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
            for _ in range(3):
                ended.clear()
                reply = await http.request("POST", f"http://127.0.0.1:{port}/", deadline=5)
                assert reply.status == 200
                await ended.wait()
        assert opened == 3

    asyncio.run(run())


def test_an_answer_that_nobody_waits_for_is_never_taken_for_that_of_the_next_request() -> None:
    def late(connection: Connection, _request: Request) -> None:
        connection.stopping.wait(0.4)
        connection.send(answer('{"whose":"the first"}'))

    with RawServer(first(late, answer('{"whose":"the second"}'))) as server:

        async def use(http: Http) -> None:
            with pytest.raises(NoAnswerError):
                await http.request("GET", f"{server.url}/first", deadline=0.2)
            reply = await http.request("GET", server.url, deadline=5)
            assert reply.body == b'{"whose":"the second"}'

        with_http(server, use)
        assert [request.connection for request in server.requests] == [1, 2]


def test_a_connection_whose_answer_was_not_read_to_its_end_is_not_used_again() -> None:
    endless = always(answer(b"x" * 2_000_000))
    with RawServer(first(endless, answer())) as server:

        async def use(http: Http) -> None:
            with pytest.raises(UnexpectedReplyError):
                await http.request("GET", f"{server.url}/first", deadline=5)
            assert (await http.request("GET", server.url, deadline=5)).status == 200

        with_http(server, use)
        assert [request.connection for request in server.requests] == [1, 2]


def test_looks_that_are_given_up_leave_their_places_to_others() -> None:
    def silent(connection: Connection, request: Request) -> None:
        if request.line.endswith("/silent HTTP/1.1"):
            connection.stopping.wait(10)
        else:
            connection.send(answer())

    with RawServer(silent) as server:

        async def use(http: Http) -> None:
            for _ in range(2):
                url = f"{server.url}/silent"
                looks = [
                    asyncio.create_task(http.request("GET", url, deadline=9))
                    for _ in range(2 * MOST)
                ]
                before = len(server.requests)
                await asyncio.to_thread(server.wait_for, before + MOST)
                for look in looks:
                    look.cancel()
                await asyncio.gather(*looks, return_exceptions=True)
            asked = (http.request("GET", server.url, deadline=5) for _ in range(MOST))
            assert {reply.status for reply in await asyncio.gather(*asked)} == {200}

        with_http(server, use)


def test_a_server_that_is_not_reached_takes_no_place() -> None:
    with RawServer(always(answer())) as server, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and never listens
        port = bound.getsockname()[1]

        async def run() -> None:
            private = server.private | {("127.0.0.1", port)}
            async with Http(private_hosts=private) as http:
                for _ in range(2 * MOST):
                    with pytest.raises(NotReachedError):
                        await http.request("GET", f"http://127.0.0.1:{port}/", deadline=5)
                assert (await http.request("GET", server.url, deadline=5)).status == 200

        asyncio.run(run())
