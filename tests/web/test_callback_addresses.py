"""Which address a provider is given, and whether a call to it comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from runway_core.studio import Studio
from tests.web.calling import Desk


@pytest.fixture
def desk(client: httpx.Client) -> Desk:
    return Desk(client)


def test_the_test_call_says_whether_it_came_back_to_this_home(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = desk.client.base_url.port
    hosts = frozenset({("127.0.0.1", port or 0)})
    monkeypatch.setattr(desk.studio.callbacks, "_settings", _with_hosts(desk.studio, hosts))
    found = desk.studio.callbacks.test()
    assert found.came_back and "came back in" in found.says
    desk.studio.callbacks.set_address(f"http://127.0.0.1:{port}/elsewhere")
    found = desk.studio.callbacks.test()
    assert not found.came_back and "Something answers there (40" in found.says
    assert "/webhooks/" in found.do


def _with_hosts(studio: Studio, hosts: frozenset[tuple[str, int]]) -> Any:
    return replace(studio.settings, private_hosts=hosts)


def test_only_those_are_told_an_address_that_take_one(desk: Desk) -> None:
    url_for, add = desk.studio.callbacks.url_for, desk.studio.connections.add
    own = add(
        "Own", profile="openai-hk", key="hk-1234", options={"callback_url": "https://x.example/"}
    )
    graphql = add("GraphQL", profile="doitong", key="dt-1234")
    placed = {"webhook_field": "webhookUrl"}
    told = add("GraphQL told", profile="doitong", key="dt-1234", options=placed)
    runway, yunwu = (
        add("R", profile="runway", key="k-1234"),
        add("Y", profile="yunwu", key="k-1234"),
    )
    for connection in (own, graphql, runway, yunwu):
        assert url_for(desk.task(connection)) == ""
    for connection in (desk.relay, desk.signing, told):
        assert "/webhooks/" in url_for(desk.task(connection))
    task = desk.task(desk.relay)
    assert url_for(task) == url_for(task)
    desk.studio.callbacks.set_address("")
    assert url_for(task) == ""
