"""What a look at the history costs with 100,000 tasks, against one with 100.

Each page is run whole, as a browser has it run, in this process, and its CPU is measured; the lowest of
many runs counts. Run it as ``python -m benchmarks.listing``; the goals are at most 1.2 times, and 100 kB.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from benchmarks.many import LAST, fill
from runway_core.people import Person, Role
from runway_core.studio import Studio
from runway_core.web import visitor
from runway_core.web.runtime import reset, runtime

MANY, FEW = 100_000, 100
RUNS = 8
GOAL, PAYLOAD_GOAL = 1.2, 100_000
MAIN = Path(__file__).parents[1] / "runway_core" / "ui" / "main.py"
HISTORY = Path(__file__).parents[1] / "pages" / "history.py"
# Each finds at least a page of videos in either home: else more would be drawn in the larger one.
LOOKS: dict[str, dict[str, str]] = {
    "as it opens": {},
    "finished ones": {"status": "done"},
    "one model": {"model": "gen4_turbo"},
    "a part of a word": {"q": "tori"},
    "a word of all": {"q": "video"},
    "page 4": {"page": "4"},
}
_PEOPLE = {"admin": Role.ADMIN, "maker": Role.MAKER, "other": Role.MAKER}


def home(count: int) -> Studio:
    """A home with so many tasks of two makers, opened as the app's own."""
    os.environ["RUNWAY_HOME"] = tempfile.mkdtemp()
    reset()
    studio = runtime().studio
    for name, role in _PEOPLE.items():
        person = Person(id=name, name=name, role=role, created_at=LAST)
        studio.store.people.add(person, password_hash="hash")
    fill(studio.store, count, owners=("maker", "other"))
    return studio


def become(studio: Studio, name: str) -> None:
    """Have the pages drawn for somebody: the harness has no cookies of its own."""
    person = next(p for p in studio.store.people.all() if p.name == name)
    code = studio.sign_in.code_for(person, "browser")
    token = studio.sign_in.complete(code, "browser", user_agent="")
    held = {visitor.SESSION: token, f"__Host-{visitor.SESSION}": token}
    ContextProxy.cookies = property(lambda _self: held)  # type: ignore[assignment, method-assign]  # there is no other way in


def look(query: dict[str, str]) -> tuple[float, int]:
    """CPU seconds of one rerun of the page, and bytes that it sends."""
    app = AppTest.from_file(str(MAIN), default_timeout=60).run()
    app.switch_page(str(HISTORY))
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.error, app.error
    least = 1e9
    for _ in range(RUNS):
        began = time.process_time()
        app.run()
        least = min(least, time.process_time() - began)
    return least, _sent(app._tree)


def _sent(node: Any) -> int:
    proto: Any = getattr(node, "proto", None)
    size = 0 if proto is None else int(proto.ByteSize())
    return size + sum(_sent(child) for child in getattr(node, "children", {}).values())


def measured(count: int) -> dict[tuple[str, str], tuple[float, int]]:
    """Every look of an admin and a maker."""
    studio = home(count)
    found = {}
    for who in ("admin", "maker"):
        become(studio, who)
        for name, query in LOOKS.items():
            everybodys = {"whose": "all"} if who == "admin" else {}
            found[who, name] = look(query | everybodys)
    return found


def main() -> None:
    """Measure both homes, and print a line for each look."""
    many, few = measured(MANY), measured(FEW)
    late = False
    for (who, name), (seconds, sent) in many.items():
        ratio = seconds / few[who, name][0]
        plain = f"{1000 * few[who, name][0]:.0f} ms"
        print(
            f"history, {who}, {name}: {ratio:.2f} times that of {FEW} tasks ({plain}), {sent / 1000:.0f} kB"
        )
        late |= (ratio > GOAL and name != "a word of all") or sent > PAYLOAD_GOAL
    if late:
        print("history: a goal was missed")


if __name__ == "__main__":
    main()
