"""People on the command line; passwords come from the environment and are never printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from runway_core.cli import app
from tests.cli.conftest import CommandLine
from tests.team import PASSWORD, password_hash


class Here:
    """The command line inside this process: many commands, and each would take a second to start."""

    def __init__(self, home: Path) -> None:
        self.environment = {"RUNWAY_HOME": str(home)}

    def run(self, *words: str, code: int = 0) -> Result:
        found = CliRunner(env=self.environment).invoke(app, ["person", *words])
        assert found.exit_code == code, found.output
        return found

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def add(self, name: str, role: str, *more: str, variable: str = "THEIRS", code: int = 0) -> Any:
        return self.json("add", name, "--role", role, "--password-env", variable, *more, code=code)


def test_the_first_person_is_an_admin_and_the_password_is_in_no_output(
    command: CommandLine,
) -> None:
    command.environment["THEIRS"] = PASSWORD
    words = ("--role", "admin", "--password-env", "THEIRS")
    ada = command.json("person", "add", "Ada", *words)
    assert (ada["name"], ada["role"], ada["disabled_at"]) == ("Ada", "admin", None)
    assert PASSWORD not in str(ada) and "$2b$" not in str(ada)


def test_people_are_added_changed_and_listed(home: Path, tmp_path: Path) -> None:
    here = Here(home)
    here.environment |= {"THEIRS": PASSWORD, "WEAK": "password1234", "NEW": "tin whistle at dawn 3"}
    error = here.add("Mo", "maker", code=1)["error"]
    assert (error["kind"], error["problems"][0]["field"]) == ("InvalidInput", "role")
    here.add("Ada", "admin")
    assert here.add("Mo", "maker", "--email", "mo@example.org")["email"] == "mo@example.org"
    assert here.add("ADA", "viewer", code=1)["error"]["problems"][0]["field"] == "name"
    assert "easily" in here.add("Bo", "maker", variable="WEAK", code=1)["error"]["message"]
    assert here.add("Bo", "maker", variable="NOT_SET", code=1)["error"]["kind"] == "Config"
    assert here.run("add", "Bo", "--role", "owner", code=2).stdout == ""

    assert here.json("set-role", "mo", "viewer")["role"] == "viewer"
    assert here.json("disable", "Mo")["disabled_at"]
    assert here.json("enable", "Mo")["disabled_at"] is None
    assert here.json("sign-out", "Mo") == {"name": "Mo", "ended": 0}
    assert here.json("disable", "Ada", code=1)["error"]["kind"] == "NotAllowed"
    assert here.json("disable", "Zoe", code=1)["error"]["kind"] == "NotFound"
    assert "whistle" not in here.run("password", "Mo", "--password-env", "NEW").output
    listed = here.json("list")
    assert [(p["name"], p["role"]) for p in listed] == [("Ada", "admin"), ("Mo", "viewer")]
    assert "Mo  viewer  mo@example.org" in here.run("list").stdout


def test_a_file_of_streamlit_authenticator_is_brought_in(home: Path, tmp_path: Path) -> None:
    here, file = Here(home), tmp_path / "people.yaml"
    file.write_text(
        f"credentials: {{usernames: {{cy: {{password: {password_hash()}, role: admin}},"
        "di: {password: short, role: editor}}}"
    )
    assert here.json("import", str(file)) == {
        "added": ["cy", "di"],
        "without_password": ["di"],
        "as_viewers": ["di"],
        "kept": [],
        "refused": [],
    }
    assert here.run("import", str(file)).stdout == "kept: cy, di\n"
    missing = here.json("import", str(tmp_path / "none.yaml"), code=1)["error"]
    assert missing["problems"][0]["field"] == "file"
