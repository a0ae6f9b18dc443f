"""Prompts that make a create go wrong, at every root, and what they cost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from runway_core.sandbox.faults import FAULTS
from tests.sandbox.conftest import OFFICIAL_HEADERS, RELAY_HEADERS, Sandbox
from tests.sandbox.doitong import GENERATE as MUTATION
from tests.sandbox.doitong import GRAPHQL, REST, text_input

ROOTS = ("official", "relay", "graphql", "rest")


def post(sandbox: Sandbox, root: str, prompt: str) -> httpx.Response:
    runway = {"model": "gen4.5", "promptText": prompt, "ratio": "1280:720", "duration": 2}
    path, headers, body = {
        "official": ("/v1/text_to_video", OFFICIAL_HEADERS, runway),
        "relay": ("/runwayml/v1/text_to_video", RELAY_HEADERS, runway),
        "graphql": (
            "/graphql",
            GRAPHQL,
            {"query": MUTATION, "variables": {"input": text_input(prompt)}},
        ),
        "rest": ("/v1/text_to_video", REST, {"service": "runway", "prompt": prompt}),
    }[root]
    return httpx.post(sandbox.url + path, headers=headers, json=body)


def tasks(sandbox: Sandbox) -> int:
    return len(list((sandbox.folder / "tasks").iterdir()))


def test_the_table_is_the_one_that_is_tried_here() -> None:
    assert set(FAULTS) == {"credits", "limit", "busy", "html", "error", "drop"}


@pytest.mark.parametrize("root", ROOTS)
def test_no_credits_is_refused_before_anything_is_made(sandbox: Sandbox, root: str) -> None:
    answer = post(sandbox, root, "credits: a cat")
    assert tasks(sandbox) == 0
    body: dict[str, Any] = answer.json()
    if root == "official":
        assert answer.status_code == 400
        assert body["error"] == "You do not have enough credits to run this task."
    elif root == "relay":
        assert answer.status_code == 403
        assert (body["code"], body["data"]) == ("insufficient_user_quota", None)
    else:
        assert answer.status_code == 402
        assert body["errors"][0]["extensions"] == {
            "code": "INSUFFICIENT_CREDITS",
            "creditsRequired": 100,
            "creditsAvailable": 50,
        }


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize(("word", "status"), [("limit", 429), ("busy", 503)])
def test_a_refusal_for_now_is_gone_at_the_second_try(
    sandbox: Sandbox, root: str, word: str, status: int
) -> None:
    refused = post(sandbox, root, f"{word}: a cat")
    assert refused.status_code == status
    assert int(refused.headers["Retry-After"]) >= 1
    assert "error" in refused.text or refused.json()["code"]
    assert tasks(sandbox) == 0
    assert post(sandbox, root, f"{word}: a cat").status_code == 200
    assert tasks(sandbox) == 1


@pytest.mark.parametrize("root", ROOTS)
def test_a_page_instead_of_an_answer_costs_nothing(sandbox: Sandbox, root: str) -> None:
    answer = post(sandbox, root, "html: a cat")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert tasks(sandbox) == 0


@pytest.mark.parametrize("root", ROOTS)
def test_a_server_error_comes_after_the_task_was_made(sandbox: Sandbox, root: str) -> None:
    answer = post(sandbox, root, "error: a cat")
    assert answer.status_code == 500
    assert answer.json()
    assert tasks(sandbox) == 1


@pytest.mark.parametrize("root", ROOTS)
def test_a_dropped_answer_comes_after_the_task_was_made(sandbox: Sandbox, root: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        post(sandbox, root, "drop: a cat")
    assert tasks(sandbox) == 1


def test_a_dropped_answer_is_found_again_by_its_idempotency_key(sandbox: Sandbox) -> None:
    body = {"query": MUTATION, "variables": {"input": text_input("drop: a cat")}}
    headers = GRAPHQL | {"Idempotency-Key": "wish-3"}
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{sandbox.url}/graphql", json=body, headers=headers)
    found = httpx.post(f"{sandbox.url}/graphql", json=body, headers=headers)
    assert found.json()["data"]["generate"]["id"]
    assert tasks(sandbox) == 1


def test_a_word_without_its_colon_is_only_a_word(sandbox: Sandbox) -> None:
    for prompt in ("credits are due", "drop everything", "html"):
        assert post(sandbox, "relay", prompt).status_code == 200
