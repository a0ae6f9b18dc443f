"""A connection to check, and what its check must never hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.diagnosis import Diagnosis, Step
from tests.builders import connections_at
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import Handler, Request, answer

KEY = "sk-canary-very-secret-7788"
PATIENCE = 5.0
GOOD = answer('{"error":"Could not find Task"}', "404 Not Found")
UNKNOWN = answer('{"code":"task_not_exist","message":"task_not_exist","data":null}', "400 X")
REFUSED = answer('{"error":{"message":"无效的令牌","type":"new_api_error"}}', "401 X")

Examine = Callable[..., Diagnosis]


@pytest.fixture
def examine(tmp_path: Path) -> Iterator[Examine]:
    """Check an address as a saved connection; whatever comes out must not hold the key."""
    opened: list[Studio] = []
    (tmp_path / "home").mkdir()

    def _examine(
        base_url: str,
        *,
        profile: str = "custom",
        private: bool = True,
        patience: float = PATIENCE,
        **changes: Any,
    ) -> Diagnosis:
        place = urlsplit(base_url)
        hosts = {(place.hostname or "", place.port)} if private and place.port else set()
        studio = open_studio(Settings(home=tmp_path / "home", private_hosts=frozenset(hosts)))
        opened.append(studio)
        saved = connections_at(studio, base_url).add(
            f"C{len(opened)}", profile=profile, base_url=base_url, key=KEY, **changes
        )
        told: list[Step] = []
        found = studio.doctor.examine(saved, tell=told.append, patience=patience)
        assert {step.name for step in told} == {step.name for step in found.steps}
        assert "canary" not in found.model_dump_json() + found.report()
        return found

    yield _examine
    for studio in opened:
        studio.close()


def trouble(found: Diagnosis) -> Step:
    assert not found.ok
    step = found.trouble
    assert step is not None
    assert step.do, step
    after = found.steps[found.steps.index(step) + 1 :]
    assert all(later.state != "failed" for later in after)
    return step


def step(found: Diagnosis, name: str) -> Step:
    return next(step for step in found.steps if step.name == name)


def by_key(with_key: bytes, without: bytes = REFUSED) -> Handler:
    """A server that looks at the key first."""

    def handler(line: Line, request: Request) -> None:
        line.send(with_key if KEY in (request.header("authorization") or "") else without)

    return handler
