"""Files that are uploaded before they are used."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import (
    OFFICIAL_HEADERS,
    Sandbox,
    StartSandbox,
    create,
    data_uri,
    image_body,
    wait_for,
    wait_until,
)
from tests.sandbox.films import Seen, film, sound

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("state"), speed=300)
    yield sandbox
    sandbox.stop()


def slot(sandbox: Sandbox, filename: str = "clip.mp4") -> dict[str, Any]:
    answer = sandbox.official.post("/v1/uploads", json={"filename": filename, "type": "ephemeral"})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert set(said) == {"uploadUrl", "fields", "runwayUri"}
    assert all(isinstance(value, str) for value in said["fields"].values())
    return said


def fill(said: dict[str, Any], data: bytes, filename: str = "clip.mp4") -> httpx.Response:
    """Post a file as clients do: no key, the fields first, the file last."""
    return httpx.post(said["uploadUrl"], data=said["fields"], files={"file": (filename, data)})


def uploaded(sandbox: Sandbox, data: bytes, filename: str = "clip.mp4") -> str:
    said = slot(sandbox, filename)
    assert fill(said, data, filename).status_code == 204
    return str(said["runwayUri"])


def aleph(uri: str) -> dict[str, Any]:
    return {"model": "aleph2", "videoUri": uri}


def refusal(sandbox: Sandbox, body: dict[str, Any], path: str = "video_to_video") -> list[Any]:
    answer = sandbox.official.post(f"/v1/{path}", json=body)
    assert answer.status_code == 400
    return [issue["path"] for issue in answer.json()["issues"]]


def test_an_uploaded_video_is_used_like_any_other(sandbox: Sandbox) -> None:
    uri = uploaded(sandbox, film(2, size=(200, 120), fps=10))
    assert uri.startswith("runway://")
    task_id = create(sandbox.official, aleph(uri), "/v1/video_to_video")
    task = wait_for(sandbox.official, task_id, "SUCCEEDED", "FAILED")
    seen = Seen(httpx.get(task["output"][0]).content)
    assert (seen.size, seen.seconds) == ((200, 120), 2)
    assert task["cost"] == {"credits": 56}


def test_pictures_and_sounds_are_uploaded_too_each_for_its_own_use(sandbox: Sandbox) -> None:
    png = base64.b64decode(data_uri().partition(",")[2])
    image = uploaded(sandbox, png, "cat.PNG")
    create(sandbox.official, image_body(promptImage=image))
    create(sandbox.official, image_body(promptImage=[{"uri": image, "position": "first"}]))
    voice = uploaded(sandbox, sound(), "voice.wav")
    body = {"model": "seedance2", "promptText": "x"}
    heard = body | {"referenceAudio": [{"type": "audio", "uri": voice}]}
    create(sandbox.official, heard, "/v1/text_to_video")
    assert refusal(sandbox, aleph(image)) == [["videoUri"]]
    assert refusal(sandbox, image_body(promptImage=voice), "image_to_video") == [["promptImage"]]
    wrong = body | {"referenceAudio": [{"type": "audio", "uri": image}]}
    assert refusal(sandbox, wrong, "text_to_video") == [["referenceAudio", 0, "uri"]]


def test_the_same_rules_hold_for_what_was_uploaded(sandbox: Sandbox) -> None:
    long = uploaded(sandbox, film(31, size=(64, 64), fps=4))
    answer = sandbox.official.post("/v1/video_to_video", json=aleph(long))
    assert answer.json()["issues"][0]["message"] == "Asset duration must be at most 30 seconds"


def test_an_upload_of_another_key_or_of_nobody_or_an_empty_slot_is_refused(
    sandbox: Sandbox,
) -> None:
    uri = uploaded(sandbox, film())
    other = sandbox.official.post(
        "/v1/video_to_video",
        json=aleph(uri),
        headers=OFFICIAL_HEADERS | {"Authorization": "Bearer somebody-else"},
    )
    assert other.status_code == 400
    assert other.json()["issues"][0]["path"] == ["videoUri"]
    for unknown in (
        slot(sandbox)["runwayUri"],
        "runway://" + "a" * 32,
        "runway://../../link-secret",
        f"{uri}.json",
    ):
        assert refusal(sandbox, aleph(unknown)) == [["videoUri"]]


def test_an_upload_expires_and_its_file_goes_but_not_for_tasks_that_use_it(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox(speed=0.2, upload_ttl=1.0)
    uri = uploaded(sandbox, film(2))
    task_id = create(sandbox.official, aleph(uri), "/v1/video_to_video")
    wait_until(
        lambda: sandbox.official.post("/v1/video_to_video", json=aleph(uri)).status_code == 400
    )
    slot(sandbox)
    assert not (sandbox.folder / "uploads" / uri.removeprefix("runway://")).exists()
    sandbox.stop()
    again = start_sandbox(sandbox.folder, speed=500)
    task = wait_for(again.official, task_id, "SUCCEEDED", "FAILED")
    assert Seen(httpx.get(task["output"][0]).content).seconds == 2


def test_an_upload_outlives_a_restart(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=0.1)
    uri = uploaded(sandbox, film())
    sandbox.stop()
    again = start_sandbox(sandbox.folder, speed=0.1)
    create(again.official, aleph(uri), "/v1/video_to_video")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"filename": "a.mp4"}, ["type"]),
        ({"filename": "a.mp4", "type": "kept"}, ["type"]),
        ({"type": "ephemeral"}, ["filename"]),
        ({"filename": "ab", "type": "ephemeral"}, ["filename"]),
        ({"filename": "x" * 252 + ".mp4", "type": "ephemeral"}, ["filename"]),
        ({"filename": "notes.txt", "type": "ephemeral"}, ["filename"]),
        ({"filename": 5, "type": "ephemeral"}, ["filename"]),
    ],
)
def test_a_wrong_slot_is_refused_by_field(
    sandbox: Sandbox, body: dict[str, Any], path: list[str]
) -> None:
    answer = sandbox.official.post("/v1/uploads", json=body)
    assert answer.status_code == 400
    assert [issue["path"] for issue in answer.json()["issues"]] == [path]


def test_a_slot_needs_a_key(sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/v1/uploads", json={"filename": "a.mp4"})
    assert answer.status_code == 401


@pytest.mark.parametrize(("size", "status"), [(511, 400), (512, 204)])
def test_a_file_has_at_least_512_bytes(sandbox: Sandbox, size: int, status: int) -> None:
    said = slot(sandbox)
    answer = fill(said, b"x" * size)
    assert answer.status_code == status
    if status == 400:
        assert "EntityTooSmall" in answer.text
        assert refusal(sandbox, aleph(said["runwayUri"])) == [["videoUri"]]


def test_a_file_over_200_mebibytes_is_refused_and_not_kept(sandbox: Sandbox) -> None:
    said = slot(sandbox)

    def form() -> Iterator[bytes]:
        for name, value in said["fields"].items():
            head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            yield head.encode()
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        for _ in range(230):
            yield b"x" * MEBIBYTE
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = httpx.post(said["uploadUrl"], content=form(), headers=headers, timeout=60)
    assert (answer.status_code, "EntityTooLarge" in answer.text) == (400, True)
    assert refusal(sandbox, aleph(said["runwayUri"])) == [["videoUri"]]
    assert not list((sandbox.folder / "uploads").glob(".*"))


def test_the_file_host_takes_only_the_form_that_the_slot_told(sandbox: Sandbox) -> None:
    said, data = slot(sandbox), film()
    url, fields = said["uploadUrl"], said["fields"]
    files = {"file": ("a.mp4", data)}
    late = [(name, (None, value)) for name, value in fields.items()]
    first: list[Any] = [("file", ("a.mp4", data)), *late]
    answers = [
        httpx.post(url, files=files),
        httpx.post(url, data=fields | {"policy": "another"}, files=files),
        httpx.post(url, files=first),
        httpx.post(url, data=fields, files={"document": ("a.mp4", data)}),
        httpx.post(url, data=fields),
        httpx.post(url, content=data),
        httpx.post(url, content=b"--b", headers={"Content-Type": "multipart/form-data"}),
        httpx.post(f"{sandbox.url}/uploads/{'a' * 32}", data=fields, files=files),
    ]
    assert all(400 <= answer.status_code < 500 for answer in answers), answers
    assert all("<Error>" in answer.text for answer in answers)
    assert refusal(sandbox, aleph(said["runwayUri"])) == [["videoUri"]]
    assert fill(said, data).status_code == 204
    create(sandbox.official, aleph(said["runwayUri"]), "/v1/video_to_video")


def test_no_key_is_written_with_an_upload(sandbox: Sandbox) -> None:
    uploaded(sandbox, film())
    for path in (sandbox.folder / "uploads").iterdir():
        assert b"key_test" not in path.read_bytes()
