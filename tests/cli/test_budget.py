"""``budget`` and ``currency``: set, shown, refused by and taken away; low balances; and ``connection resume``."""

from __future__ import annotations

from decimal import Decimal
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


def test_the_teams_budget_is_in_money_and_each_unit_counts_what_it_is_worth(
    command: CommandLine,
) -> None:
    worth = "unit_worth=0.02 USD"
    command.run("connection", "change", "Sandbox", "--option", worth)
    team = command.json("budget", "--team", "--month", "2", "--day", "5")
    assert (team["connection"], team["unit"]) == (None, "USD")
    command.json(*SUBMIT, "a fox")
    day, month = command.json("budget", "--team")["budgets"]
    assert (month["reserved"], month["left"], month["percent"]) == ("1.20", "0.80", 60)
    assert day["period"] == "day" and day["unit"] == "USD"
    error = command.json(*SUBMIT, "another fox", code=1)["error"]
    assert error["kind"] == "BudgetExceeded" and "0.8 are left" in error["message"]
    shown = command.run("budget", "--team").stdout
    assert "month (hard): 2 USD, 0 spent, 1.2 reserved, 0.8 left for" in shown
    told = command.json("currency", "EUR", "--rate", "USD=0.92")
    assert (told["currency"], told["rates"]) == ("EUR", {"USD": "0.92"})
    (unit,) = told["units"]
    assert (unit["worth"], unit["worth_currency"], unit["source"]) == ("0.02", "USD", "own")
    assert (unit["rate"], unit["missing"]) == ("0.0184", "")
    assert command.json("budget", "--team", "--month", "2")["budgets"][1]["unit"] == "EUR"
    assert command.json("budget", "--team", "--clear")["budgets"] == []
    assert "All connections together has no budget" in command.run("budget", "--team").stdout


def test_what_was_not_said_or_makes_no_sense_is_told(command: CommandLine) -> None:
    command.run("budget", code=2)
    command.run("budget", "Sandbox", "--team", code=2)
    command.run("connection", "list")
    for words in (("MONEY",), ("EUR", "--rate", "USD"), ("EUR", "--rate", "USD=much")):
        assert command.json("currency", *words, code=1)["error"]["kind"] == "InvalidInput"
    shown = command.run("currency").stdout
    assert "Totals are told in USD." in shown and "Sandbox: 1 credit = 0 USD" in shown


def test_a_low_balance_is_listed(command: CommandLine, home: Path) -> None:
    changed = command.json("connection", "change", "Sandbox", "--alert-below", "50")
    assert (changed["alert_below"], changed["low"]) == ("50", False)
    store = open_store(home / "desk.db")
    store.connections.set_balance("sandbox", Decimal(12), "credit", NOW)
    store.close()
    (found,) = command.json("connection", "list")
    assert (found["low"], found["balance"], found["balance_unit"]) == (True, "12", "credit")
    shown = command.run("connection", "list").stdout
    assert "low balance: 12 credits left, as told 2026-11-22 09:30 UTC" in shown
    off = command.json("connection", "change", "Sandbox", "--alert-below", "0")
    assert (off["alert_below"], off["low"]) == (None, False)
    checked = command.json("doctor", "Sandbox")
    assert checked["low"] is False
