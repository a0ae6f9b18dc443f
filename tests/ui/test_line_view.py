"""How the waiting line reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runway_core.studio.line import Place
from runway_core.ui.line_view import in_words


@pytest.mark.parametrize(
    ("number", "wait", "why", "says"),
    [
        (1, 0, "", "Next in line"),
        (
            1,
            44,
            "Free plan runs 1 at a time",
            "Next in line, about 40 s: Free plan runs 1 at a time",
        ),
        (2, None, "Relay runs 2 at a time", "2nd in line: Relay runs 2 at a time"),
        (
            3,
            245,
            "Free plan runs 1 at a time",
            "3rd in line, about 4 min: Free plan runs 1 at a time",
        ),
        (11, 5400, "", "11th in line, about 2 h"),
        (21, 3, "", "21st in line, about 10 s"),
        (112, 600, "", "112th in line, about 10 min"),
    ],
)
def test_a_place_in_line_reads_as_people_say_it(
    number: int, wait: int | None, why: str, says: str
) -> None:
    seconds = None if wait is None else timedelta(seconds=wait)
    assert in_words(Place(number=number, last=200, wait=seconds, why=why)) == says
