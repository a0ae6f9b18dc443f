"""What the sandbox refuses, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.sandbox.conftest import (
    OFFICIAL_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    data_uri,
    image_body,
    picture,
    text_body,
)

DATA_URI_MAX = 5_242_880


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all: a refusal leaves nothing behind."""
    sandbox = Sandbox(tmp_path_factory.mktemp("state"), speed=0.1)
    yield sandbox
    sandbox.stop()


def refused(root: httpx.Client, body: object, path: str = "/v1/image_to_video") -> dict[str, Any]:
    """Post a wrong body and return the answer, its form checked."""
    answer = root.post(path, json=body)
    assert answer.status_code == 400, answer.text
    said: dict[str, Any] = answer.json()
    assert set(said) == {"error", "issues", "docUrl"}
    assert said["error"] == "Validation of body failed"
    assert said["docUrl"] == "https://docs.dev.runwayml.com/api"
    assert said["issues"]
    for issue in said["issues"]:
        assert {"code", "path", "message"} <= set(issue)
    return said


def paths(said: dict[str, Any]) -> list[list[str | int]]:
    return [issue["path"] for issue in said["issues"]]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"ratio": "1920:1080"}, "invalid_value", ["ratio"]),
        ({"ratio": "1280:768"}, "invalid_value", ["ratio"]),
        ({"ratio": None}, "invalid_value", ["ratio"]),
        ({"ratio": 1280}, "invalid_value", ["ratio"]),
        ({"duration": 11}, "too_big", ["duration"]),
        ({"duration": 1}, "too_small", ["duration"]),
        ({"duration": 2.5}, "invalid_type", ["duration"]),
        ({"duration": "5"}, "invalid_type", ["duration"]),
        ({"duration": True}, "invalid_type", ["duration"]),
        ({"seed": -1}, "too_small", ["seed"]),
        ({"seed": 4294967296}, "too_big", ["seed"]),
        ({"seed": "1"}, "invalid_type", ["seed"]),
        ({"promptText": ""}, "too_small", ["promptText"]),
        ({"promptText": "x" * 1001}, "too_big", ["promptText"]),
        ({"promptText": "😀" * 501}, "too_big", ["promptText"]),
        ({"promptText": 5}, "invalid_type", ["promptText"]),
        ({"promptImage": None}, "invalid_type", ["promptImage"]),
        ({"promptImage": {"uri": "https://example.com/a.png"}}, "invalid_type", ["promptImage"]),
        ({"promptImage": []}, "too_small", ["promptImage"]),
        ({"promptImage": "http://example.com/a.png"}, "invalid_format", ["promptImage"]),
        ({"promptImage": "https://127.0.0.1/a.png"}, "invalid_format", ["promptImage"]),
        ({"promptImage": "https://[::1]/aaaaa.png"}, "invalid_format", ["promptImage"]),
        ({"promptImage": "https://localhost/a.png"}, "invalid_format", ["promptImage"]),
        ({"promptImage": "https://a.co/" + "a" * 2036}, "too_big", ["promptImage"]),
        ({"promptImage": "data:,"}, "too_small", ["promptImage"]),
        ({"promptImage": "data:image/gif;base64,R0lGODlh"}, "invalid_format", ["promptImage"]),
        ({"promptImage": "data:image/png;base64,A*A="}, "invalid_format", ["promptImage"]),
        ({"promptImage": "data:image/png;base64,AAAAAAAA"}, "custom", ["promptImage"]),
        ({"promptImage": "iVBORw0KGgoAAAANSUhEUg"}, "invalid_format", ["promptImage"]),
        ({"model": None}, "invalid_type", ["model"]),
        ({"model": 4}, "invalid_type", ["model"]),
    ],
)
def test_a_wrong_field_is_named(
    sandbox: Sandbox, changes: dict[str, Any], code: str, path: list[str | int]
) -> None:
    for root in (sandbox.official, sandbox.relay):
        said = refused(root, image_body(**changes))
        assert [(issue["code"], issue["path"]) for issue in said["issues"]] == [(code, path)]


def test_every_wrong_field_is_named_at_once(sandbox: Sandbox) -> None:
    said = refused(sandbox.official, image_body(ratio="1:1", duration=99, seed=-5))
    assert paths(said) == [["ratio"], ["duration"], ["seed"]]
    assert said["issues"][0]["values"][0] == "1280:720"


def test_the_longest_prompts_and_links_are_taken(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=1)
    create(sandbox.official, image_body(promptText="😀" * 500))
    create(sandbox.official, image_body(promptText="x" * 1000, seed=0))
    create(sandbox.official, image_body(promptImage="https://a.co/" + "a" * 2035))
    create(sandbox.official, image_body(seed=4294967295, duration=5.0))


def test_pictures_come_as_string_or_list_in_three_formats(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=1)
    for kind in ("png", "jpeg", "jpg", "webp"):
        uri = data_uri(kind=kind)
        create(sandbox.official, image_body(promptImage=uri))
        create(sandbox.official, image_body(promptImage=[{"uri": uri, "position": "first"}]))


def test_a_data_uri_over_five_mebibytes_is_refused_and_one_at_the_limit_is_taken(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=1)
    uri = data_uri()
    # PNG readers pass over what follows the last chunk.
    start = len("data:image/png;base64,")
    room = (DATA_URI_MAX - start) // 4 * 4
    whole = uri[: start + (len(uri.rstrip("=")) - start) // 4 * 4]
    at_limit = whole.ljust(start + room, "A")
    assert DATA_URI_MAX - 4 < len(at_limit) <= DATA_URI_MAX
    create(sandbox.official, image_body(promptImage=at_limit))
    over = at_limit + "AAAA"
    said = refused(sandbox.official, image_body(promptImage=over))
    assert [(i["code"], i["path"]) for i in said["issues"]] == [("too_big", ["promptImage"])]


@pytest.mark.parametrize("size", [(100, 210), (480, 200)])
def test_a_picture_of_an_extreme_shape_is_refused(sandbox: Sandbox, size: tuple[int, int]) -> None:
    said = refused(sandbox.official, image_body(promptImage=data_uri(picture(*size))))
    assert paths(said) == [["promptImage"]]
    assert "aspect ratio" in said["issues"][0]["message"]


def test_a_picture_that_is_not_what_it_says_is_refused(sandbox: Sandbox) -> None:
    uri = data_uri(Image.new("RGB", (64, 64)), "png").replace("image/png", "image/webp")
    assert paths(refused(sandbox.official, image_body(promptImage=uri))) == [["promptImage"]]


def test_positions_are_held_to_the_model(sandbox: Sandbox) -> None:
    first = {"uri": "https://example.com/a.png", "position": "first"}
    last = first | {"position": "last"}
    said = refused(sandbox.official, image_body(promptImage=[last]))
    assert paths(said) == [["promptImage", 0, "position"]]
    assert paths(refused(sandbox.official, image_body(promptImage=[first, last]))) == [
        ["promptImage"]
    ]
    old = image_body(model="gen3a_turbo", ratio="1280:768", duration=5)
    create(sandbox.official, old | {"promptImage": [first, last]})
    assert paths(refused(sandbox.official, old | {"promptImage": [first, first]})) == [
        ["promptImage", 1, "position"]
    ]
    for item in ("https://example.com/a.png", {"position": "first"}):
        assert refused(sandbox.official, old | {"promptImage": [item]})["issues"]


def test_the_older_model_takes_five_or_ten_seconds_and_has_defaults(sandbox: Sandbox) -> None:
    body = image_body(model="gen3a_turbo", ratio="1280:768")
    assert paths(refused(sandbox.official, body | {"duration": 7})) == [["duration"]]
    bare = {key: body[key] for key in ("model", "promptImage", "promptText")}
    answer = sandbox.official.post("/v1/image_to_video", json=bare)
    assert answer.json()["estimatedCost"] == {"credits": 50}


def test_a_model_at_the_wrong_endpoint_is_refused(sandbox: Sandbox) -> None:
    said = refused(sandbox.official, text_body(model="gen4_turbo"), "/v1/text_to_video")
    assert paths(said) == [["model"]]
    assert paths(refused(sandbox.official, text_body(promptText=None), "/v1/text_to_video")) == [
        ["promptText"]
    ]


def test_an_unknown_model_is_not_available(sandbox: Sandbox) -> None:
    answer = sandbox.official.post("/v1/image_to_video", json=image_body(model="gen9"))
    assert answer.status_code == 403
    assert answer.json() == {"error": "Model variant gen9 is not available"}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b'{"seed": NaN}', b"\xff\xfe", b'{"seed": 1e999']
)
def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox, content: bytes) -> None:
    answer = sandbox.official.post("/v1/image_to_video", content=content)
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("body", [[], "text", 5, None])
def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox, body: object) -> None:
    answer = sandbox.official.post("/v1/image_to_video", json=body)
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_a_body_over_48_mebibytes_is_refused_however_it_is_sent(sandbox: Sandbox) -> None:
    piece = b"x" * 1024 * 1024
    whole = sandbox.official.post("/v1/image_to_video", content=piece * 49)
    assert whole.status_code == 413
    pieces = sandbox.official.post("/v1/image_to_video", content=(piece for _ in range(49)))
    assert pieces.status_code == 413
    assert isinstance(pieces.json()["error"], str)


@pytest.mark.parametrize("value", [None, "", "Bearer", "Basic abc", "key_test"])
def test_no_key_is_refused_in_each_roots_words(sandbox: Sandbox, value: str | None) -> None:
    headers = {"X-Runway-Version": "2024-11-06"}
    if value is not None:
        headers["Authorization"] = value
    for path in ("/v1/tasks/x", "/v1/organization"):
        answer = httpx.get(sandbox.url + path, headers=headers)
        assert answer.status_code == 401
        assert isinstance(answer.json()["error"], str)
    for root in ("", "/runwayml"):
        answer = httpx.post(
            f"{sandbox.url}{root}/v1/image_to_video", headers=headers, json=image_body()
        )
        assert answer.status_code == 401
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "code"}
    assert (error["type"], error["code"]) == ("new_api_error", "")


def test_only_the_set_key_is_taken(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=1, key="key_right")
    right = {"Authorization": "Bearer key_right"}
    for root in (sandbox.official, sandbox.relay):
        assert root.post("/v1/image_to_video", json=image_body()).status_code == 401
        answer = root.post("/v1/image_to_video", json=image_body(), headers=right)
        assert answer.status_code == 200


def test_the_official_root_wants_the_version_header(sandbox: Sandbox) -> None:
    key = {"Authorization": OFFICIAL_HEADERS["Authorization"]}
    for headers in (key, key | {"X-Runway-Version": "2023-01-01"}):
        answer = httpx.post(f"{sandbox.url}/v1/image_to_video", headers=headers, json=image_body())
        assert answer.status_code == 400
        assert "X-Runway-Version" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/tasks", 404),
        ("GET", "/v1/tasks/", 404),
        ("POST", "/v1/image_to_video/", 404),
        ("POST", "/v2/image_to_video", 404),
        ("GET", "/runwayml/v1/nothing", 404),
        ("GET", "/v1/image_to_video", 405),
    ],
)
def test_unknown_paths_and_methods_are_told_as_json(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, sandbox.url + path, headers=OFFICIAL_HEADERS)
    assert answer.status_code == status
    assert "error" in answer.json()


def test_an_unknown_task_is_not_found_at_both_roots(sandbox: Sandbox) -> None:
    for root in (sandbox.official, sandbox.relay):
        for task_id in ("17f20503-6c24-4c16-946b-35dbbce2af2f", "..%2Fembedded", "x"):
            answer = root.get(f"/v1/tasks/{task_id}")
            assert answer.status_code == 404
            assert "error" in answer.json()
