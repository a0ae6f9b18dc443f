"""Units told in money: exact both ways, and only by rates that somebody said."""

from __future__ import annotations

import ast
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import Worth, catalog
from runway_core.pricing import Reporting, added, cents, worth_of
from tests.house import CORE, name, tree

USD = Reporting()
PROFILES = {profile.id: profile for profile in catalog().profiles}
amounts = st.decimals(0, 10**9, places=6)
rates = st.decimals("0.000000001", 10**6, places=9).filter(bool)


def worth(profile: str, **said: str) -> Worth | None:
    return worth_of(PROFILES[profile], **said)


@pytest.mark.parametrize(
    ("profile", "said", "amount", "currency"),
    [
        ("runway", {}, "0.01", "USD"),
        ("openai-hk", {}, "0.0001", "CNY"),
        ("openai-hk", {"unit": "points"}, "0.0001", "CNY"),
        ("openai-hk", {"unit": "CNY"}, "1", "CNY"),
        ("yunwu", {"unit": "CNY"}, "1", "CNY"),
        ("doitong", {"own": "0.002 EUR"}, "0.002", "EUR"),
        ("runway", {"own": "0.009 USD"}, "0.009", "USD"),
        ("sandbox", {}, "0", "USD"),
    ],
)
def test_what_a_unit_is_worth(
    profile: str, said: dict[str, str], amount: str, currency: str
) -> None:
    assert worth(profile, **said) == Worth(amount=Decimal(amount), currency=currency)


def test_what_nobody_said_stays_unknown() -> None:
    for found in (worth("doitong"), worth("yunwu"), worth("openai-hk", unit="coins")):
        assert found is None and USD.told(Decimal(5), found) is None
    points = worth("openai-hk")
    assert USD.told(Decimal(10_000), points) is None
    in_dollars = Reporting(currency="USD", rates={"CNY": Decimal("0.14")})
    assert in_dollars.told(Decimal(10_000), points) == Decimal("0.14")
    assert Reporting(currency="CNY").told(Decimal(10_000), points) == Decimal(1)


def test_nothing_is_worth_nothing_in_any_currency_and_can_t_be_told_backwards() -> None:
    free = Worth(amount=Decimal(0), currency="USD")
    assert Reporting(currency="MYR").told(Decimal(700), free) == 0
    assert Reporting(currency="MYR").units(Decimal(7), free) is None


@given(amount=amounts, unit=rates, rate=rates)
def test_there_and_back_is_the_same_amount(amount: Decimal, unit: Decimal, rate: Decimal) -> None:
    told_in = Reporting(currency="USD", rates={"TRY": rate})
    own = Worth(amount=unit, currency="TRY")
    told = told_in.told(amount, own)
    assert type(told) is Decimal and told >= 0
    assert told_in.units(told, own) == amount
    back = told_in.told(told_in.units(cents(told), own), own)
    assert back is not None and abs(back - cents(told)) < Decimal("1e-60")


@given(parts=st.lists(amounts, min_size=1, max_size=8), rate=rates)
def test_the_sum_of_the_parts_told_is_the_whole_told(parts: list[Decimal], rate: Decimal) -> None:
    own = Worth(amount=rate, currency="USD")
    assert USD.told(added(parts), own) == added(USD.told(part, own) for part in parts)
    assert added([*parts, None]) is None


def test_a_sum_loses_no_digit() -> None:
    long = Decimal("10000000000000.200000000000001")
    assert added([long, Decimal(10) ** 20]) == Decimal("100000010000000000000.200000000000001")


@pytest.mark.parametrize(
    ("amount", "shown"), [("0.005", "0.01"), ("0.00042", "0.00042"), ("3", "3.00"), ("0", "0.00")]
)
def test_money_is_shown_in_cents_and_a_fraction_of_one_as_it_is(amount: str, shown: str) -> None:
    assert f"{cents(Decimal(amount)):f}" == shown


def _inexact(node: ast.AST) -> str:
    """Why a piece of code may reckon with binary fractions; empty when it does not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"the number {node.value}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
        return "float(…)"
    if isinstance(node, ast.Attribute) and node.attr in ("total_seconds", "random", "time"):
        return f".{node.attr}"
    if isinstance(node, ast.ImportFrom) and node.module == "math":
        return next((a.name for a in node.names if a.name not in ("gcd", "ceil", "floor")), "")
    imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
    return next((n for n in imported if n in ("math", "random", "statistics", "fractions")), "")


def test_no_amount_is_ever_a_binary_fraction() -> None:
    modules = sorted((CORE / "pricing").glob("*.py"))
    assert len(modules) > 8
    found = [
        f"{name(path)}:{getattr(node, 'lineno', '?')}: {why}"
        for path in modules
        for node in ast.walk(tree(path))
        if (why := _inexact(node))
    ]
    assert found == []


@pytest.mark.parametrize("code", ["x = 0.1", "float(x)", "import math", "span.total_seconds()"])
def test_such_a_fraction_would_be_found(code: str) -> None:
    assert any(map(_inexact, ast.walk(ast.parse(code))))
