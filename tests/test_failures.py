"""Every failure code and every error of ours has one row of advice, and every row says what a person needs."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest

from runway_core import errors
from runway_core.domain import Task, TaskStatus
from runway_core.errors import DeskError, InvalidInputError, InvalidRequestError, Problem
from runway_core.failures import (
    WRITTEN_OFF,
    Advice,
    Fix,
    advice_for,
    advice_of,
    advice_on,
    hint_for,
    hint_of,
)
from runway_core.failures.table import NO_CODE, ROWS
from tests.builders import NOW, estimate, request

CORE = Path(errors.__file__).parent

# Runway, errors/task-failures: code, whether it is charged, whether the same may be tried again.
RUNWAY = {
    "SAFETY.INPUT.TEXT": ("yes", "changed"),
    "SAFETY.INPUT.IMAGE": ("yes", "changed"),
    "SAFETY.INPUT.VIDEO": ("yes", "changed"),
    "SAFETY.INPUT.AUDIO": ("yes", "changed"),
    "SAFETY.OUTPUT.VIDEO": ("yes", "changed"),
    "SAFETY.OUTPUT.IMAGE": ("yes", "changed"),
    "INPUT_PREPROCESSING.SAFETY.TEXT": ("unknown", "changed"),
    "INPUT_PREPROCESSING.INTERNAL": ("no", "later"),
    "INTERNAL.BAD_OUTPUT.CODE01": ("no", "changed"),
    "INTERNAL.BAD_OUTPUT.01": ("no", "changed"),
    "ASSET.INVALID": ("no", "changed"),
    "INTERNAL": ("no", "later"),
    "THIRD_PARTY.UNAVAILABLE": ("no", "later"),
}
# new-api and one-api relays, and GraphQL: what they put where a code stands.
OTHERS = {
    "insufficient_user_quota": ("no", Fix.TOP_UP),
    "insufficient_quota": ("no", Fix.TOP_UP),
    "pre_consume_token_quota_failed": ("no", Fix.TOP_UP),
    "INSUFFICIENT_CREDITS": ("no", Fix.TOP_UP),
    "upstream_load_saturated": ("no", Fix.WAIT),
    "RATE_LIMITED": ("no", Fix.WAIT),
    "TOO_MANY_REQUESTS": ("no", Fix.WAIT),
    "model_not_found": ("no", Fix.MODEL),
    "task_not_exist": ("unknown", None),
    "invalid_request": ("no", Fix.CHANGE),
    "BAD_USER_INPUT": ("no", Fix.CHANGE),
    "GRAPHQL_VALIDATION_FAILED": ("no", Fix.CHANGE),
    "fail_to_fetch_task": ("unknown", Fix.CHECK),
    "upstream_error": ("unknown", Fix.CHECK),
    "invalid_api_key": ("no", Fix.SETTINGS),
    "UNAUTHENTICATED": ("no", Fix.SETTINGS),
    "FORBIDDEN": ("no", Fix.CHECK),
    "INTERNAL_SERVER_ERROR": ("unknown", Fix.CHECK),
    "CONTENT_POLICY": ("unknown", Fix.PROMPT),
    "MODERATION_FAILED": ("unknown", Fix.PROMPT),
    "SAFETY": ("unknown", Fix.PROMPT),
}
SAY_NOTHING = ["new_api_error", "one_api_error", "openai_error", "SOMETHING.NEW", "42", ""]
"""Types of relays that only say who made the error, and codes that nobody has documented."""


def kinds() -> list[type[DeskError]]:
    found = [DeskError]
    for error in found:
        found += error.__subclasses__()
    return [error for error in found if error.__module__ == errors.__name__]


def kind_of(error: type[DeskError]) -> str:
    return error.__name__.removesuffix("Error")


def written_here() -> set[str]:
    """Every failure code that our own sources write, as text or by a name for it from there or the table."""
    found = set()
    for path in CORE.rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        names = {"WRITTEN_OFF": WRITTEN_OFF} | {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            pairs: list[tuple[object, ast.expr]] = []
            if isinstance(node, ast.keyword):
                pairs = [(node.arg, node.value)]
            elif isinstance(node, ast.Dict):
                pairs = [
                    (key.value, value)
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                ]
            for name, value in pairs:
                text = value.value if isinstance(value, ast.Constant) else None
                text = names.get(value.id) if isinstance(value, ast.Name) else text
                if name == "failure_code" and text:
                    found.add(str(text))
    return found


def failed(code: str, *, failure: str = "", hint: str = "", **changes: object) -> Task:
    values: dict[str, object] = {
        "id": "1",
        "draft_token": "1",
        "connection_id": "c",
        "connection": "Relay",
        "profile": "openai-hk",
        "request": request(),
        "status": TaskStatus.FAILED,
        "remote_id": "r",
        "failure": failure,
        "failure_code": code,
        "hint": hint,
        "estimate": estimate(),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Task.model_validate(values | changes)


@pytest.mark.parametrize(("code", "expected"), RUNWAY.items())
def test_runways_codes_say_what_they_cost_and_whether_to_try_again(
    code: str, expected: tuple[str, str]
) -> None:
    found = advice_for(code)
    assert (found.charged, found.retry) == expected
    assert found is not NO_CODE


@pytest.mark.parametrize(("code", "expected"), OTHERS.items())
def test_relays_codes_have_the_right_way_out(code: str, expected: tuple[str, Fix | None]) -> None:
    for spelling in (code, code.lower(), code.upper(), f" {code} "):
        found = advice_for(spelling)
        assert (found.charged, found.fix) == expected


@pytest.mark.parametrize("code", SAY_NOTHING)
def test_a_code_that_says_nothing_is_never_called_free(code: str) -> None:
    assert advice_for(code) is NO_CODE
    assert NO_CODE.charged == "unknown"


@pytest.mark.parametrize("error", kinds(), ids=kind_of)
def test_every_error_of_ours_has_a_row_of_its_own(error: type[DeskError]) -> None:
    (row,) = (row for row in ROWS if row.codes[0] == kind_of(error))
    assert advice_for(kind_of(error)) is row.advice
    outcome = getattr(error, "outcome", "")
    if outcome in ("not_sent", "refused") and row.advice.charged != "no":
        assert kind_of(error) == "TaskNotFound"  # a look was refused, not the create
    if outcome == "unknown":
        assert row.advice.charged == "unknown"


def test_every_code_that_is_written_here_has_a_row() -> None:
    written = written_here()
    assert {"WRITTEN_OFF", "NO_OUTPUT", "TASK_GONE"} <= written
    assert [code for code in written if advice_for(code) is NO_CODE] == []


def test_no_row_is_dead() -> None:
    asked = {*RUNWAY, *OTHERS, *written_here(), *map(kind_of, kinds())}
    used = {id(advice_for(code)) for code in asked}
    assert [row.codes for row in ROWS if id(row.advice) not in used] == []
    known = [code for row in ROWS for code in row.codes]
    assert len(known) == len({code.upper() for code in known})
    reached = [c for c in known if any(f"{a.upper()}.".startswith(f"{c.upper()}.") for a in asked)]
    assert sorted(set(known) - set(reached)) == []


@pytest.mark.parametrize(
    "advice", [*(row.advice for row in ROWS), NO_CODE], ids=lambda a: a.sentence
)
def test_every_advice_is_short_and_plain(advice: Advice) -> None:
    assert 10 < len(advice.sentence) <= 110
    assert advice.sentence.endswith(".") and advice.sentence.count(". ") == 0
    said = f"{advice.sentence} {advice.why}"
    assert not re.search(r"HTTP|\b[45]\d\d\b|JSON|API(?! key)|null|error|exception|[A-Z]{2}_", said)
    assert advice.why and not advice.why.endswith(".")
    assert advice.do.endswith(".")


def test_the_longest_part_counts() -> None:
    assert advice_for("INTERNAL.BAD_OUTPUT.CODE07") != advice_for("INTERNAL.CODE07")
    assert advice_for("SAFETY.INPUT.AUDIO") is advice_for("SAFETY.INPUT.TEXT")
    assert advice_for("INTERNALISED") is NO_CODE


@pytest.mark.parametrize("code", ["relay.safety.7", "INTERNAL.SAFETY.X", "UPSTREAM.SAFETY.INPUT"])
def test_a_safety_code_is_known_wherever_the_word_stands(code: str) -> None:
    assert "safety check" in advice_for(code).sentence
    assert advice_for(code).charged == "unknown"


@pytest.mark.parametrize(
    ("charge", "charged"), [(Decimal(0), "no"), (Decimal(25), "yes"), (None, "yes")]
)
def test_what_the_provider_booked_counts_more_than_the_table(
    charge: Decimal | None, charged: str
) -> None:
    assert advice_of(failed("SAFETY.INPUT.TEXT", charge=charge)).charged == charged
    costly = advice_of(failed("INTERNAL", charge=Decimal("0.5")))
    assert costly.charged == "yes"
    assert "Charged: yes" in hint_of(failed("INTERNAL", charge=Decimal("0.5")))


def test_practice_costs_nothing_whatever_happened() -> None:
    assert advice_of(failed("SAFETY.INPUT.TEXT", profile="sandbox")).charged == "no"


def test_a_code_of_the_provider_is_explained_in_our_words() -> None:
    task = failed("INTERNAL.BAD_OUTPUT.CODE01", failure="An unexpected error occurred.")
    assert "not good enough" in advice_of(task).sentence
    assert "unexpected" not in hint_of(task)


def test_an_error_of_ours_keeps_its_own_words() -> None:
    words = "127.0.0.1 is not connected to: it is not on the public internet."
    task = failed(
        "AddressRefused", failure=words, hint="Nothing was sent. Name it.", remote_id=None
    )
    found = advice_of(task)
    assert (found.sentence, found.do, found.charged) == (words, "Name it.", "no")
    assert hint_of(task) == "Charged: no, nothing was sent. Name it."


def test_an_unknown_code_leaves_the_word_to_the_provider() -> None:
    assert advice_of(failed("E-1234", failure="Bad luck.")).sentence == "Bad luck."
    assert advice_of(failed("", failure="")).sentence == NO_CODE.sentence


@pytest.mark.parametrize(
    ("problem", "fix"),
    [
        (Problem("prompt", "is 12 characters too long"), Fix.SHORTEN),
        (Problem("prompt", "Too big: expected string to have <=1000 characters"), Fix.SHORTEN),
        (Problem("prompt", "is needed"), Fix.PROMPT),
        (Problem("ratio", "Invalid option: expected one of 1280:720"), Fix.RATIO),
        (Problem("duration", "Too big: expected number to be <=10"), Fix.DURATION),
        (Problem("frames.last", "is not taken"), Fix.PICTURE),
        (Problem("media.video", "lasts 31.0 s"), Fix.PICTURE),
        (Problem("model", "is not offered"), Fix.MODEL),
        (Problem("seed", "is too big"), Fix.CHANGE),
    ],
)
def test_the_field_that_is_named_decides_the_way_out(problem: Problem, fix: Fix) -> None:
    said = InvalidRequestError("Relay says that the request is wrong.", problems=(problem,))
    assert advice_on(said).fix is fix
    assert advice_on(InvalidInputError(problem)).fix is fix
    assert problem.message in str(said)
    assert advice_of(failed("InvalidRequest", failure=str(said), remote_id=None)).fix is fix


def test_money_is_said_once() -> None:
    for error in kinds():
        listed = issubclass(error, InvalidInputError)
        broken = Problem("seed", "is odd") if listed else "It broke."
        assert "charged" not in advice_on(error(broken)).do  # type: ignore[arg-type] # by the line above
        assert hint_for(kind_of(error)).count("harged") <= 2


def test_an_error_that_nobody_listed_gets_the_advice_of_its_family() -> None:
    class OddError(errors.RateLimitError):
        pass

    assert advice_on(OddError("Odd.")).fix is Fix.WAIT
    assert advice_on(OddError("Odd.")).sentence == "Odd."
