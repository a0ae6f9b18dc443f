"""One rule for whatever address a person pastes."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import catalog
from runway_core.domain import Capability
from runway_core.errors import InvalidInputError
from runway_core.http import Http
from runway_core.providers import Endpoint, normalise_base_url, open_provider, prefix_for
from runway_core.providers.address import create_url, task_url


@pytest.mark.parametrize(
    ("typed", "profile", "url"),
    [
        ("https://api.openai-hk.com", "openai-hk", "https://api.openai-hk.com/runwayml"),
        ("https://api.openai-hk.com/runwayml/", "openai-hk", "https://api.openai-hk.com/runwayml"),
        (" API.OpenAI-HK.com/runwayml/v1// ", "openai-hk", "https://api.openai-hk.com/runwayml"),
        ("https://yunwu.ai/v1", "yunwu", "https://yunwu.ai/runwayml"),
        ("yunwu.ai:443", "yunwu", "https://yunwu.ai/runwayml"),
        ("https://api.dev.runwayml.com", "runway", "https://api.dev.runwayml.com"),
        ("https://api.dev.runwayml.com/v1", "custom", "https://api.dev.runwayml.com"),
        ("runwayml.com.", "custom", "https://runwayml.com"),
        ("https://evil-runwayml.com", "custom", "https://evil-runwayml.com/runwayml"),
        (
            "https://runwayml.com.evil.example",
            "custom",
            "https://runwayml.com.evil.example/runwayml",
        ),
        ("https://relay.example/pro", "custom", "https://relay.example/pro/runwayml"),
        ("https://relay.example/pro/runwayml/v1", "custom", "https://relay.example/pro/runwayml"),
        ("http://127.0.0.1:8787/", "sandbox", "http://127.0.0.1:8787"),
        ("http://127.0.0.1:8787/runwayml", "custom", "http://127.0.0.1:8787/runwayml"),
        ("http://relay.example:80", "custom", "http://relay.example/runwayml"),
        ("HTTPS://[2001:DB8::1]:8443/v1", "custom", "https://[2001:db8::1]:8443/runwayml"),
        ("//relay.example/runwayml/runwayml/v1/v1", "custom", "https://relay.example/runwayml"),
    ],
)
def test_an_address_leads_to_the_api(typed: str, profile: str, url: str) -> None:
    root = normalise_base_url(typed)
    endpoint = Endpoint(root, prefix_for(root, catalog().profile(profile)))
    created = create_url(endpoint, Capability.IMAGE_TO_VIDEO)
    assert created == f"{url}/v1/image_to_video"
    assert create_url(endpoint, Capability.TEXT_TO_VIDEO) == f"{url}/v1/text_to_video"
    assert task_url(endpoint, "a-1") == f"{url}/v1/tasks/a-1"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "https://",
        "https:///v1",
        "ftp://relay.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "file:/etc/passwd",
        "mailto:a@relay.example",
        "https://user@relay.example",
        "https://user:pass@relay.example",
        "https://relay.example?key=1",
        "https://relay.example/#x",
        "https://relay.example/a b",
        "https://relay example",
        "https://relay.example/\n",
        "https://relay.example\\@evil.example" + "/x",
        "https://relay.example:0",
        "https://relay.example:99999",
        "https://relay.example:",
        "https://relay..example",
        "https://.relay.example",
        "https://-relay.example",
        "https://[::1",
        "https://[zz]",
        "https://реле.example",
        "https://" + "a" * 600,
    ],
)
def test_what_is_no_base_url_is_refused_by_field(typed: str) -> None:
    if typed.endswith("\n"):
        assert normalise_base_url(typed) == "https://relay.example"
        return
    with pytest.raises(InvalidInputError) as caught:
        normalise_base_url(typed)
    assert [problem.field for problem in caught.value.problems] == ["base_url"]


PIECES = st.sampled_from(
    ["https://", "http://", "//", "relay.example", ":8443", "/", "/v1", "/runwayml", "/pro", "."]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map("".join)))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    try:
        root = normalise_base_url(typed)
    except InvalidInputError:
        return
    assert normalise_base_url(root) == root
    assert root.startswith(("https://", "http://"))
    assert not urlsplit(root).path.endswith(("/", "/v1", "/runwayml"))


@given(st.text(min_size=1))
def test_no_task_id_leads_to_another_path(remote_id: str) -> None:
    url = task_url(Endpoint("https://relay.example", "/runwayml"), remote_id)
    last = url.removeprefix("https://relay.example/runwayml/v1/tasks/")
    assert not set(last) & set("/?#\\ \n")
    assert last not in (".", "..")


def test_an_empty_base_url_means_the_profiles_own() -> None:
    provider = open_provider(catalog().profile("yunwu"), "", key="sk-1", http=Http())
    assert provider.endpoint == Endpoint("https://yunwu.ai", "/runwayml")


def test_a_profile_without_an_address_needs_one() -> None:
    with pytest.raises(InvalidInputError):
        open_provider(catalog().profile("custom"), "", key="sk-1", http=Http())
