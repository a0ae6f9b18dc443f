"""A file is sent from the disk as a form, to a guarded address, within one deadline."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Exchange
from runway_core.errors import (
    AddressRefusedError,
    NoAnswerError,
    NotReachedError,
    ProviderError,
    StorageError,
)
from runway_core.http import Http
from tests.http.raw_server import Connection, RawServer, Request, always, answer

GIVEN = answer(b"", "204 No Content")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"film" * 1000)
    return path


def upload(url: str, path: Path, *servers: RawServer, **options: Any) -> None:
    async def run() -> None:
        hosts = frozenset(host for server in servers for host in server.private)
        async with Http(private_hosts=hosts, longest=options.pop("longest", 60)) as http:
            await http.upload(
                url,
                path,
                fields=options.pop("fields", {"key": "a", "empty": ""}),
                filename=options.pop("filename", "a.mp4"),
                mime="video/mp4",
                deadline=options.pop("deadline", 5),
                **options,
            )

    asyncio.run(run())


def test_names_can_not_break_out_of_the_form(file: Path) -> None:
    with RawServer(always(GIVEN)) as server:
        upload(
            server.url, file, server, filename='a"\r\nX: 1.mp4', fields={'k"\r\nY: 2': "v\r\n--"}
        )
        (sent,) = server.requests
    heads = [part.partition(b"\r\n\r\n")[0] for part in sent.body.split(b"\r\n--")]
    assert not any(b"\r\nX: 1" in head or b"\r\nY: 2" in head for head in heads)
    assert sent.body.count(b"film") == 1000


def test_no_redirect_takes_the_file_elsewhere(file: Path) -> None:
    with RawServer(always(GIVEN)) as other:
        moved = answer("", "307 X", f"Location: {other.url}/")
        with RawServer(always(moved)) as server, pytest.raises(ProviderError):
            upload(server.url, file, server, other)
        assert other.requests == []


def test_the_deadline_is_for_all_of_it(file: Path) -> None:
    def drip(connection: Connection, _request: Request) -> None:
        connection.drip(b"HTTP/1.1 204 No Content\r\n\r\n", 0.2)

    for deadline, longest in ((0.5, 60.0), (60.0, 0.5)):
        started = time.monotonic()
        with RawServer(drip) as server, pytest.raises(NoAnswerError):
            upload(server.url, file, server, deadline=deadline, longest=longest)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://169.254.169.254/", "ftp://a.example/", "https://a.b:22/"]
)
def test_no_file_goes_to_an_address_that_is_not_allowed(file: Path, url: str) -> None:
    with pytest.raises(NotReachedError):
        upload(url, file)


def test_a_private_address_is_refused_by_name(file: Path) -> None:
    with RawServer(always(GIVEN)) as server, pytest.raises(AddressRefusedError):
        upload(server.url, file)
    assert server.requests == []


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with RawServer(always(GIVEN)) as server, pytest.raises(StorageError):
        upload(server.url, tmp_path / "gone.mp4", server)
    assert server.requests == []


def test_an_upload_is_recorded_without_its_content(file: Path) -> None:
    seen: list[Exchange] = []
    with RawServer(always(answer("hk-CANARY", "403 X"))) as server, pytest.raises(ProviderError):
        upload(
            f"{server.url}/b?sig=SIGNED", file, server, observe=seen.append, secrets=["hk-CANARY"]
        )
    (exchange,) = seen
    text = exchange.model_dump_json()
    assert (exchange.method, exchange.status_code) == ("POST", 403)
    assert exchange.url == f"{server.url}/b"
    assert exchange.request_headers["content-type"].startswith("multipart/form-data")
    assert "film" not in text and "SIGNED" not in text and "CANARY" not in text
