"""The way to a server: each place where it can end has words of its own."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.doctor.conftest import (
    GOOD,
    Examine,
    by_key,
    step,
    trouble,
)
from tests.http.raw_server import RawServer, always
from tests.http.test_tls import Authority


def test_a_port_where_nothing_listens(examine: Examine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        found = examine(f"http://127.0.0.1:{port}")
    failed = trouble(found)
    assert failed.name == "connection"
    assert f"nothing answers on port {port}" in failed.says
    assert [s.state for s in found.steps[3:]] == ["not reached"] * 5
    assert found.key_header == "Authorization: Bearer …7788"
    assert found.urls == (f"POST http://127.0.0.1:{port}/runwayml/v1/image_to_video",)


def test_a_name_that_nobody_knows(examine: Examine) -> None:
    failed = trouble(examine("https://api.relay.invalid"))
    assert failed.name == "name"
    assert "Nobody knows the name api.relay.invalid" in failed.says
    assert "spelling" in failed.do


def test_a_private_address_is_named_with_what_would_allow_it(examine: Examine) -> None:
    failed = trouble(examine("https://10.20.30.40"))
    assert failed.name == "name"
    assert "10.20.30.40, which is on a private network" in failed.says
    assert "RUNWAY_PRIVATE_HOSTS=10.20.30.40:443" in failed.do


@pytest.mark.parametrize("address", ["http://relay.example", "https://relay.example:8443"])
def test_an_address_that_is_not_safe_for_a_key(examine: Examine, address: str) -> None:
    failed = trouble(examine(address, private=False))
    assert failed.name == "address"
    assert "https://" in failed.do


@pytest.mark.parametrize(
    ("host", "days", "trusted", "words"),
    [
        ("localhost", -1, True, "has run out"),
        ("other.example", 1, True, "for another name than localhost"),
        ("localhost", 1, False, "Nobody who is trusted vouches"),
    ],
    ids=["expired", "wrong-name", "unknown-authority"],
)
def test_certificates_that_are_wrong_are_told_apart(
    examine: Examine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    days: int,
    trusted: bool,
    words: str,
) -> None:
    authority = Authority(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with RawServer(always(GOOD), tls=authority.server(host, days=days)) as server:
        failed = trouble(examine(f"https://localhost:{server.port}"))
        assert server.requests == []
    assert failed.name == "encryption"
    assert words in failed.says


def test_a_good_certificate_is_said_to_be_one(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with RawServer(by_key(GOOD), tls=authority.server("localhost")) as server:
        found = examine(f"https://localhost:{server.port}")
    assert found.ok
    assert "TLSv1" in step(found, "encryption").says
    assert step(found, "name").says == "localhost is at 127.0.0.1."


def test_a_server_that_does_not_speak_encrypted(examine: Examine) -> None:
    def greets(listener: socket.socket) -> None:
        with listener.accept()[0] as line:
            line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greets, args=(listener,))
        thread.start()
        failed = trouble(examine(f"https://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()
    assert failed.name == "encryption"
    assert "does not speak encrypted" in failed.says
