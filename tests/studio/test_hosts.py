"""Keys go only to hosts that somebody has allowed, and that is said before anything is saved or sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from runway_core.catalog import catalog
from runway_core.errors import (
    ConfigError,
    HostNotAllowedError,
    InvalidInputError,
    NotFoundError,
)
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.builders import connection
from tests.http.test_guard import SPELLINGS

KEY = "hk-canary-0123456789"
KNOWN = {"api.openai-hk.com", "yunwu.ai", "api.dev.runwayml.com", "api.doitong.com"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = open_studio(
        Settings(home=tmp_path, private_hosts=frozenset({("10.0.0.5", 8080), ("nas", 443)}))
    )
    yield made
    made.close()


def saved(studio: Studio) -> set[str]:
    return {one.base_url for one in studio.store.connections.all() if one.base_url}


def added(studio: Studio) -> list[str]:
    return [one.host for one in studio.hosts.all() if one.by == "admin"]


def add(studio: Studio, base_url: str, *, name: str = "Mine", allow: bool = False) -> None:
    studio.connections.add(name, profile="custom", base_url=base_url, key=KEY, allow_host=allow)


def test_the_catalogues_hosts_are_known_and_no_other(studio: Studio) -> None:
    assert {one.host for one in studio.hosts.all() if one.by == "catalogue"} == KNOWN
    for profile in catalog().profiles:
        if profile.root:
            add(studio, f"{profile.root}/runwayml/v1", name=profile.id)
    assert {root.removeprefix("https://") for root in saved(studio)} == KNOWN


@pytest.mark.parametrize(
    "base_url",
    [
        "https://relay.example.com",
        "https://xapi.openai-hk.com",
        "https://api.openai-hk.com.evil.example",
        "https://openai-hk.com",
        "https://evil.example/api.openai-hk.com",
        "https://xn--openai-hk-m1a.com",
        "https://8.8.8.8",
        "https://10.0.0.5",
        "relay.example.com/runwayml/v1",
    ],
)
def test_another_host_is_refused_with_who_can_allow_it_and_how(
    studio: Studio, base_url: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        add(studio, base_url)
    assert [problem.field for problem in refused.value.problems] == ["base_url"]
    assert "canary" not in f"{refused.value!r} {refused.value.hint}"
    assert "Nothing was saved and nothing was sent" in refused.value.hint
    if isinstance(refused.value, HostNotAllowedError):
        assert "An admin can allow it in Settings" in refused.value.hint
        assert f"host allow {refused.value.host}" in refused.value.hint
    assert saved(studio) == set()


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.openai-hk.com",
        "https://api.openai-hk.com:8443",
        "https://127.0.0.1",
        "https://127.0.0.1:443",
        "http://127.0.0.1:8787",
        "https://[::1]",
        "https://169.254.169.254",
        "https://10.0.0.5",
        "http://10.0.0.5:8081",
        "https://user@api.openai-hk.com",
        "https://api.openai-hk.com@evil.example",
    ],
)
def test_what_is_not_safe_can_not_be_allowed_either(studio: Studio, base_url: str) -> None:
    for attempt in (
        lambda: add(studio, base_url, allow=True),
        lambda: studio.hosts.allow(base_url),
    ):
        with pytest.raises(InvalidInputError) as refused:
            attempt()
        assert not isinstance(refused.value, HostNotAllowedError)
    assert saved(studio) == set() and added(studio) == []


@examples(max_examples=60, deadline=None)
@given(
    address=st.sampled_from(SPELLINGS)
    | st.text(min_size=1, max_size=40)
    | st.from_regex(r"\A(https?://)?[a-z0-9.@:\[\]-]{1,30}(/[a-z]{0,5})?\Z")
)
def test_no_address_that_nobody_allowed_is_ever_saved(
    tmp_path_factory: pytest.TempPathFactory, address: str
) -> None:
    studio = open_studio(Settings(home=tmp_path_factory.mktemp("home")))
    try:
        add(studio, address)
    except InvalidInputError:
        assert saved(studio) == set()
    else:
        (root,) = saved(studio) or {"https://api.openai-hk.com"}
        assert root.removeprefix("https://").partition("/")[0] in KNOWN
    finally:
        studio.close()


def test_what_the_operator_names_may_be_saved_as_it_is(studio: Studio) -> None:
    add(studio, "http://10.0.0.5:8080/relay")
    add(studio, "https://nas", name="NAS")
    assert saved(studio) == {"http://10.0.0.5:8080/relay", "https://nas"}
    assert added(studio) == []


def test_an_allowed_host_is_remembered_and_taken_back_when_nothing_uses_it(
    studio: Studio,
) -> None:
    assert studio.hosts.allow("HTTPS://Relay.Example.com/runwayml/v1/") == "relay.example.com"
    add(studio, "https://relay.example.com/pro")
    assert added(studio) == ["relay.example.com"]
    with pytest.raises(ConfigError, match="used by Mine"):
        studio.hosts.forbid("relay.example.com")
    studio.connections.remove(studio.connections.by_name("Mine").id)
    assert studio.hosts.forbid("relay.example.com") == "relay.example.com"
    with pytest.raises(HostNotAllowedError):
        add(studio, "https://relay.example.com/pro")
    for never in ("relay.example.com", "api.openai-hk.com"):
        with pytest.raises(NotFoundError):
            studio.hosts.forbid(never)


def test_to_allow_and_save_is_one_step_and_comes_after_all_else_is_right(studio: Studio) -> None:
    with pytest.raises(InvalidInputError, match="key"):
        studio.connections.add(
            "Mine", profile="custom", base_url="https://relay.example.com", allow_host=True
        )
    assert added(studio) == []
    add(studio, "https://relay.example.com", allow=True)
    assert added(studio) == ["relay.example.com"]


def test_a_connection_moves_only_to_an_allowed_host_and_with_its_key(studio: Studio) -> None:
    add(studio, "https://yunwu.ai")
    mine = studio.connections.by_name("Mine")
    with pytest.raises(HostNotAllowedError):
        studio.connections.change(mine.id, name="Mine", base_url="https://thief.example", key=KEY)
    with pytest.raises(InvalidInputError, match="Enter the key again"):
        studio.connections.change(
            mine.id, name="Mine", base_url="https://thief.example", allow_host=True
        )
    assert studio.connections.get(mine.id).base_url == "https://yunwu.ai"
    assert added(studio) == []


def test_a_connection_from_before_the_list_keeps_working_and_its_host_is_on_it(
    studio: Studio,
) -> None:
    old = connection(name="Old", profile="custom", base_url="https://old-relay.example/x")
    studio.store.connections.add(old, key_sealed=None)
    assert added(studio) == ["old-relay.example"]
    add(studio, "https://old-relay.example", name="Second")
    studio.hosts.allow("relay.example.com")
    assert added(studio) == ["old-relay.example", "relay.example.com"]
    changed = studio.connections.change(
        old.id, name="Old", base_url="https://old-relay.example/y", key=KEY
    )
    assert changed.base_url == "https://old-relay.example/y"
