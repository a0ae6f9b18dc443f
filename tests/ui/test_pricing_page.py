"""The pricing page: who makes it for how much, in which time, a whole list of it, and how it is handed on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.catalog import catalog
from runway_core.domain import Capability, TaskStatus
from runway_core.people import LOCAL, Role
from runway_core.store import Limits
from runway_core.studio import Studio
from runway_core.studio.prompt_lists import read_list
from tests.builders import estimate, new_task, request
from tests.team import person as join
from tests.ui.becoming import becoming
from tests.ui.conftest import Open, click, said, show

KEY = "hk-canary-0001"
TABLE = "prompt,duration,seed\na fox,5,7\na ship,90,\nthe sea,10,\n"


@pytest.fixture
def official(studio: Studio) -> str:
    return studio.connections.add(
        "Official", profile="runway", key=KEY, options={"plan": "tier-1"}
    ).id


@pytest.fixture
def relay(studio: Studio) -> str:
    price, unit = Decimal("1.2"), "CNY"
    return studio.connections.add(
        "Relay", profile="openai-hk", key=KEY, unit_price=price, unit=unit
    ).id


def made(
    studio: Studio, connection_id: str, *, seconds: int, charge: Decimal | None = None
) -> None:
    """A finished video of 5 seconds that took so long, and what was charged for it."""
    found = studio.connections.get(connection_id)
    price = estimate(low=None, high=None)
    new = new_task(
        connection_id=found.id,
        profile=found.profile,
        request=request(model="gen4_turbo", capability=Capability.IMAGE_TO_VIDEO),
        estimate=price,
    )
    assert studio.store.tasks.add(new)
    engine, at = studio.store.acting_as(LOCAL), new.created_at
    assert engine.line.start(new.id, Limits(), attempts=1, now=at).started
    ended: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": charge}
    ended |= {"submitted_at": at, "finished_at": at + timedelta(seconds=seconds)}
    assert engine.tasks.move(new.id, [TaskStatus.SUBMITTING], now=at, **ended)


def rows(app: AppTest) -> dict[str, str]:
    """Each row by its model and connection: its price, and what else its cell says."""
    found, name = {}, ""
    for element in app.markdown:
        text = element.value.replace("\\", "").replace("\u2060", "")
        if text.startswith("**") and "  \n" in text and "**  \n" in text and not name:
            title, _sep, who = text.partition("**  \n")
            name = f"{title[2:]} · {who}"
        elif name and text.startswith("**"):
            found[name], name = text, ""
    return found


def asked(app: AppTest) -> dict[str, str]:
    """What the page's address says."""
    found = app.query_params.items()
    return {name: value if isinstance(value, str) else value[0] for name, value in found}


def test_each_row_has_its_price_in_its_own_unit_in_money_and_from_where(
    open_app: Open, studio: Studio, official: str, relay: str
) -> None:
    studio.currencies.choose("USD", {"CNY": "0.14"})
    app = open_app("pricing", models="gen4_turbo", count="4", length="10")
    found = rows(app)
    assert found["Gen-4 Turbo · Official"] == (
        "**200 credits** · US$2.00 · for 4  \n:small[50 credits each · 5 credits a second]"
    )
    assert found["Gen-4 Turbo · Relay"] == (
        "**9.6 CNY** · US$1.34 · for 4  \n:small[2.4 CNY each · 1.2 CNY for 5 s · charged as 2 × 5 s]"
    )
    text = said(app)
    assert "Runway API pricing (docs.dev.runwayml.com/guides/pricing), 2026-10-01" in text
    assert "The price of a 5-second video that you entered in Settings" in text
    assert text.count("Cheapest]") == 1
    assert next(iter(found)) == "Gen-4 Turbo · Relay"  # the cheapest first
    app.selectbox(key="pricing.sort").select("connection").run()
    assert next(iter(rows(app))) == "Gen-4 Turbo · Official"
    (practice,) = (e for e in app.expander if e.label.startswith("Practice"))
    assert "At Runway: 200 credits." in practice.markdown[-1].value


def test_a_range_stays_a_range_and_who_can_t_make_it_says_why(
    open_app: Open, studio: Studio
) -> None:
    studio.connections.add("Doi", profile="doitong", key=KEY, options={"unit_worth": "0.002 USD"})
    app = open_app("pricing", make="text_to_video", count="2")
    assert rows(app)["Runway, from words · Doi"].startswith("**200–400 credits** · US$0.40–0.80")
    app.selectbox(key="pricing.option.quality").select("high").run()
    assert rows(app)["Runway, from words · Doi"].startswith("**600–1,000 credits**")
    (unable,) = (e for e in app.expander if "can't make it" in e.label)
    assert any("has no such setting" in m.value for m in unable.markdown)
    app.select_slider(key="pricing.length").set_value(30).run()
    assert "Nobody here makes it like this" in said(app)
    app.selectbox(key="pricing.option.quality").select("").run()
    assert list(rows(app)) == ["Seedance 2.5 · Sandbox"]


@pytest.mark.parametrize("wanted", list(Capability))
def test_every_kind_can_be_priced_with_every_service(
    open_app: Open, studio: Studio, wanted: Capability
) -> None:
    for profile in catalog().profiles:
        address = "" if profile.root or profile.kind == "sandbox" else "https://relay.example.com"
        key, allow = "" if profile.kind == "sandbox" else KEY, bool(address)
        studio.connections.add(
            f"My {profile.id}", profile=profile.id, base_url=address, key=key, allow_host=allow
        )
    app = open_app("pricing", make=wanted.value)
    while app.button and any(b.key == "pricing.all.show" for b in app.button):
        click(app, "pricing.all.show")
    text = said(app)
    for profile in catalog().profiles:
        for spec in profile.specs:
            drawn = [f"**{spec.title}**  \nMy {profile.id}", f"**{spec.title}** · My {profile.id}"]
            if spec.capability == wanted:
                assert any(line in text for line in drawn), spec.id


def test_an_unknown_price_can_be_entered_or_taken_from_what_own_videos_cost(
    open_app: Open, studio: Studio
) -> None:
    unpriced = studio.connections.add("Unpriced", profile="openai-hk", key=KEY)
    app = open_app("pricing", models="gen4_turbo")
    assert rows(app)["Gen-4 Turbo · Unpriced"] == "**Price not known**"
    (link,) = (e for e in app.get("page_link") if e.proto.label == "Enter the price")
    assert parse_qs(link.proto.query_string) == {"edit": [unpriced.id]}
    assert not [b for b in app.button if (b.key or "").startswith("pricing.learnt")]
    for charge in ("1900", "2000", "2600"):
        made(studio, unpriced.id, seconds=60, charge=Decimal(charge))
    app = show(app, "pricing")
    assert "have cost 2,000 credits: 3 of them tell so" in said(app)
    click(app, f"pricing.learnt.{unpriced.id}")
    assert rows(app)["Gen-4 Turbo · Unpriced"].startswith("**2,000 credits**")
    found = studio.connections.get(unpriced.id)
    assert found.unit_price == 2000 and found.unit == "credit"


def test_a_link_fills_the_page_and_the_page_makes_such_a_link(
    open_app: Open, official: str, relay: str
) -> None:
    link = {
        "make": "text_to_video",
        "models": "gen4.5,veo3.1",
        "length": "8",
        "count": "20",
        "shape": "720:1280",
        "option.audio": "false",
        "sort": "connection",
        "with": official,
        "takes": "45",
    }
    app = open_app("pricing", **link)
    assert app.multiselect(key="pricing.models").value == ["gen4.5", "veo3.1"]
    assert app.select_slider(key="pricing.length").value == 8
    assert app.selectbox(key="pricing.option.audio").value == "false"
    assert rows(app)["Veo 3.1 · Official"] == (
        "**3,200 credits** · US$32.00 · for 20  \n:small[160 credits each · 20 credits a second]"
    )
    assert "Gen-4.5 · Official" not in rows(app)
    shared = next(c.value for c in app.code if "make=" in c.value)
    assert {n: v[0] for n, v in parse_qs(urlsplit(shared).query).items()} == {
        name: value
        for name, value in link.items()
        if name != "with"  # the only one there is
    }
    assert asked(app).items() <= link.items()
    app.number_input(key="pricing.count").set_value(1).run()
    assert "count" not in asked(app)
    app = show(app, "history")
    app.query_params.clear()  # as a browser does
    app = show(app, "pricing")  # whoever comes back finds what they had asked
    assert app.multiselect(key="pricing.models").value == ["gen4.5", "veo3.1"]
    assert app.number_input(key="pricing.takes").value == 45
    assert KEY not in shared


@pytest.mark.parametrize(
    "value", ["", "x", "-1", "0", "1e9", "99999999999999", "\u0663", "a,b,,", "<b>", "None", "5.5"]
)
def test_nonsense_in_the_address_does_no_harm(open_app: Open, official: str, value: str) -> None:
    names = "make models length count shape references fps sort with model takes option.audio "
    names += "option.nothing elsewhere"
    app = open_app("pricing", **dict.fromkeys(names.split(), value))
    assert rows(app)["Gen-4 Turbo · Official"].startswith("**25 credits** · US$0.25")
    assert asked(app) == {"elsewhere": value}


def test_one_click_takes_a_row_to_create_and_leaves_the_prompt(
    open_app: Open, studio: Studio, official: str
) -> None:
    app = open_app()
    form = app.session_state["create.form"]
    app.text_area(key=f"create.{form.draft_id}.{form.edition}.prompt").input("a fox").run()
    app = show(app, "pricing", make="text_to_video", models="veo3.1", length="8")
    app.selectbox(key="pricing.option.audio").select("false").run()
    app.selectbox(key="pricing.shape").select("720:1280").run()
    click(app, f"pricing.create.{official}.veo3.1")
    form = app.session_state["create.form"]
    assert (form.connection_id, form.model, form.capability) == (
        official,
        "veo3.1",
        "text_to_video",
    )
    assert (form.duration, form.ratio, form.options) == (8, "720:1280", {"audio": False})
    assert form.prompt == "a fox"
    assert "160 credits · US$1.60" in said(app)


def test_the_schedule_is_told_from_own_history_or_from_what_is_entered(
    open_app: Open, studio: Studio, official: str
) -> None:
    app = open_app("pricing", models="gen4_turbo", count="3")
    assert "Tier 1 plan: 1 at once, 50 a day" in said(app)
    assert "not known before a few videos are finished" in said(app)
    app.number_input(key="pricing.takes").set_value(60).run()
    text = said(app)
    assert "3 videos are finished after about 3 min 0 s" in text
    assert "Tier 1 plan runs 1 of gen4_turbo at a time; the others wait in line." in text
    for _number in range(3):
        made(studio, official, seconds=100)
    app.number_input(key="pricing.takes").set_value(None).run()
    assert "One takes about 1 min 40 s" in rows(app)["Gen-4 Turbo · Official"]
    assert "3 videos are finished after about 5 min" in said(app)
    app.number_input(key="pricing.count").set_value(120).run()
    assert "120 videos are finished after about 48 h" in said(app) or "2 days" in said(app)
    assert "they are used up after" in said(app)


def test_a_list_is_priced_row_by_row_and_handed_to_batch(
    open_app: Open, studio: Studio, official: str
) -> None:
    app = open_app("pricing", models="gen4_turbo", takes="60")
    app.text_area(key="pricing.list").input(TABLE).run()
    text = said(app)
    assert "2 videos: 75 credits · US$0.75" in text
    assert "1 row can't be made as it is" in text
    assert "| 3 | a ship | Gen-4 Turbo | 90 s | :red[:material/error: duration: gen4_turbo" in text
    assert "| 2 | a fox | Gen-4 Turbo | 5 s | 25 credits · US$0.25 |" in text
    assert "prompt" not in asked(app) and "a fox" not in str(asked(app))
    app.text_area(key="pricing.list").input("\n".join(f"fox {n}" for n in range(1, 31))).run()
    assert "30 videos: 750 credits · US$7.50" in said(app) and "fox 21" not in said(app)
    click(app, "pricing.batch")
    handed = app.session_state["batch.draft"]
    assert handed.connection_id == official
    lines = read_list(handed.text)
    assert [line.prompt for line in lines] == [f"fox {n}" for n in range(1, 31)]
    assert {(line.model, line.duration) for line in lines} == {("gen4_turbo", 5)}
    app = show(app, "pricing")
    assert str(app.text_area(key="pricing.list").value).startswith("fox 1")


def test_a_file_that_is_no_list_is_refused_with_its_reason(open_app: Open, official: str) -> None:
    app = open_app("pricing", models="gen4_turbo")
    app.file_uploader(key="pricing.list.file").upload("list.csv", b"caf\xe9").run()
    assert "is not text in UTF-8" in said(app)
    app.file_uploader(key="pricing.list.file").upload("list.csv", TABLE.encode()).run()
    assert "2 videos: 75 credits" in said(app) and "UTF-8" not in said(app)
    app.text_area(key="pricing.list").input("prompt,colour\na,b\n").run()
    assert "is no column here" in said(app)


def test_whoever_only_looks_is_offered_nothing_to_make(
    open_app: Open, studio: Studio, official: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(studio, "Ada", Role.ADMIN)
    becoming(studio, monkeypatch)(join(studio, "Vic", Role.VIEWER))
    app = open_app("pricing", models="gen4_turbo")
    app.text_area(key="pricing.list").input("a fox").run()
    assert "1 video: 25 credits" in said(app)
    assert {b.key for b in app.button} == {"pricing.list.price"}
    assert "Ask an admin to change prices, plans or the currency: Ada." in said(app)


def test_without_a_connection_the_page_says_so(open_app: Open, studio: Studio) -> None:
    studio.connections.all()
    studio.connections.remove("sandbox")
    app = open_app("pricing")
    assert "There is no connection yet" in said(app)
    assert not app.pills
