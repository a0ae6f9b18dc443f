"""Who gets what once there are people: over real HTTP, with and without a session, from here and from elsewhere."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
import time_machine
from PIL import Image
from starlette.types import Message, Receive, Scope, Send

from runway_core.people import Actor, Person, Role
from runway_core.studio.sign_in import CODE_LASTS
from runway_core.web.auth import BODY_MOST, ENTRY
from runway_core.web.guard import BROKEN, FOREIGN, REFUSAL, SIGN_IN, UNKNOWN_NAME, Door
from runway_core.web.runtime import runtime
from tests.team import person, token
from tests.web.conftest import Kept, serving

HOST = "desk.example.com"
PROXIED = {"Host": HOST, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
"""As a TLS proxy on this machine hands a request on."""


@pytest.fixture
def desk(home: object) -> Iterator[httpx.Client]:
    """A server for others too."""
    with serving(hosts=frozenset({HOST}), exposed=True) as client:
        yield client


@pytest.fixture
def ada(home: object) -> Person:
    return person(runtime().studio, "Ada", Role.ADMIN)


@pytest.fixture
def mo(ada: Person) -> Person:
    return person(runtime().studio, "Mo")


def cookie(who: Person, name: str = "desk") -> dict[str, str]:
    return {"Cookie": f"{name}={token(runtime().studio, who)}"}


def own_page(client: httpx.Client) -> dict[str, str]:
    """What a browser says of a request that one of our pages sends."""
    return {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}


# --- without a session -------------------------------------------------------------------------

PRIVATE = ["/app/static/desk/x/0/video.mp4", "/app/static/desk/asset/x", "/media/abc.png"]
PRIVATE += ["/_stcore/upload_file/x/y", "/component/x/index.html", "/nowhere/at/all", "/a.txt"]
PRIVATE += ["/app/static/x.mp4", "/_stcore/", "/_stcore/stream/x", "/oauth2callback/x"]


@pytest.mark.parametrize("path", PRIVATE)
def test_whatever_is_not_the_form_takes_a_session(
    desk: httpx.Client, ada: Person, path: str
) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "POST", "OPTIONS"):
        answer = desk.request(method, path, headers=own_page(desk))
        assert answer.status_code == 401 and answer.text in (SIGN_IN, ""), method
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent", "/_stcore/agent/interact"])
def test_what_nobody_needs_is_not_there(desk: httpx.Client, ada: Person, path: str) -> None:
    for headers in ({}, cookie(ada)):
        assert desk.get(path, headers=headers).status_code == 404


def test_a_kept_video_is_for_whoever_may_see_it_and_else_not_there(
    desk: httpx.Client, kept: Kept, ada: Person, mo: Person
) -> None:
    missing = kept.url.replace(kept.task_id, "00000000-0000-0000-0000-000000000000")
    for url in (kept.url, kept.poster_url):
        assert desk.get(url).status_code == 401
        assert desk.get(url, headers=cookie(ada)).status_code == 200
        not_mine = desk.get(url, headers=cookie(mo))
        not_there = desk.get(url.replace(kept.task_id, "0" * 36), headers=cookie(mo))
        assert (not_mine.status_code, not_mine.text) == (404, not_there.text)
        assert {*not_mine.headers} == {*not_there.headers}
    assert desk.get(missing, headers=cookie(ada)).status_code == 404
    seen = desk.get(kept.url, headers=cookie(ada)).headers
    assert "private" in seen["cache-control"] and seen["vary"] == "Cookie"


def test_a_brought_picture_is_for_whoever_brought_it(
    desk: httpx.Client, ada: Person, mo: Person
) -> None:
    photo = BytesIO()
    Image.radial_gradient("L").resize((400, 300)).save(photo, "PNG")
    mine = runtime().studio.acting_as(Actor.of(mo)).assets.add(photo.getvalue(), filename="a.png")
    other = person(runtime().studio, "Bo")
    for url in (
        f"/app/static/desk/picture/{mine.sha256}.jpg",
        f"/app/static/desk/asset/{mine.sha256}",
    ):
        assert desk.get(url, headers=cookie(mo)).status_code == 200
        assert desk.get(url, headers=cookie(other)).status_code == 404
        assert desk.get(url).status_code == 401


def test_strangers_are_told_no_more_than_that_it_is_alive(
    desk: httpx.Client, kept: Kept, ada: Person
) -> None:
    assert desk.get("/healthz").json() == {"alive": True, "ready": False}
    assert desk.get("/healthz", headers=cookie(ada)).json()["open"] == 0


# --- names, addresses and other pages ----------------------------------------------------------


def test_other_machines_are_served_under_the_allowed_names_alone(
    desk: httpx.Client, ada: Person
) -> None:
    assert desk.get("/", headers=PROXIED).status_code == 200
    assert desk.get("/", headers={"Host": f"{HOST.upper()}:8443"}).status_code == 200
    for name in ("evil.example", f"evil.{HOST}", f"{HOST}.evil.example", "203.0.113.7", "", "[::"):
        answer = desk.get("/", headers=PROXIED | {"Host": name})
        assert (answer.status_code, answer.text) in ((403, UNKNOWN_NAME), (400, answer.text)), name


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"]
)
def test_with_nobody_set_up_a_proxy_on_this_machine_is_refused(
    client: httpx.Client, header: str
) -> None:
    assert client.get("/").status_code == 200
    answer = client.get("/", headers={header: "127.0.0.1"})
    assert (answer.status_code, answer.text) == (403, REFUSAL)


def test_an_open_app_is_open_no_more_from_the_first_person_on(
    client: httpx.Client, kept: Kept
) -> None:
    assert client.get(kept.url).status_code == 200
    ada = person(runtime().studio, "Ada", Role.ADMIN)
    assert client.get(kept.url).status_code == 401
    assert (
        client.get(kept.url, headers=cookie(ada)).status_code == 200
    )  # it is the first admin's now


def test_a_server_for_others_serves_nobody_without_people(desk: httpx.Client, kept: Kept) -> None:
    assert desk.get(kept.url).status_code == 401
    assert desk.get("/", headers=PROXIED).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "websocket"])
@pytest.mark.parametrize(
    ("origin", "site", "served"),
    [
        ("http://localhost:8501", "same-origin", True),
        ("http://localhost:8501", None, True),
        (None, "none", True),
        (None, None, True),
        ("http://localhost:9999", None, False),
        ("http://localhost:8501.evil.example", None, False),
        ("https://evil.example", "cross-site", False),
        ("null", None, False),
        (None, "cross-site", False),
        (None, "same-site", False),
    ],
)
def test_other_pages_send_nothing(
    home: object, scheme: str, origin: str | None, site: str | None, served: bool
) -> None:
    found = {"host": "localhost:8501", "origin": origin, "sec-fetch-site": site}
    headers = [(k.encode(), v.encode()) for k, v in found.items() if v is not None]
    path = "/_stcore/stream" if scheme == "websocket" else "/auth/complete"
    scope: dict[str, Any] = {"type": scheme, "path": path, "headers": headers}
    scope |= {"client": ("127.0.0.1", 5), "method": "POST"}
    assert _lets_in(scope) is served


def _lets_in(scope: Scope) -> bool:
    inside: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        inside.append(scope)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    said: list[Message] = []
    asyncio.run(Door(app)(scope, receive, send))
    assert bool(inside) is not any(FOREIGN.encode() in m.get("body", b"") for m in said)
    return bool(inside)


@pytest.mark.parametrize("begun", [False, True])
def test_a_fault_that_nobody_thought_of_is_answered_strictly_and_tells_nothing(
    begun: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError("of the inside")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    said: list[Message] = []
    scope: dict[str, Any] = {"type": "http", "path": "/", "method": "GET"}
    scope |= {"headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 5)}
    if begun:  # nothing can be taken back any more: the server cuts the connection
        with pytest.raises(ZeroDivisionError):
            asyncio.run(Door(app)(scope, receive, send))
        return
    asyncio.run(Door(app)(scope, receive, send))
    assert said[0]["status"] == 500 and said[1]["body"] == BROKEN.encode()
    assert b"content-security-policy" in dict(said[0]["headers"])
    assert "of the inside" in caplog.text


def test_a_foreign_page_opens_no_live_connection(desk: httpx.Client, ada: Person) -> None:
    own = f"http://127.0.0.1:{desk.base_url.port}"
    assert _handshake(desk, own).startswith(b"HTTP/1.1 101")
    for origin in ("http://evil.example", "http://localhost:9999", "null"):
        assert _handshake(desk, origin).startswith(b"HTTP/1.1 403")


def _handshake(client: httpx.Client, origin: str) -> bytes:
    """A WebSocket to the one path of Streamlit's that takes no session; here it is ours."""
    key = base64.b64encode(os.urandom(16)).decode()
    where = (client.base_url.host, client.base_url.port or 0)
    lines = ["GET /talk HTTP/1.1", f"Host: 127.0.0.1:{where[1]}", f"Origin: {origin}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}"]
    with socket.create_connection(where, timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "Sec-WebSocket-Version: 13", "", ""]).encode())
        return connection.recv(65536).split(b"\r\n")[0]


# --- the cookie --------------------------------------------------------------------------------


def begin(client: httpx.Client, **headers: str) -> tuple[str, str]:
    """Open a page as a new browser does; gives its own cookie's name and value."""
    given = client.get("/document", headers=headers)
    client.cookies.clear()
    name, _, rest = given.headers["set-cookie"].partition("=")
    return name, rest.split(";")[0]


def complete(client: httpx.Client, who: Person, **headers: str) -> httpx.Response:
    name, browser = begin(client, **{k: v for k, v in headers.items() if k != "Origin"})
    code = runtime().studio.sign_in.code_for(who, browser)
    own = {"Cookie": f"{name}={browser}"} | own_page(client) | headers
    return client.post("/auth/complete", json={"code": code}, headers=own)


def flags(answer: httpx.Response) -> list[str]:
    return answer.headers["set-cookie"].split("; ")[1:]


def test_the_cookie_of_a_sign_in_is_out_of_reach_of_scripts_and_other_sites(
    desk: httpx.Client, ada: Person
) -> None:
    answer = complete(desk, ada)
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith("desk=")
    assert sorted(flags(answer)) == ["HttpOnly", "Path=/", "SameSite=strict"]
    held = answer.headers["set-cookie"].partition(";")[0]
    assert desk.get("/healthz", headers={"Cookie": held}).json().get("database") == "ok"


def test_over_https_it_is_bound_to_the_host_and_the_browser_stays_with_https(
    desk: httpx.Client, ada: Person
) -> None:
    answer = complete(desk, ada, **PROXIED, Origin=f"https://{HOST}")
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith("__Host-desk=")
    assert sorted(flags(answer)) == ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert f"wss://{HOST}" in answer.headers["content-security-policy"]
    plain = answer.headers["set-cookie"].partition(";")[0].replace("__Host-", "")
    told = desk.get("/healthz", headers=PROXIED | {"Cookie": plain}).json()
    assert told == {"alive": True, "ready": False}  # over https only the bound one counts


def test_a_code_works_once_in_its_own_browser_and_not_for_long(
    desk: httpx.Client, ada: Person
) -> None:
    name, browser = begin(desk)
    sign_in, own = runtime().studio.sign_in, own_page(desk)

    def send(code: object, browser: str = browser, **headers: str) -> int:
        sent = {"Cookie": f"{name}={browser}"} | own | headers
        answer = desk.post("/auth/complete", json={"code": code}, headers=sent)
        assert answer.status_code == 204 or "set-cookie" not in answer.headers
        return answer.status_code

    code = sign_in.code_for(ada, browser)
    assert [send(code), send(code)] == [204, 403]
    assert send(sign_in.code_for(ada, browser), "another browser") == 403
    assert send(sign_in.code_for(ada, browser), "") == 403
    assert send(sign_in.code_for(ada, browser), Origin="http://evil.example") == 403
    for nonsense in (None, 5, ["x"], "", "x" * 2 * BODY_MOST):
        assert send(nonsense) == 403
    late = sign_in.code_for(ada, browser)
    with time_machine.travel(datetime.now(UTC) + CODE_LASTS):
        assert send(late) == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 1_000, b"null", b"{}"])
def test_anything_else_in_the_body_is_refused(desk: httpx.Client, ada: Person, body: bytes) -> None:
    for path, status in (("/auth/complete", 403), ("/auth/sign-out", 204)):
        assert desk.post(path, content=body, headers=own_page(desk)).status_code == status
        assert desk.post(path, content=body).status_code == 403  # nobody says who sends it
    assert desk.get("/auth/complete").status_code == 405


def test_after_sign_out_the_cookie_and_every_copy_of_it_open_nothing(
    desk: httpx.Client, kept: Kept, ada: Person
) -> None:
    held = cookie(ada)
    assert desk.get(kept.url, headers=held).status_code == 200
    refused = desk.post("/auth/sign-out", headers=held | {"Origin": "http://evil.example"})
    assert refused.status_code == 403 and desk.get(kept.url, headers=held).status_code == 200
    left = desk.post("/auth/sign-out", headers=held | own_page(desk))
    assert left.status_code == 204
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert 'desk=""' in left.headers["set-cookie"] and "Max-Age=0" in left.headers["set-cookie"]
    assert desk.get(kept.url, headers=held).status_code == 401


def test_who_is_disabled_gets_nothing_from_the_next_request_on(
    desk: httpx.Client, ada: Person, mo: Person
) -> None:
    held = cookie(mo)
    assert desk.get("/nowhere/at/all", headers=held).status_code == 404
    runtime().studio.people.disable(mo)
    assert desk.get("/nowhere/at/all", headers=held).status_code == 401


def test_the_script_of_the_pages_is_served_as_one(desk: httpx.Client) -> None:
    answer = desk.get("/auth/entry.js")
    assert answer.content == ENTRY
    assert answer.headers["content-type"].startswith("text/javascript")


def test_nothing_is_loaded_or_run_from_elsewhere(desk: httpx.Client) -> None:
    policy = desk.get("/").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'" and rules["object-src"] == "'none'"
    assert rules["base-uri"] == "'none'" and rules["form-action"] == "'self'"
    assert "unsafe-inline" not in rules["script-src"] and "'unsafe-eval'" not in policy
    own = f"ws://127.0.0.1:{desk.base_url.port}"
    assert rules["connect-src"].split() == ["'self'", own]
    assert "http" not in policy and "*" not in policy
    hostile = desk.get("/", headers={"Host": "localhost; script-src *"})
    assert "*" not in hostile.headers["content-security-policy"]
