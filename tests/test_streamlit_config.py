"""What Streamlit is told at the start, as Streamlit itself reads it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.house import ROOT

TABLES: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
ASK = """
import json, sys
from streamlit import config
known = config.get_config_options()
print(json.dumps({name: config.get_option(name) if name in known else "unknown" for name in json.load(sys.stdin)}))
"""


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        found |= flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


WRITTEN = flat(TABLES)


def test_streamlit_takes_every_line_without_a_word() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        input=json.dumps(list(WRITTEN)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == WRITTEN


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("server.address", "127.0.0.1"),
        ("server.allowedHosts", ["localhost", "127.0.0.1"]),
        ("server.enableCORS", True),
        ("server.enableXsrfProtection", True),
        ("server.enableStaticServing", False),
        ("server.enableAgentApi", False),
        ("browser.gatherUsageStats", False),
        ("client.showErrorDetails", "none"),
        ("client.showErrorLinks", False),
        ("runner.magicEnabled", False),
    ],
)
def test_what_keeps_people_safe_is_written_down(option: str, value: object) -> None:
    assert WRITTEN[option] == value


def test_every_line_says_why() -> None:
    lines = (ROOT / ".streamlit/config.toml").read_text("utf-8").splitlines()
    silent = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if " = " in line
        and not line.startswith("#")
        and " # " not in line
        and not above.startswith("#")
    ]
    assert silent == []


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it: 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_in_both_themes(theme: str) -> None:
    colours = TABLES["theme"][theme]
    page, card = colours["backgroundColor"], colours["secondaryBackgroundColor"]
    assert contrast("#ffffff", colours["primaryColor"]) >= 4.5  # a button's own text is white
    assert contrast(colours["primaryColor"], page) >= 3  # a button seen as one
    for ground in (page, card):
        assert contrast(colours["textColor"], ground) >= 7
        assert contrast(colours["linkColor"], ground) >= 4.5


def test_no_font_is_fetched() -> None:
    assert not [value for value in WRITTEN.values() if isinstance(value, str) and "://" in value]
    assert "fontFaces" not in TABLES["theme"]
