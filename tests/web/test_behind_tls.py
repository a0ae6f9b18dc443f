"""The real app behind a proxy that ends TLS, with an authority of its own: cookies, headers, the live connection."""

from __future__ import annotations

import hashlib
import re
import ssl
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from runway_core.domain import TaskStatus
from runway_core.errors import SignInError
from runway_core.people import Actor, Role
from tests.builders import NOW, artifact, connection, new_task
from tests.house import ROOT
from tests.http.test_tls import Authority
from tests.web.tls_site import HOST, PASSWORD, Site, cookies, serving

YEAR = 31_536_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site") / "desk"
    everybody = {"bob": Role.MAKER, "cy": Role.MAKER, "di": Role.VIEWER}
    with serving(folder, authority, ann=Role.ADMIN, **everybody) as made:
        yield made


def test_our_cookies_stay_with_this_host_and_away_from_scripts(site: Site) -> None:
    for given in site.sign_in():
        assert given.key.startswith("__Host-")
        assert given["secure"] and given["httponly"]
        assert given["path"] == "/" and not given["domain"]
        assert given["samesite"].lower() in ("strict", "lax")
        assert not given["max-age"] and not given["expires"]  # kept until the browser is closed


def test_a_sign_in_ends_the_session_that_the_browser_was_in(site: Site) -> None:
    _, before = site.sign_in()
    _, after = site.sign_in(held=before.value)
    path = "/app/static/desk/none/0/video.mp4"
    assert site.ask("GET", path, Cookie=f"{after.key}={after.value}").status_code == 404
    assert site.ask("GET", path, Cookie=f"{before.key}={before.value}").status_code == 401


def test_streamlits_cookies_go_over_https_alone_too(site: Site) -> None:
    given = [
        cookie
        for path in ("/", "/_stcore/health")
        for cookie in cookies(site.ask("GET", path)).values()
    ]
    assert given and all(cookie["secure"] for cookie in given)


def test_every_answer_keeps_browsers_on_https_for_a_year(site: Site) -> None:
    asked = [
        ("GET", "/"),
        ("GET", "/history"),
        ("GET", "/nowhere/at/all"),
        ("GET", "/_stcore/health"),
    ]
    asked += [
        ("GET", "/app/static/desk/none/0/video.mp4"),
        ("POST", "/auth/complete"),
        ("PUT", "/"),
    ]
    for method, path in asked:
        found = site.ask(method, path).headers.get("strict-transport-security", "")
        age = re.search(r"max-age=(\d+)", found)
        assert age and int(age[1]) >= YEAR, (method, path)


ANSWERS = [
    "/",
    "/history",
    "/_stcore/host-config",
    "/app/static/desk/none/0/video.mp4",
    "/auth/entry.js",
]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_tells_the_browser_to_be_strict(site: Site, path: str) -> None:
    for origin in (site.origin, "https://evil.test"):
        told = site.ask("GET", path, Origin=origin).headers
        policy = dict(part.split(" ", 1) for part in told["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {
            "'none'"
        }
        assert not re.search(
            r"unsafe-(inline|eval)(?<!wasm-unsafe-eval)'|http|\*", policy["script-src"]
        )
        assert told["x-content-type-options"] == "nosniff"
        assert told["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in told
        if told["content-type"].startswith(("text/html", "application/json")):
            assert told["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": f"https://{HOST}.evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=str,
)
def test_no_other_site_changes_anything(site: Site, sent: dict[str, str]) -> None:
    _, session = site.sign_in()
    held = {"Cookie": f"{session.key}={session.value}"}
    assert site.ask("POST", "/auth/sign-out", **held, **sent).status_code == 403
    assert site.ask("PUT", "/_stcore/upload_file/a/b", **held, **sent).status_code == 403
    assert site.ask("GET", "/app/static/desk/none/0/video.mp4", **held).status_code == 404


def test_the_live_connection_works_and_shows_whoever_has_no_cookie_the_form_alone(
    site: Site,
) -> None:
    _, session = site.sign_in()
    inside = site.page(cookie=f"{session.key}={session.value}")
    assert "Generate" in inside
    outside = site.page()
    assert "Sign in" in outside and "Generate" not in outside


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://localhost:9999"])
def test_no_other_site_opens_a_live_connection(site: Site, origin: str) -> None:
    _, session = site.sign_in()
    with pytest.raises(InvalidStatus) as refused:
        site.page(origin=origin, cookie=f"{session.key}={session.value}")
    assert refused.value.response.status_code == 403


def test_a_session_that_was_ended_ends_everywhere_and_the_browser_forgets(site: Site) -> None:
    _, session = site.sign_in()
    held = {"Cookie": f"{session.key}={session.value}", "Origin": site.origin}
    assert site.ask("GET", "/app/static/desk/none/0/video.mp4", **held).status_code == 404
    answer = site.ask("POST", "/auth/sign-out", **held)
    assert answer.status_code == 204
    assert '"cache"' in answer.headers["clear-site-data"]
    assert '"storage"' in answer.headers["clear-site-data"]
    assert cookies(answer)[session.key].value == ""
    assert site.ask("GET", "/app/static/desk/none/0/video.mp4", **held).status_code == 401
    assert "Sign in" in site.page(cookie=held["Cookie"])


def test_each_sign_in_has_a_token_of_its_own_that_is_kept_as_a_hash_alone(site: Site) -> None:
    tokens = [site.sign_in()[1].value for _ in range(3)]
    assert len(set(tokens)) == 3
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 256 bits in base64
    files = [path for path in site.app.home.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    assert [token for token in tokens if token.encode() in kept] == []
    assert hashlib.sha256(tokens[0].encode()).hexdigest().encode() in kept


def keep_video(site: Site, name: str) -> tuple[str, bytes]:
    """A finished video of somebody; its id, and what is in its file."""
    studio, content = site.app.studio(), f"a video of {name}".encode()
    studio.store.connections.add_once(connection())
    own = studio.acting_as(Actor.of(studio.people.by_name(name)))
    new, made = new_task(), artifact(content)
    assert own.store.tasks.add(new)
    studio.store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED)
    studio.store.tasks.attach(new.id, [made], now=NOW)
    studio.archive.take_back(made.path, BytesIO(content))
    studio.close()
    return new.id, content


def test_a_video_is_served_to_those_who_may_see_it_and_is_not_there_for_others(site: Site) -> None:
    task_id, content = keep_video(site, "cy")
    held = {who: site.sign_in(who)[1] for who in ("ann", "cy", "di")}
    path = f"/app/static/desk/{task_id}/0/video.mp4"

    def asked(who: str, at: str = path) -> tuple[int, bytes]:
        answer = site.ask("GET", at, Cookie=f"{held[who].key}={held[who].value}")
        return answer.status_code, answer.content

    assert asked("cy") == asked("ann") == (200, content)  # the maker, and an admin
    assert asked("di") == asked("di", f"/app/static/desk/{uuid.uuid4()}/0/video.mp4")
    assert asked("di")[0] == 404
    assert site.ask("GET", path).status_code == 401
    studio = site.app.studio()
    studio.acting_as(Actor.of(studio.people.by_name("cy"))).tasks.share(task_id, True)
    studio.close()
    assert asked("di") == (200, content)


def test_a_disabled_person_is_out_at_once_and_not_in_again(site: Site) -> None:
    _, session = site.sign_in("bob")
    held = {"Cookie": f"{session.key}={session.value}"}
    assert site.ask("GET", "/app/static/desk/none/0/video.mp4", **held).status_code == 404
    studio = site.app.studio()
    studio.people.disable(studio.people.by_name("bob"))
    assert site.ask("GET", "/app/static/desk/none/0/video.mp4", **held).status_code == 401
    assert "Sign in" in site.page(cookie=held["Cookie"])
    with pytest.raises(SignInError, match="name or the password"):
        studio.sign_in.check("bob", PASSWORD)
    studio.close()


LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|sqlalchemy|SELECT |desk\.db|master\.key"
)
STRANGE = [
    "/.git/HEAD",
    "/.git/config",
    "/.streamlit/config.toml",
    "/.streamlit/secrets.toml",
    "/app.py",
    "/runway_core/vault/vault.py",
    "/app/static/app.py",
    "/app/static/desk/../../../../app.py",
    "/app/static/desk/%2e%2e%2f%2e%2e%2fdesk.db/0/video.mp4",
    "/app/static/desk/none/99999999999999999999/video.mp4",
    "/app/static/desk/asset/" + "x" * 3000,
    "/media/none.mp4",
    "/component/none/index.html",
    "/_stcore/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/upload_file/none/none",
    "/webhooks/none/none",
    "/%00",
    "/%ff%fe",
    "//evil.test/",
    "/?" + "a" * 6000,
]


@pytest.mark.parametrize("who", ["anybody", "somebody who is signed in"])
def test_nothing_strange_that_is_asked_for_tells_of_the_inside(site: Site, who: str) -> None:
    held = {"Origin": site.origin}
    if who != "anybody":
        _, session = site.sign_in()
        held["Cookie"] = f"{session.key}={session.value}"
    for path in STRANGE:
        for method in ("GET", "POST", "DELETE"):
            answer = site.ask(method, path, **held)
            assert answer.status_code < 500, (method, path)
            assert LEAKS.search(answer.text) is None, (method, path, answer.text[:300])
            assert not any(line in answer.text for line in secrets_of_the_checkout()), path
            assert "location" not in answer.headers or re.match(
                r"/(?!/)", answer.headers["location"]
            )
            named = answer.headers.get("content-type", "charset=utf-8")
            assert not answer.content or "content-type" in answer.headers
            assert not named.startswith("text/") or "charset=utf-8" in named.lower()


def secrets_of_the_checkout() -> list[str]:
    """A line of each file that nobody may be served."""
    lines = [(ROOT / ".streamlit/config.toml").read_text("utf-8").splitlines()[0]]
    lines += [(ROOT / "app.py").read_text("utf-8").splitlines()[0]]
    head = ROOT / ".git" / "HEAD"
    return [*lines, *([head.read_text("utf-8").strip()] if head.is_file() else [])]


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.test"}, {"Host": "desk.test.evil.test"}, {"Host": ""}]
)
def test_no_other_name_is_served(site: Site, headers: dict[str, str]) -> None:
    answer = site.ask("GET", "/", **headers)
    assert answer.status_code in (400, 403)
    assert "Streamlit" not in answer.text


def test_a_browser_that_does_not_trust_the_authority_sends_nothing(site: Site) -> None:
    stranger = Site(site.app, site.port, ssl.create_default_context())
    with pytest.raises(httpx.ConnectError):
        stranger.ask("GET", "/")


def test_the_log_of_all_this_has_no_secret(site: Site) -> None:
    _, session = site.sign_in()
    log: Path = site.app.log
    said = log.read_text("utf-8", "replace")
    assert session.value not in said and PASSWORD not in said


def test_a_new_home_that_others_can_reach_lets_nobody_in(
    tmp_path: Path, authority: Authority
) -> None:
    with serving(tmp_path / "new", authority) as site:
        assert site.ask("GET", "/app/static/desk/none/0/video.mp4").status_code == 401
        drawn = site.page()
        assert "Set up Runway Desk" in drawn and "Generate" not in drawn
        studio = site.app.studio()
        for name in ("admin", "root", "desk", "user", ""):
            with pytest.raises(SignInError):
                studio.sign_in.check(name, name or "admin")
        assert studio.people.all() == []
        studio.close()
