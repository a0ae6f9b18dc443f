"""A client, and the relay that it speaks to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runway_core import RunwayClient
from tests.relay import Call, Relay

KEY = "sk-canary-key-0001"
PICTURE = "https://example.com/image.jpg"


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    yield server
    server.close()


@pytest.fixture
def client(relay: Relay) -> RunwayClient:
    return RunwayClient(KEY, relay.url)


def answering(status: int, body: object, **headers: str) -> Callable[[Call], Any]:
    """An answer to the next create or look."""
    return lambda call: call.answer(status, body, **headers)
