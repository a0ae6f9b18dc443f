"""``budget``: set, shown, refused by and taken away; and ``connection resume``."""

from __future__ import annotations

from pathlib import Path

from runway_core.people import Person, Role
from runway_core.store import open_store
from tests.builders import NOW
from tests.cli.conftest import CommandLine

SUBMIT = (
    *("submit", "--connection", "Sandbox", "--model", "gen4.5", "--duration", "5"),
    *("--ratio", "1280:720", "--prompt"),
)


def test_a_budget_is_set_kept_and_obeyed(command: CommandLine) -> None:
    none = command.json("budget", "sandbox")
    assert none == {"connection": "Sandbox", "unit": "credit", "budgets": []}
    said = command.json("budget", "Sandbox", "--day", "100", "--month", "2000.5")
    day, month = said["budgets"]
    assert (day["period"], day["amount"], day["hard"]) == ("day", "100", True)
    assert (month["period"], month["amount"], month["unit"]) == ("month", "2000.5", "credit")
    task = command.json(*SUBMIT, "a fox")
    assert task["estimate"]["high"] == "60"
    day, month = command.json("budget", "Sandbox")["budgets"]
    assert (day["spent"], day["reserved"], day["left"], day["percent"]) == ("0", "60", "40", 60)
    assert month["left"] == "1940.5" and month["resets_at"].endswith("-01T00:00:00Z")
    error = command.json(*SUBMIT, "another fox", code=1)["error"]
    assert (error["kind"], error["charged"], error["fix"]) == ("BudgetExceeded", "no", "settings")
    assert "40 are left" in error["message"] and not error["retryable"]
    assert [problem["field"] for problem in error["problems"]] == ["budget"]
    assert len(command.json("tasks")) == 1


def test_a_soft_budget_only_warns_and_a_cleared_one_is_gone(command: CommandLine) -> None:
    command.run("budget", "Sandbox", "--day", "50", "--month", "60")
    soft = command.json("budget", "Sandbox", "--soft")["budgets"]
    assert [(b["amount"], b["hard"]) for b in soft] == [("50", False), ("60", False)]
    command.json(*SUBMIT, "a fox")
    shown = command.run("budget", "Sandbox").stdout
    assert "day (soft): 50 credits, 0 spent, 60 reserved, 0 left for" in shown
    assert "month (soft): 60 credits" in shown and "at 00:00 UTC" in shown
    hard = command.json("budget", "Sandbox", "--hard")["budgets"]
    assert [b["hard"] for b in hard] == [True, True]
    assert command.json("budget", "Sandbox", "--clear")["budgets"] == []
    assert "has no budget" in command.run("budget", "Sandbox").stdout
    command.json(*SUBMIT, "another fox")


def test_an_amount_that_is_none_changes_nothing(command: CommandLine) -> None:
    for amount in ("0", "much"):
        error = command.json("budget", "Sandbox", "--day=7", f"--month={amount}", code=1)["error"]
        assert error["problems"] == [
            {"field": "budget.month", "message": "must be a number above 0."}
        ]
    assert command.json("budget", "Sandbox")["budgets"] == []


def test_a_paused_connection_is_told_and_resumed(command: CommandLine, tmp_path: Path) -> None:
    command.json("connection", "list")
    store = open_store(tmp_path / "home" / "desk.db")
    assert store.connections.pause("sandbox", "The provider charged too much.")
    store.close()
    assert "paused: The provider charged too much." in command.run("connection", "list").stdout
    lifted = command.json("connection", "resume", "sandbox")
    assert lifted == {"connection": "Sandbox", "resumed": True}
    assert "was not paused" in command.run("connection", "resume", "sandbox").stdout
    assert [c["paused"] for c in command.json("connection", "list")] == [""]


def test_a_persons_budget_stands_beside_that_of_all(command: CommandLine, home: Path) -> None:
    command.run("budget", "Sandbox", "--month", "500")
    store = open_store(home / "desk.db")
    mia = Person(id="mia", name="Mia", role=Role.MAKER, created_at=NOW)
    assert store.people.add(mia, password_hash="a hash")
    store.close()
    hers = command.json("budget", "Sandbox", "--person", "mia", "--day", "50", "--soft")["budgets"]
    assert [(b["period"], b["amount"], b["hard"]) for b in hers] == [("day", "50", False)]
    everybodys = command.json("budget", "Sandbox")["budgets"]
    assert [(b["period"], b["amount"]) for b in everybodys] == [("month", "500")]
    command.run("budget", "Sandbox", "--person", "Mia", "--clear")
    assert command.json("budget", "Sandbox", "--person", "Mia")["budgets"] == []
    assert len(command.json("budget", "Sandbox")["budgets"]) == 1
    unknown = command.json("budget", "Sandbox", "--person", "Bo", "--day", "1", code=1)["error"]
    assert unknown["kind"] == "NotFound"
