"""Links to videos: fresh, expiring, in parts."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.sandbox.conftest import Sandbox, StartSandbox, create, image_body, look, wait_for


def claims(url: str) -> dict[str, object]:
    token = parse_qs(urlsplit(url).query)["_jwt"][0]
    header, payload, signature = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "HS256"
    assert signature
    return dict(json.loads(base64.urlsafe_b64decode(payload + "==")))


def finished(sandbox: Sandbox) -> tuple[str, str]:
    """Make a video; return the task's id and the link."""
    task_id = create(sandbox.relay, image_body())
    return task_id, wait_for(sandbox.relay, task_id, "SUCCEEDED")["output"][0]


def test_every_look_gives_a_fresh_link_on_the_host_that_was_asked(sandbox: Sandbox) -> None:
    task_id, url = finished(sandbox)
    again = look(sandbox.relay, task_id)["output"][0]
    assert url != again
    assert url.split("?")[0] == again.split("?")[0] == f"{sandbox.url}/outputs/{task_id}.mp4"
    port = urlsplit(sandbox.url).port
    named = httpx.get(
        f"http://localhost:{port}/runwayml/v1/tasks/{task_id}", headers=sandbox.relay.headers
    )
    assert named.json()["output"][0].startswith(f"http://localhost:{port}/outputs/")
    assert httpx.get(url).content == httpx.get(again).content
    expires = claims(url)["exp"]
    assert isinstance(expires, int)
    assert 86_000 < expires - time.time() <= 86_400


def test_a_link_expires_and_the_next_look_gives_one_that_works(
    start_sandbox: StartSandbox,
) -> None:
    expiring = start_sandbox(output_ttl=0)
    task_id, url = finished(expiring)
    late = httpx.get(url)
    assert late.status_code == 403
    assert b"ftyp" not in late.content
    expiring.stop()
    renewed = start_sandbox(expiring.folder)
    fresh = look(renewed.relay, task_id)["output"][0]
    assert httpx.get(fresh).status_code == 200
    old = urlsplit(url)
    assert httpx.get(f"{renewed.url}{old.path}?{old.query}").status_code == 403


def test_a_wrong_token_is_refused(sandbox: Sandbox) -> None:
    task_id, url = finished(sandbox)
    other_id, other_url = finished(sandbox)
    path = f"{sandbox.url}/outputs/{task_id}.mp4"
    token = parse_qs(urlsplit(url).query)["_jwt"][0]
    head, payload, signature = token.split(".")
    longer = base64.urlsafe_b64encode(
        json.dumps(claims(url) | {"exp": 9_999_999_999}).encode()
    ).decode()
    wrong = ["", "x", "a.b.c", "ü", f"{head}.{longer.rstrip('=')}.{signature}"]
    wrong += [f"{head}.{payload}.", parse_qs(urlsplit(other_url).query)["_jwt"][0]]
    for token in wrong:
        assert httpx.get(path, params={"_jwt": token}).status_code == 403
    assert httpx.get(path).status_code == 403
    assert httpx.get(f"{sandbox.url}/outputs/..%2Flink-secret?_jwt=x").status_code in (403, 404)
    assert other_id != task_id


def test_a_part_of_a_video_can_be_asked_for(sandbox: Sandbox) -> None:
    _, url = finished(sandbox)
    whole = httpx.get(url)
    assert whole.headers["content-length"] == str(len(whole.content))
    assert whole.headers["accept-ranges"] == "bytes"
    part = httpx.get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    rest = httpx.get(url, headers={"Range": f"bytes={len(whole.content) - 10}-"})
    assert rest.content == whole.content[-10:]
    assert httpx.get(url, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert httpx.head(url).headers["content-length"] == str(len(whole.content))
