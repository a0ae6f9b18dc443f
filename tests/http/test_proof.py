"""The built-in sandbox is trusted for its own key, and not for being on this computer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runway_core.errors import AddressRefusedError, NotReachedError
from runway_core.http import Http
from runway_core.sandbox import EmbeddedSandbox
from runway_core.settings import SandboxAddress, Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.hosts import sandbox_host
from tests.builders import request
from tests.http.raw_server import Connection, Handler, RawServer, Request, always, answer, closing

PROMPT = "a canary in the snow"
KEY = "sandbox-canary-0123456789"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    (tmp_path / "home").mkdir()
    made = open_studio(Settings(home=tmp_path / "home"))
    made.connections.all()
    yield made
    made.close()


def left_behind(studio: Studio, url: str, key: str = KEY) -> None:
    """The address of a sandbox that was killed, with another program at its port since."""
    studio.settings.sandbox.mkdir(exist_ok=True)
    text = json.dumps({"url": url, "key": key})
    (studio.settings.sandbox / "address.json").write_text(text)


def everything(studio: Studio) -> list[NotReachedError]:
    """Ask the sandbox for all that is ever asked of it; what each try ended with."""

    async def run() -> list[NotReachedError]:
        ends = []
        async with Http() as http:
            provider = studio.connections.open(studio.connections.get("sandbox"), http)
            tries = (
                lambda: provider.submit(request(prompt=PROMPT), token="t"),
                lambda: provider.retrieve("17d3"),
                lambda: http.download(
                    f"{provider.endpoint.root}/v.mp4", studio.settings.home / "v"
                ),
            )
            for attempt in tries:
                with pytest.raises(NotReachedError) as caught:
                    await attempt()
                ends.append(caught.value)
        return ends

    return asyncio.run(run())


def test_the_sandbox_itself_is_reached_and_asked_on_each_new_connection(studio: Studio) -> None:
    async def run() -> str:
        async with Http() as http:
            provider = studio.connections.open(studio.connections.get("sandbox"), http)
            made = await provider.submit(request(prompt=PROMPT), token="t")
            return (await provider.retrieve(made.remote_id)).status

    with EmbeddedSandbox(studio.settings.sandbox, speed=100):
        assert asyncio.run(run()) in ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")
        assert studio.doctor.examine(studio.connections.get("sandbox")).ok


def _echo(connection: Connection, asked: Request) -> None:
    connection.send(answer(asked.line.partition("proof/")[2][:32] * 2))


@pytest.mark.parametrize(
    "handler",
    [
        always(answer("{}")),
        always(answer("0" * 64)),
        always(answer("0" * 64, "404 Not Found")),
        closing(answer("0" * 63)),
        closing(b"HTTP/1.1 200 OK\r\n\r\n"),
        always(b"x" * 5000),
        _echo,
    ],
    ids=["json", "zeros", "404", "short", "empty", "flood", "echo"],
)
def test_another_program_at_its_port_gets_a_question_and_nothing_else(
    studio: Studio, handler: Handler
) -> None:
    with RawServer(handler) as thief:
        left_behind(studio, thief.url)
        for error in everything(studio):
            assert "Something else than the built-in sandbox answers" in str(error)
            assert error.retryable
        found = studio.doctor.examine(studio.connections.get("sandbox"))
        assert not found.ok
        assert thief.requests
        for asked in thief.requests:
            assert asked.line.startswith("GET /sandbox/proof/") and asked.body == b""
            assert "canary" not in asked.head and "authorization" not in asked.head.lower()


def test_a_proof_that_is_passed_on_from_the_real_one_is_worth_nothing(studio: Studio) -> None:
    with EmbeddedSandbox(studio.settings.sandbox, speed=100):
        real = studio.settings.sandbox_address()
        assert real is not None

        def relays(connection: Connection, asked: Request) -> None:
            passed_on = httpx.get(real.url + asked.line.split()[1], trust_env=False)
            assert passed_on.status_code == 200 and len(passed_on.text) == 64
            connection.send(answer(passed_on.text))

        with RawServer(relays) as thief:
            left_behind(studio, thief.url, real.key)
            assert len(everything(studio)) == 3
            assert {asked.line.split("/")[1] for asked in thief.requests} == {"sandbox"}


def test_an_address_without_a_sandbox_is_not_even_asked(studio: Studio) -> None:
    with RawServer(always(answer("{}"))) as thief:
        left_behind(studio, thief.url)
        place = sandbox_host(studio.settings)
        assert place is not None and place[0] == "127.0.0.1"
        (studio.settings.sandbox / "address.json").unlink()  # it was stopped since

        async def run() -> None:
            async with Http() as http:
                http.allow(*place)
                with pytest.raises(NotReachedError):
                    await http.request("GET", thief.url, deadline=5)

        asyncio.run(run())
        assert thief.requests == []
        assert sandbox_host(studio.settings) is None


def test_no_other_port_of_this_computer_is_reached_beside_it(studio: Studio) -> None:
    with EmbeddedSandbox(studio.settings.sandbox, speed=100), RawServer(always(answer())) as other:

        async def run() -> None:
            async with Http() as http:
                studio.connections.allow_sandbox(http)
                for url in (other.url, other.url.replace("127.0.0.1", "localhost")):
                    with pytest.raises(AddressRefusedError):
                        await http.request("GET", url, headers={"X-API-Key": KEY}, deadline=5)

        asyncio.run(run())
        assert other.connections == 0


def test_a_sandbox_that_takes_any_key_proves_nothing_and_no_proof_tells_the_key(
    studio: Studio,
) -> None:
    with EmbeddedSandbox(studio.settings.sandbox, speed=100):
        address = studio.settings.sandbox_address()
        assert isinstance(address, SandboxAddress)
        asked = httpx.get(f"{address.url}/sandbox/proof/{'0' * 32}", trust_env=False)
        assert asked.status_code == 200 and address.key not in asked.text
        short = httpx.get(f"{address.url}/sandbox/proof/{'0' * 31}", trust_env=False)
        assert short.status_code == 404
