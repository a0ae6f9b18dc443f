"""The sandbox as Doitong: schema, answers, statuses, limits, keys that are used twice."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import av
import httpx
import pytest
from graphql import build_client_schema, get_introspection_query, parse, validate

from tests.sandbox.conftest import RELAY_HEADERS, Sandbox, StartSandbox, wait_until
from tests.sandbox.doitong import (
    ANIMATE,
    FIELDS,
    GENERATE,
    GRAPHQL,
    KEY,
    LOOK,
    PICTURE,
    REST,
    ask,
    errors_of,
    image_input,
    text_input,
)


def made(answer: httpx.Response, field: str = "generate") -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"][field])


def seen(root: str, job_id: str) -> dict[str, Any]:
    return made(ask(root, LOOK, id=job_id), "generation")


def ended(root: str, job_id: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        job = seen(root, job_id)
        return job if job["status"] in ("completed", "failed") else None

    return dict(wait_until(found))


def spent(sandbox: Sandbox) -> int:
    """Credits that the key has spent."""
    answer = httpx.get(f"{sandbox.url}/v1/dashboard/billing/usage", headers=GRAPHQL)
    return int(answer.json()["total_usage"])


def test_a_wish_becomes_a_real_video_of_the_asked_shape(sandbox: Sandbox) -> None:
    job = made(ask(sandbox.url, input=text_input(aspectRatio="9:16")))
    assert job == job | {
        "status": "processing",
        "type": "VIDEO",
        "provider": "runway",
        "url": None,
        "metadata": None,
        "creditCost": 100,
    }
    done = ended(sandbox.url, job["id"])
    assert done["status"] == "completed"
    assert done["metadata"] == {"duration": 5, "width": 720, "height": 1280}
    assert done["createdAt"] == job["createdAt"]
    assert done["url"].startswith(sandbox.url)
    with av.open(io.BytesIO(httpx.get(done["url"]).content)) as video:
        context = video.streams.video[0].codec_context
        assert (context.width, context.height) == (720, 1280)
        assert video.streams.video[0].frames == 5 * 24
    assert spent(sandbox) == 100


@pytest.mark.parametrize(
    ("prompt", "code", "cost"),
    [("fail: x", "GENERATION_FAILED", 0), ("moderate: x", "CONTENT_POLICY", 100)],
)
def test_a_failed_job_says_why_and_what_it_cost(
    sandbox: Sandbox, prompt: str, code: str, cost: int
) -> None:
    done = ended(sandbox.url, made(ask(sandbox.url, input=text_input(prompt)))["id"])
    assert (done["status"], done["url"]) == ("failed", None)
    assert done["metadata"]["error"]["code"] == code
    assert done["metadata"]["error"]["message"]
    assert done["creditCost"] == cost == spent(sandbox)


def test_a_job_without_a_place_is_queued(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=50, concurrency=1)
    made(ask(sandbox.url, input=text_input("slow: x")))
    waiting = made(ask(sandbox.url, input=text_input("throttle: y")))["id"]
    wait_until(lambda: seen(sandbox.url, waiting)["status"] == "queued")


def test_the_price_follows_length_and_quality_within_the_published_ranges(
    sandbox: Sandbox,
) -> None:
    def cost(wish: dict[str, Any]) -> int:
        return int(made(ask(sandbox.url, input=wish))["creditCost"])

    assert cost(text_input(duration=10)) == 200
    assert cost(text_input(quality="high")) == 300
    assert cost(text_input(quality="high", duration=10)) == 500
    assert 100 < cost(text_input(duration=7)) < 200
    assert 10 <= cost(image_input()) <= 50


def test_a_picture_is_taken_by_both_names_and_by_the_other_mutation(sandbox: Sandbox) -> None:
    for name in ("image", "imageUrl"):
        assert made(ask(sandbox.url, input=image_input(name)))["provider"] == "runway-i2v"
    flat = {"service": "runway-i2v", "imageUrl": PICTURE, "duration": 5}
    job = made(ask(sandbox.url, ANIMATE, input=flat), "animateImage")
    assert set(job) == {"id", "status", "url"}
    without_provider = text_input() | {"provider": None}
    assert made(ask(sandbox.url, input=without_provider))["provider"] == "runway"


@pytest.mark.parametrize(
    ("root", "taken", "refused"),
    [
        ("/doitong-imageurl", "imageUrl", "image"),
        ("/doitong-image", "image", "imageUrl"),
    ],
)
def test_a_root_can_take_a_picture_by_one_name_alone(
    sandbox: Sandbox, root: str, taken: str, refused: str
) -> None:
    assert made(ask(sandbox.url + root, input=image_input(taken)))["id"]
    answer = ask(sandbox.url + root, input=image_input(refused))
    assert answer.status_code == 400
    ((code, message),) = errors_of(answer)
    assert code == "BAD_USER_INPUT"
    start = (
        f'Variable "$input" got invalid value {{ {refused}: "{PICTURE}" }} at "input.input"; '
        f'Field "{refused}" is not defined by type "GenerationContentInput".'
    )
    assert message.startswith(start)
    ((code, message),) = errors_of(ask(sandbox.url + root, ANIMATE, input={}))[-1:]
    assert code == "GRAPHQL_VALIDATION_FAILED"


def test_a_root_can_know_the_other_mutation_alone(sandbox: Sandbox) -> None:
    root = f"{sandbox.url}/doitong-animate"
    for name in ("image", "imageUrl"):
        assert errors_of(ask(root, input=image_input(name)))
    flat = {"service": "runway-i2v", "imageUrl": PICTURE}
    assert made(ask(root, ANIMATE, input=flat), "animateImage")["id"]


def test_roots_differ_in_how_a_job_is_asked_for(sandbox: Sandbox) -> None:
    job_id = made(ask(sandbox.url, input=text_input("slow: x")))["id"]
    job = LOOK.replace("generation(", "job(")
    by_path = f"/v1/jobs/{job_id}"
    for root, queries, path in [
        ("", (True, True), 200),
        ("/doitong-job", (False, True), 404),
        ("/doitong-rest", (False, False), 200),
    ]:
        answers = [ask(sandbox.url + root, query, id=job_id) for query in (LOOK, job)]
        assert [a.status_code == 200 for a in answers] == list(queries)
        assert httpx.get(sandbox.url + root + by_path, headers=REST).status_code == path
    unknown = errors_of(ask(f"{sandbox.url}/doitong-rest", LOOK, id=job_id))
    assert ("GRAPHQL_VALIDATION_FAILED", 'Cannot query field "generation" on type "Query".') in [
        (code, message.split(" Did")[0]) for code, message in unknown
    ]


def test_introspection_tells_the_whole_schema_and_our_queries_fit_it(sandbox: Sandbox) -> None:
    answer = ask(sandbox.url, get_introspection_query())
    schema = build_client_schema(answer.json()["data"])
    for query in (GENERATE, ANIMATE, LOOK, LOOK.replace("generation(", "job(")):
        assert validate(schema, parse(query)) == []
    assert validate(schema, parse("{ nothing }"))


def test_nobody_sees_the_job_of_another_key(sandbox: Sandbox) -> None:
    job_id = made(ask(sandbox.url, input=text_input("slow: x")))["id"]
    other = {"Authorization": "Bearer another"}
    assert ask(sandbox.url, LOOK, other, id=job_id).json() == {"data": {"generation": None}}
    answer = httpx.get(f"{sandbox.url}/v1/jobs/{job_id}", headers=other)
    assert (answer.status_code, errors_of(answer)[0][0]) == (404, "NOT_FOUND")


def test_a_task_made_elsewhere_is_no_job(sandbox: Sandbox) -> None:
    body = {"model": "gen4.5", "promptText": "slow: x", "ratio": "1280:720", "duration": 2}
    task = sandbox.relay.post("/v1/text_to_video", json=body).json()["id"]
    answer = ask(sandbox.url, LOOK, RELAY_HEADERS, id=task)
    assert answer.json() == {"data": {"generation": None}}


@pytest.mark.parametrize(
    "wish",
    [
        text_input(duration=4),
        text_input(duration=11),
        text_input(aspectRatio="4:3"),
        text_input(quality="best"),
        text_input(""),
        text_input("x" * 1001),
        text_input() | {"type": "IMAGE"},
        text_input() | {"provider": "kling"},
        image_input(motionIntensity="wild"),
        image_input() | {"input": {"imageUrl": "http://pictures.example.com/a.jpg"}},
        image_input() | {"input": {"imageUrl": "data:image/png;base64,AAAA"}},
        image_input() | {"input": {"text": "no picture"}},
    ],
)
def test_a_wish_out_of_bounds_is_refused_and_nothing_is_made(
    sandbox: Sandbox, wish: dict[str, Any]
) -> None:
    answer = ask(sandbox.url, input=wish)
    assert answer.status_code == 400
    assert [code for code, _ in errors_of(answer)] == ["BAD_USER_INPUT"]
    assert list((sandbox.folder / "tasks").iterdir()) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BAD_REQUEST"),
        (b"{", "BAD_REQUEST"),
        (b"[]", "BAD_REQUEST"),
        (b'{"query": 5}', "BAD_REQUEST"),
        (b'{"query": "{ok}", "variables": []}', "BAD_REQUEST"),
        (b'{"query": "{ok}", "operationName": "Other"}', "BAD_REQUEST"),
        (b'{"query": "{"}', "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "' + b"{ok" * 4000 + b'"}', "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "{ nothing }"}', "GRAPHQL_VALIDATION_FAILED"),
        (json.dumps({"query": GENERATE}).encode(), "BAD_USER_INPUT"),
    ],
)
def test_what_is_no_good_graphql_gets_an_error_and_no_data(
    sandbox: Sandbox, body: bytes, code: str
) -> None:
    headers = GRAPHQL | {"Content-Type": "application/json"}
    answer = httpx.post(f"{sandbox.url}/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert errors_of(answer)[0][0] == code


def test_a_root_can_tell_its_errors_at_200(sandbox: Sandbox) -> None:
    root = f"{sandbox.url}/doitong-200"
    for answer in (
        ask(root, "{ nothing }"),
        ask(root, input=text_input(duration=1)),
        ask(root, input=text_input("credits: x")),
        ask(root, "{ ok }", {"Authorization": "Basic x"}),
    ):
        assert answer.status_code == 200
        assert errors_of(answer)


def test_either_header_carries_the_key_and_a_wrong_one_is_refused(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(key=KEY)
    for headers in (GRAPHQL, REST, GRAPHQL | REST):
        for path in ("/graphql", "/doitong-image/graphql"):
            good = httpx.post(sandbox.url + path, json={"query": "{ ok }"}, headers=headers)
            assert good.json() == {"data": {"ok": True}}
    for wrong in ({}, {"Authorization": "Bearer no"}, {"X-API-Key": "no"}):
        for call in (
            httpx.post(f"{sandbox.url}/graphql", json={"query": "{ ok }"}, headers=wrong),
            httpx.post(f"{sandbox.url}/doitong/v1/text_to_video", json={}, headers=wrong),
            httpx.get(f"{sandbox.url}/v1/jobs/x", headers=wrong),
        ):
            assert call.status_code == 401
            assert errors_of(call) == [("UNAUTHENTICATED", "Missing or invalid API key")]


def test_every_answer_tells_the_rate_limit_and_the_free_root_keeps_it(sandbox: Sandbox) -> None:
    root = f"{sandbox.url}/doitong-free"

    def eleven() -> list[httpx.Response]:
        return [ask(root, "{ ok }" if number % 2 else "{ nothing }") for number in range(11)]

    answers = eleven()
    if len({answer.headers["X-RateLimit-Reset"] for answer in answers}) > 1:
        answers = eleven()[-11:]  # a new minute began between them
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert left == sorted(left, reverse=True)
    assert (left[0] - left[1], left[-1]) == (1, 0)
    for answer in answers:
        assert answer.headers["X-RateLimit-Limit"] == "10"
        assert 0 <= int(answer.headers["X-RateLimit-Reset"]) - time.time() + 5 <= 65
    assert answers[-1].status_code == 429
    assert errors_of(answers[-1]) == [("RATE_LIMITED", "Rate limit exceeded")]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(root, "{ ok }", {"Authorization": "Bearer another"}).status_code == 200


def test_the_same_key_and_body_are_one_job_and_one_charge(sandbox: Sandbox) -> None:
    token = {"Idempotency-Key": "wish-1"}
    wish = text_input("moderate: a harbour")
    first = made(ask(sandbox.url, GENERATE, token, input=wish))
    again = made(ask(sandbox.url, GENERATE, token, input=wish))
    assert again["id"] == first["id"]
    other = ask(sandbox.url, GENERATE, token, input=text_input("another harbour"))
    assert other.status_code == 422
    assert errors_of(other)[0][0] == "IDEMPOTENCY_KEY_REUSED"
    ended(sandbox.url, first["id"])
    assert made(ask(sandbox.url, GENERATE, token, input=wish))["status"] == "failed"
    assert spent(sandbox) == 100
    assert len(list((sandbox.folder / "tasks").iterdir())) == 1
    stranger = {"Authorization": "Bearer another", **token}
    assert made(ask(sandbox.url, GENERATE, stranger, input=wish))["id"] != first["id"]


def test_a_key_is_remembered_over_a_restart_and_a_refusal_uses_none_up(
    start_sandbox: StartSandbox,
) -> None:
    first = start_sandbox()
    token = {"Idempotency-Key": "wish-2"}
    assert ask(first.url, GENERATE, token, input=text_input(duration=1)).status_code == 400
    job_id = made(ask(first.url, GENERATE, token, input=text_input("slow: x")))["id"]
    first.stop()
    second = start_sandbox(first.folder)
    assert made(ask(second.url, GENERATE, token, input=text_input("slow: x")))["id"] == job_id


def test_rest_tells_a_job_under_the_name_of_its_kind(sandbox: Sandbox) -> None:
    hook = "https://hooks.example.com/done"
    body = {"service": "runway", "prompt": "a harbour", "aspectRatio": "1:1", "webhookUrl": hook}
    answer = httpx.post(f"{sandbox.url}/v1/text_to_video", json=body, headers=REST)
    job = made(answer, "generatevideo")
    assert set(job) == {"id", "status", "url", "webhookUrl", "createdAt"}
    assert (job["status"], job["url"], job["webhookUrl"]) == ("processing", None, hook)
    picture = {"service": "runway-i2v", "prompt": "wave", "imageUrl": PICTURE, "duration": 5}
    answer = httpx.post(f"{sandbox.url}/v1/image_to_video", json=picture, headers=REST)
    assert made(answer, "imagevideo")["id"]
    ended(sandbox.url, job["id"])
    done = made(httpx.get(f"{sandbox.url}/v1/jobs/{job['id']}", headers=REST), "generatevideo")
    assert (done["status"], done["duration"]) == ("completed", 5)
    assert done["metadata"] == {"duration": 5, "width": 960, "height": 960}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("text_to_video", {"service": "runway"}),
        ("text_to_video", {"prompt": "no service"}),
        ("text_to_video", {"service": "runway-i2v", "prompt": "x", "imageUrl": PICTURE}),
        ("image_to_video", {"service": "runway-i2v", "prompt": "x"}),
        ("image_to_video", {"service": "runway-i2v", "imageUrl": PICTURE}),
        ("text_to_video", {"service": "runway", "prompt": 5}),
        ("text_to_video", {"service": "runway", "prompt": "x", "duration": "5"}),
        ("text_to_video", []),
    ],
)
def test_rest_refuses_what_its_table_does_not_allow(
    sandbox: Sandbox, path: str, body: object
) -> None:
    answer = httpx.post(f"{sandbox.url}/v1/{path}", json=body, headers=REST)
    assert answer.status_code == 400
    assert errors_of(answer)


def test_runways_own_api_at_the_same_paths_is_not_disturbed(sandbox: Sandbox) -> None:
    body = {"model": "gen4.5", "promptText": "x", "ratio": "1280:720", "duration": 2}
    official = sandbox.official.post("/v1/text_to_video", json=body)
    assert set(official.json()) == {"id", "estimatedCost"}
    assert "X-RateLimit-Limit" not in official.headers
    # The official one still asks for its own header when nothing says that Doitong is meant.
    plain = httpx.post(f"{sandbox.url}/v1/text_to_video", json=body, headers=GRAPHQL)
    assert plain.status_code == 400
    assert "X-Runway-Version" in plain.json()["error"]
    # Under a prefix of its own, REST takes the key in either header.
    wish = {"service": "runway", "prompt": "a harbour"}
    prefixed = httpx.post(f"{sandbox.url}/doitong/v1/text_to_video", json=wish, headers=GRAPHQL)
    assert made(prefixed, "generatevideo")["id"]


def test_partial_success_is_a_job_and_a_complaint(sandbox: Sandbox) -> None:
    answer = ask(sandbox.url, input=text_input("partial: x"))
    assert made(answer)["id"]
    assert answer.json()["errors"][0]["message"]
    assert FIELDS.split()[0] in answer.json()["data"]["generate"]
