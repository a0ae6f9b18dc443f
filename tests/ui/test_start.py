"""What a person sees when the data can't be opened, and who is let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from runway_core.studio import Studio
from runway_core.studio.copies import keep_daily
from runway_core.ui.access import is_this_computer
from runway_core.web.runtime import reset
from tests.builders import new_task
from tests.ui.conftest import MAIN, ROOT, Open, click, field_key, said


def test_an_unreadable_database_gives_a_clear_page_and_recovers(open_app: Open, home: Path) -> None:
    home.mkdir()
    (home / "desk.db").write_bytes(b"this is no database " * 400)
    app = open_app()
    assert not app.exception
    assert app.title[0].value == "Runway Desk can't open its data"
    assert "nothing was charged" in said(app)
    (home / "desk.db").unlink()
    click(app, "start.again")
    assert app.title[0].value == "Create"


def test_a_damaged_database_is_not_written_to_and_the_way_back_is_shown(
    open_app: Open, studio: Studio, home: Path
) -> None:
    for number in range(60):
        connection = studio.connections.all()[0].id
        studio.store.tasks.add(new_task(f"{number}", prompt="x" * 900, connection_id=connection))
    copy = keep_daily(studio.settings, studio.store.database)
    reset()
    with (home / "desk.db").open("r+b") as file:
        file.seek(60 * 1024)
        file.write(b"\xff" * 20_480)
    before = (home / "desk.db").read_bytes()
    app = open_app()
    shown = "\n".join([said(app), app.error[0].value]).replace("\\", "").replace("\u2060", "")
    assert app.title[0].value == "Runway Desk can't open its data"
    assert "is damaged" in shown and "not written to" in shown
    assert copy is not None and f"restore {copy.path}" in shown
    assert (home / "desk.db").read_bytes() == before


def test_a_home_that_can_not_be_made_gives_a_clear_page(open_app: Open, home: Path) -> None:
    home.write_text("a file where the folder should be")
    app = open_app()
    assert not app.exception and "can't be made" in app.error[0].value


def test_a_database_that_goes_away_is_told_on_the_page(
    open_app: Open, studio: Studio, home: Path
) -> None:
    app = open_app()
    studio.close()
    for part in home.glob("desk.db*"):
        part.unlink()
    (home / "desk.db").write_bytes(b"this is no database " * 400)
    app.text_area(key=field_key(app, "prompt")).input("A fox").run()
    assert not app.exception and app.error
    reset()


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "127.9.9.9", "LOCALHOST"],
)
def test_this_computer_is_let_in(host: str) -> None:
    assert is_this_computer(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "192.168.1.7:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "0.0.0.0",
        "[::",
    ],
)
def test_any_other_name_is_refused(host: str) -> None:
    assert not is_this_computer(host)


def test_a_foreign_address_gets_a_refusal_on_every_page(open_app: Open) -> None:
    for name in ("create", "history", "pricing", "settings"):
        app = open_app()
        app.context["url"] = "http://192.168.1.7:8501/"
        app.switch_page(str(ROOT / "pages" / f"{name}.py")).run()
        assert app.title[0].value == "Not served here"
        assert "Nobody has been added" in app.error[0].value
        assert not app.button


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_every_page_is_guarded_and_thin(page: Path) -> None:
    text = page.read_text()
    code = [
        line for line in text.splitlines() if line and not line.startswith(("import", "from", '"'))
    ]
    assert code[0] == "require_user()"
    assert len(text.splitlines()) < 120


def test_the_script_that_draws_the_app_does_not_lie_beside_the_pages() -> None:
    assert not (Path(MAIN).parent / "pages").exists()
