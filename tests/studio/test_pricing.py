"""What the studio answers on prices: over all connections, for a whole list, in a currency of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import Capability, Connection
from runway_core.errors import InvalidInputError
from runway_core.pricing import Wish
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.list_columns import COLUMNS
from runway_core.studio.prompt_lists import ROWS_MOST, Line, read_list, write_list

USUAL = Wish(models=("gen4_turbo",), duration=5, ratio="1280:720")


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home = open_studio(Settings(home=tmp_path_factory.mktemp("home")))
    home.connections.add("Official", profile="runway", key="key_canary_0001")
    home.connections.add(
        "Relay",
        profile="openai-hk",
        key="hk-canary-0001",
        unit_price=Decimal("1.2"),
        unit="CNY",
    )
    yield home
    home.close()


@pytest.fixture
def official(studio: Studio) -> Connection:
    return studio.connections.by_name("Official")


def wrong(
    studio: Studio, connection: Connection, text: bytes | str, usual: Wish = USUAL
) -> dict[str, str]:
    """Where a list is wrong, and how."""
    found = studio.pricing.price_list(text, connection, usual)
    return {problem.field: problem.message for problem in found.problems}


def test_every_connection_is_asked_and_told_in_one_currency(studio: Studio) -> None:
    wish = Wish(capability=Capability.IMAGE_TO_VIDEO, models=("gen4_turbo",), duration=10)
    before = {o.connection: o.told_high for o in studio.pricing.offers(wish)}
    assert before == {"Sandbox": 0, "Official": Decimal("0.5"), "Relay": None}
    studio.currencies.choose("USD", {"CNY": "0.14"})
    told = {o.connection: (o.told_high, o.cheapest) for o in studio.pricing.offers(wish)}
    assert told["Relay"] == (Decimal("0.336"), True)
    studio.currencies.choose("CNY", {"USD": Decimal(7)})
    told = {o.connection: (o.told_high, o.cheapest) for o in studio.pricing.offers(wish)}
    assert told["Official"] == (Decimal("3.5"), False)
    assert studio.currencies.choose("USD").rates == {"CNY": Decimal("0.14")}
    assert studio.currencies.choose("USD", {"CNY": ""}).rates == {}


@pytest.mark.parametrize(
    ("currency", "rates", "field"),
    [
        ("dollars", {}, "currency"),
        ("USD", {"CN": "1"}, "rates.CN"),
        ("USD", {"CNY": "0"}, "rates.CNY"),
        ("USD", {"CNY": "much"}, "rates.CNY"),
        ("USD", {"CNY": "NaN"}, "rates.CNY"),
        ("USD", {"CNY": "0.1234567890123456789012"}, "rates.CNY"),
        ("USD", {"USD": "1"}, "rates.USD"),
    ],
)
def test_a_rate_that_is_none_changes_nothing(
    studio: Studio, currency: str, rates: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        studio.currencies.choose(currency, rates)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert studio.currencies.reporting().rates == {}


def test_a_table_is_priced_row_by_row_and_as_a_whole(studio: Studio, official: Connection) -> None:
    table = (
        "Prompt;Model;Duration;Seed\r\n"
        '"a fox; in the snow";;10;7\r\n'
        ";;;\r\n"
        '"two\r\nlines";gen4.5;;\r\n'
        "a ship;runwayml-gen4_turbo-5;5 s;\r\n"
    )
    found = studio.pricing.price_list(table, official, USUAL, takes=timedelta(minutes=1))
    assert [row.line.prompt for row in found.rows] == [
        "a fox; in the snow",
        "two\r\nlines",
        "a ship",
    ]
    assert [str(row.offer.total.high) for row in found.rows if row.offer] == ["50", "60", "25"]
    assert (str(found.high), found.unit, str(found.told_high)) == ("135", "credit", "1.35")
    assert found.schedule is not None and len(found.schedule.runs) == 3


def test_pasted_lines_are_a_prompt_each(studio: Studio, official: Connection) -> None:
    pasted = "\n".join(f"a fox, number {n}" for n in range(1, 21)) + "\n\n"
    found = studio.pricing.price_list(pasted.encode(), official, USUAL)
    assert (len(found.rows), str(found.high), found.schedule) == (20, "500", None)
    relay = studio.connections.by_name("Relay")
    ten = USUAL.model_copy(update={"duration": 10})
    assert str(studio.pricing.price_list(pasted, relay, ten).high) == "48.0"


def test_every_place_that_is_wrong_is_named(studio: Studio, official: Connection) -> None:
    table = (
        "prompt,model,ratio,duration,seed\n"
        "a fox,gen9,,5,\n"
        "a fox,,wide,5,\n"
        "a fox,,,90,\n"
        "a fox,,,five,-1\n"
        ",,,5,\n"
        "a fox,a,b,5,1,2\n"
    )
    said = wrong(studio, official, table)
    assert list(said) == [
        *("row 2, model", "row 3, ratio", "row 4, duration"),
        *("row 5, duration", "row 5, seed", "row 6, prompt", "row 7"),
    ]
    assert "not 90 s" in said["row 4, duration"] and "does not offer" in said["row 2, model"]
    assert list(wrong(studio, official, "a fox", Wish())) == ["row 1, model"]
    too_much = "prompt,seed\na fox,4294967296\n"
    assert list(wrong(studio, official, too_much)) == ["row 2, seed"]


def test_a_row_that_is_wrong_does_not_hide_what_the_others_cost(
    studio: Studio, official: Connection
) -> None:
    table = f"prompt,duration\na fox,5\na ship,90\n{'x' * 1001},5\nthe sea,10\n"
    found = studio.pricing.price_list(table, official, USUAL, takes=timedelta(minutes=1))
    assert [row.can for row in found.rows] == [True, False, False, True]
    assert (str(found.high), str(found.told_high)) == ("75", "0.75")
    assert [problem.field for problem in found.problems] == ["row 3, duration", "row 4, prompt"]
    assert found.schedule is not None and len(found.schedule.runs) == 2
    nothing = studio.pricing.price_list("prompt,duration\na,90\n", official, USUAL)
    assert (nothing.low, nothing.unit, nothing.schedule) == (Decimal(0), "", None)


def test_a_priced_list_is_handed_on_as_it_was_priced(studio: Studio, official: Connection) -> None:
    table = "prompt;model;duration;seed\na fox;;10;7\na ship;gen4.5;;\nno such;gen9;3;\n"
    found = studio.pricing.price_list(table, official, USUAL)
    assert [
        (line.prompt, line.model, line.ratio, line.duration, line.seed)
        for line in read_list(found.filled_in())
    ] == [
        ("a fox", "gen4_turbo", "1280:720", 10, 7),
        ("a ship", "gen4.5", "1280:720", 5, None),
        ("no such", "gen9", "", 3, None),
    ]
    again = studio.pricing.price_list(found.filled_in(), official, Wish())
    assert (again.high, len(again.problems)) == (found.high, 1)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip)
written = st.builds(
    Line,
    row=st.just(0),
    prompt=words.filter(bool),
    model=words,
    ratio=words,
    duration=st.none() | st.integers(1, 10**11),
    seed=st.none() | st.integers(0, 10**11),
)


@given(lines=st.lists(written, min_size=1, max_size=5))
def test_a_list_that_was_written_is_read_as_it_was(lines: list[Line]) -> None:
    found = read_list(write_list(lines))
    for line, read in zip(lines, found, strict=True):
        assert all(getattr(line, name) == getattr(read, name) for name in COLUMNS)
        assert not read.problems


def test_prices_by_length_are_those_of_the_offers(studio: Studio) -> None:
    studio.currencies.choose("USD", {"CNY": "0.14"})
    wish = Wish(capability=Capability.IMAGE_TO_VIDEO, models=("gen4_turbo", "veo3.1"), count=7)
    shown = [offer for offer in studio.pricing.offers(wish) if not offer.practice]
    found = studio.pricing.curves(wish, shown, range(2, 11))
    told = {f"{c.connection} {c.model}": [(p.seconds, p.high) for p in c.points] for c in found}
    assert told["Official gen4_turbo"] == [(n, Decimal(5 * n) / 100) for n in range(2, 11)]
    assert [seconds for seconds, _high in told["Official veo3.1"]] == [4, 6, 8]
    assert told["Relay gen4_turbo"] == [(5, Decimal("0.168")), (10, Decimal("0.336"))]
    assert {(c.unit, c.in_money) for c in found} == {("USD", True)}


def test_prices_that_nobody_can_tell_in_money_are_drawn_in_their_own_unit(studio: Studio) -> None:
    relay = [o for o in studio.pricing.offers(Wish(duration=5)) if o.connection == "Relay"]
    found = studio.pricing.curves(Wish(), relay, range(1, 20))
    assert {(c.unit, c.in_money) for c in found} == {("CNY", False)}
    studio.connections.add(
        "Other", profile="yunwu", key="sk-canary-0001", unit_price=Decimal(1), unit="coins"
    )
    both = [
        o for o in studio.pricing.offers(Wish(duration=5)) if o.connection in ("Relay", "Other")
    ]
    assert studio.pricing.curves(Wish(), both, range(1, 20)) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "file"),
        (b"\n \n", "file"),
        (b"prompt,model\n", "file"),
        (b"\xff\xfe\xfa", "file"),
        (b"caf\xe9", "file"),
        (b"x" * (1024 * 1024 + 1), "file"),
        (b"a\n" * (ROWS_MOST + 1), "file"),
        (b"prompt,colour\na,b\n", "row 1, colour"),
        (b"prompt,prompt\na,b\n", "row 1, prompt"),
        (b'prompt,model\n"a,b\n', "row 2"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(data: bytes, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_list(data)
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sheets_write_their_text_in_several_ways(encoding: str) -> None:
    (line,) = read_list("prompt\tseed\n雪中的狐狸\t3".encode(encoding))
    assert (line.row, line.prompt, line.seed) == (2, "雪中的狐狸", 3)


def test_too_many_are_refused(studio: Studio, official: Connection) -> None:
    for ask in (
        lambda: studio.pricing.offers(Wish(count=10_001)),
        lambda: studio.pricing.schedule(official, {"gen4.5": 0}),
    ):
        with pytest.raises(InvalidInputError) as caught:
            ask()
        assert [problem.field for problem in caught.value.problems] == ["count"]
