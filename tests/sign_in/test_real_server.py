"""The real app with people, asked by those who are no browser: pages, routes and the live connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from runway_core.people import Actor, Person, Role
from runway_core.studio import Studio
from tests.browser.conftest import App
from tests.builders import new_task
from tests.house import PAGES
from tests.sign_in.live import Tab, fragments, tab
from tests.team import person, token

SECRET = "CANARY of a secret film"
FORM = ("Sign in", "entrance.name", "entrance.password")


class Desk:
    """A running app with people, each with a video that nobody else may see."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.studio: Studio = app.studio()
        self.ada = self.somebody("Ada")

    def somebody(self, name: str) -> Person:
        made = person(self.studio, name, Role.ADMIN)
        own, sandbox = self.studio.acting_as(Actor.of(made)), self.studio.connections.all()[0]
        new = new_task(prompt=SECRET, connection_id=sandbox.id, profile="sandbox")
        own.store.tasks.add(new)
        return made

    def cookie(self, who: Person) -> str:
        return f"desk={token(self.studio, who)}"

    @contextmanager
    def tab(self, cookie: str = "", **way: str) -> Iterator[Tab]:
        with tab(self.app.port, cookie=cookie, **way) as opened:
            yield opened


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("desk") / "home"
    home.mkdir()
    app = App(home)
    made = Desk(app)
    app.start()
    yield made
    app.kill()
    made.studio.close()


def shows_only_the_form(shown: str) -> bool:
    assert SECRET not in shown and "Ada" not in shown
    assert "exception" not in shown.lower()
    return all(words in shown for words in FORM) and "page_link" not in shown


ADDRESSES = sorted({path.stem for path in PAGES.glob("*.py")} | {"", "home", "setup", "sign-out"})


@pytest.mark.parametrize("page", ADDRESSES)
def test_a_stranger_sees_nothing_but_the_form_at_any_address(desk: Desk, page: str) -> None:
    with desk.tab() as stranger:
        assert shows_only_the_form(stranger.show(page))


def test_over_http_every_page_is_the_same_empty_document(desk: Desk) -> None:
    with httpx.Client(base_url=desk.app.url, trust_env=False) as client:
        pages = {client.get(f"/{page}").text for page in ADDRESSES}
        assert len(pages) == 1
        (page,) = pages
        assert SECRET not in page and "Ada" not in page
        assert client.get("/").headers["cache-control"] == "no-store"
        for path in ("/media/x.png", "/_stcore/upload_file/a/b", "/app/static/desk/asset/x"):
            assert client.get(path).status_code == 401, path
        assert client.get("/_stcore/metrics").status_code == 404
        assert set(client.get("/_stcore/health").text) == set("ok")
        assert client.get("/healthz").json().keys() == {"alive", "ready"}


def test_what_a_client_makes_up_shows_nothing_more(desk: Desk) -> None:
    with desk.tab(desk.cookie(desk.ada)) as own:
        shown = own.show("history")
        assert SECRET in shown and "entrance.name" not in shown
    assert fragments(shown)
    with desk.tab() as stranger:
        assert shows_only_the_form(stranger.show("history", query_string="desk=x&token=y&embed=1"))
        for fragment in fragments(shown):
            stranger.ask("history", fragment_id=fragment)
        assert shows_only_the_form(stranger.show("history"))


@pytest.mark.parametrize("forged", ["", "x", "'; --", "../../x", "A" * 3_000])
def test_a_made_up_cookie_is_nobodys(desk: Desk, forged: str) -> None:
    for name in ("desk", "__Host-desk", "streamlit_authenticator", "_streamlit_user"):
        with desk.tab(f"{name}={forged}") as stranger:
            assert shows_only_the_form(stranger.show("history"))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "http://evil.example"),
        ("localhost", "http://localhost:9999"),
        ("localhost", "null"),
        ("evil.example", ""),
        ("desk.example.com", ""),
    ],
)
def test_another_page_or_name_gets_no_live_connection(desk: Desk, host: str, origin: str) -> None:
    held = desk.cookie(desk.ada)
    with pytest.raises(InvalidStatus) as refused, desk.tab(held, host=host, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_live_tab_ends_with_its_session(desk: Desk) -> None:
    held = desk.cookie(desk.somebody("Mo"))
    with desk.tab(held) as open_tab:
        assert SECRET in open_tab.show("history")
        desk.studio.sign_in.sign_out(held.partition("=")[2])
        assert shows_only_the_form(open_tab.show("history"))
    with desk.tab(held) as replayed:
        assert shows_only_the_form(replayed.show("history"))


@pytest.mark.parametrize("part", [0, 1])  # of the page: what tells of ends, and the videos
def test_a_live_tab_of_a_disabled_person_shows_the_form_whatever_is_clicked(
    desk: Desk, part: int
) -> None:
    bo = desk.somebody(f"Bo {part}")
    with desk.tab(desk.cookie(bo)) as open_tab:
        shown = open_tab.show("history")
        assert SECRET in shown
        parts = fragments(shown)
        assert len(parts) == 2
        desk.studio.people.disable(bo)
        assert shows_only_the_form(open_tab.show("history", fragment_id=parts[part]))
        assert shows_only_the_form(open_tab.show("settings"))
        desk.studio.people.enable(bo)
        assert shows_only_the_form(open_tab.show("settings"))


def test_a_change_of_role_holds_in_a_live_tab(desk: Desk) -> None:
    cy = desk.somebody("Cy")
    with desk.tab(desk.cookie(cy)) as open_tab:
        assert "team.add" in open_tab.show("team")
        desk.studio.people.set_role(cy, Role.VIEWER)
        assert "team.add" not in open_tab.show("team")


def test_the_log_holds_no_token(desk: Desk) -> None:
    held = desk.cookie(desk.ada)
    with desk.tab(held) as own:
        own.show("history")
    assert held.partition("=")[2] not in desk.app.log.read_text()
