"""``recount``: says whether the sums are what the ledger says, and counts them anew."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from runway_core.store import open_store
from runway_core.store.schema import tallies
from tests.builders import connection, new_task
from tests.cli.conftest import CommandLine


def test_sums_that_are_wrong_are_said_and_counted_anew(
    command: CommandLine, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    store = open_store(home / "desk.db")
    store.connections.add_once(connection())
    store.tasks.add(new_task())
    store.close()
    assert command.json("recount") == {"ok": True, "mended": False, "differences": []}
    store = open_store(home / "desk.db")
    with store.database.write() as sql:
        sql.execute(sa.update(tallies).values(amount="7"))
    store.close()
    said = command.run("recount", code=1).stdout
    assert "reserved credit: 7 summed, 60 in the ledger" in said
    assert "python -m runway_core recount --mend" in said
    (found,) = command.json("recount", code=1)["differences"]
    assert (found["day"], found["summed"], found["ledger"]) == ("2026-11-22", "7", "60")
    assert command.run("recount", "--mend").stdout == "All sums are what the ledger says.\n"
    assert command.json("recount")["ok"]
