"""Signing in with an organisation's own account (OpenID Connect), against a service on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from runway_core.people import Role
from tests.browser.conftest import App
from tests.browser.test_sign_in import choose_in_menu, heading
from tests.sign_in.issuer import CLIENT, CLIENT_SECRET, Issuer
from tests.team import person


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[App]:
    """An app whose operator has named the service in the secrets of their own folder."""
    folder: Path = tmp_path_factory.mktemp("desk")
    (folder / "home").mkdir()
    app = App(folder / "home", HOME=str(folder))
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit/secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{app.url}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{CLIENT_SECRET}"\nlabel = "Sign in with Example"\n'
        f'server_metadata_url = "{issuer.url}/.well-known/openid-configuration"\n'
    )
    studio = app.studio()
    person(studio, "Ada", Role.ADMIN, "ada@example.org")
    person(studio, "Mo", email="mo@example.org")
    studio.close()
    app.start()
    yield app
    app.kill()


def press(page: Page, app: App) -> None:
    page.goto(app.url)
    heading(page, "Sign in")
    page.get_by_role("button", name="Sign in with Example").click()


def test_whoever_the_service_knows_gets_a_session_like_any_other(
    desk: App, issuer: Issuer, page: Page
) -> None:
    issuer.claims = {"email": "MO@example.org", "email_verified": True}
    press(page, desk)
    heading(page, "Create")
    expect(page.get_by_text("Mo", exact=True).first).to_be_visible()
    assert {"desk"} <= {str(c.get("name")) for c in page.context.cookies()}
    choose_in_menu(page, "Mo", "Sign out")
    heading(page, "Sign in")
    page.reload()
    heading(page, "Sign in")
    assert not [
        c for c in page.context.cookies() if str(c.get("name")).startswith("_streamlit_user")
    ]


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "eve@example.org", "email_verified": True}, "Nobody in this team has"),
        ({"email": "ada@example.org", "email_verified": False}, ""),
        ({"email": "ada@example.org"}, ""),
        ({"email_verified": True}, ""),
        ({"email": "ada@example.org", "email_verified": True, "iat": time.time() - 300}, ""),
    ],
    ids=["stranger", "unverified", "unsaid", "no address", "old word"],
)
def test_anybody_else_stays_outside(
    desk: App, issuer: Issuer, page: Page, claims: dict[str, Any], words: str
) -> None:
    issuer.claims, before = claims, issuer.asked
    with page.expect_response(lambda answer: "/oauth2callback" in answer.url):
        press(page, desk)
    page.wait_for_url(f"{desk.url}/")
    heading(page, "Sign in")
    expect(page.get_by_text(words or "or with a name and a password").first).to_be_visible()
    assert issuer.asked == before + 1
    assert [c for c in page.context.cookies() if c.get("name") == "desk"] == []
