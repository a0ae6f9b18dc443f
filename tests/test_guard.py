"""The guard of `conftest`, which every other test leans on, holds by itself."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from runway_core import settings
from tests import conftest


@pytest.mark.parametrize("host", ["192.0.2.1", "169.254.169.254", "2001:db8::1"])
def test_a_connection_beyond_loopback_is_refused_and_remembered(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as stray, pytest.raises(OSError, match="leave"):
        stray.connect((host, 80))
    assert conftest._strays == [f"connect to {host}:80"]
    conftest._strays.clear()


def test_a_name_is_not_looked_up_and_the_attempt_is_remembered() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("runwayml.com", 443)
    assert conftest._strays == ["look-up of runwayml.com"]
    conftest._strays.clear()


@pytest.mark.parametrize("name", ["relay.example", "nobody.invalid", "api.example.com"])
def test_a_name_kept_for_tests_fails_as_it_does_for_a_person_offline(name: str) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(name, 443)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    assert socket.getaddrinfo("0x7f.1", 80)[0][4][0] == "127.0.0.1"


def test_the_environment_is_clean() -> None:
    personal = [name for name in os.environ if conftest._PERSONAL.fullmatch(name)]
    assert personal == []


def test_the_home_of_a_test_is_its_own(home: Path) -> None:
    assert settings.load().home == home
