"""Where files are chosen: what the browser and Streamlit's server let through to our own checks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.catalog import UPLOAD_MAX
from runway_core.images.header import BYTES_MAX
from runway_core.web.runtime import reset
from tests.house import ROOT

MIB = 1024**2


@pytest.fixture
def fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The file fields of the create page."""
    monkeypatch.setenv("RUNWAY_HOME", str(tmp_path / "home"))
    reset()
    app = AppTest.from_file(str(ROOT / "runway_core/ui/main.py"), default_timeout=20).run()
    assert app.file_uploader
    yield [field.proto for field in app.file_uploader]
    reset()


def test_files_are_told_by_their_endings_because_types_would_switch_the_servers_check_off(
    fields: list[Any],
) -> None:
    for field in fields:
        assert field.type and all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in field.type)


def test_no_field_takes_more_than_is_checked_for(fields: list[Any]) -> None:
    assert [field.max_upload_size_mb for field in fields] == [BYTES_MAX // MIB] * len(fields)


def test_the_server_stops_what_no_field_may_take() -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    assert config["server"]["maxUploadSize"] * MIB == UPLOAD_MAX


def test_no_field_in_the_code_names_types() -> None:
    for path in [*ROOT.glob("pages/*.py"), *ROOT.glob("runway_core/ui/**/*.py")]:
        text = path.read_text("utf-8")
        for call in re.findall(r"file_uploader\(.*?\n    \)", text, re.DOTALL):
            assert re.search(r"\btype=\[", call), f"{path.name} lets any file through"
            assert not re.search(r"[\"'](image|video|audio|text|application)/", call)
