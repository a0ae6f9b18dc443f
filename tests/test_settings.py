"""The home folder and the environment, as a person sets them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runway_core import settings
from runway_core.errors import ConfigError


def load(tmp_path: Path, **environ: str) -> settings.Settings:
    return settings.load({"RUNWAY_HOME": str(tmp_path / "home")} | environ)


def test_the_home_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b"
    found = settings.load({"RUNWAY_HOME": str(home)})
    assert found.home == home
    assert home.stat().st_mode & 0o777 == 0o700


def test_all_data_lies_under_the_home_folder(tmp_path: Path) -> None:
    found = load(tmp_path)
    for path in (found.database, found.media, found.master_key, found.receipts, found.sandbox):
        assert path.parent == found.home


def test_a_home_that_is_there_keeps_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "kept.txt").write_text("here")
    assert (load(tmp_path).home / "kept.txt").read_text() == "here"


def test_without_a_name_the_home_is_in_the_data_folder_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for environ in ({}, {"RUNWAY_HOME": ""}):
        home = settings.load(environ).home
        assert home.name == "runway-desk"
        assert tmp_path in home.parents


def test_a_tilde_and_a_relative_name_become_whole_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert settings.load({"RUNWAY_HOME": "~/desk"}).home == tmp_path / "desk"
    assert settings.load({"RUNWAY_HOME": "near"}).home == tmp_path / "near"


def test_the_environment_is_read_where_none_is_given(home: Path) -> None:
    assert settings.load().home == Path(os.environ["RUNWAY_HOME"]) == home


@pytest.mark.parametrize("name", ["file/below", "file", "~no-such-user-here/desk"])
def test_a_home_that_cannot_be_made_says_which_and_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    text = name if name.startswith("~") else str(tmp_path / name)
    with pytest.raises(ConfigError) as error:
        settings.load({"RUNWAY_HOME": text})
    assert text in str(error.value)
    assert "RUNWAY_HOME" in error.value.hint


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", set()),
        (" , ", set()),
        ("192.168.1.20:8080", {("192.168.1.20", 8080)}),
        (" Relay.LAN:80 ,10.0.0.2:65535,", {("relay.lan", 80), ("10.0.0.2", 65535)}),
        ("[fd00::1]:443", {("fd00::1", 443)}),
    ],
)
def test_private_hosts_are_read(tmp_path: Path, text: str, hosts: set[tuple[str, int]]) -> None:
    assert load(tmp_path, RUNWAY_PRIVATE_HOSTS=text).private_hosts == hosts


@pytest.mark.parametrize(
    "text", ["relay", "relay:", ":80", "relay:0", "relay:65536", "relay:http", "http://relay:80"]
)
def test_a_private_host_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="not host:port") as error:
        load(tmp_path, RUNWAY_PRIVATE_HOSTS=f"10.0.0.1:80,{text}")
    assert f"“{text}”" in str(error.value)
    assert "192.168.1.20:8080" in error.value.hint


def test_no_private_host_is_trusted_unless_named(tmp_path: Path) -> None:
    assert load(tmp_path).private_hosts == frozenset()


@pytest.mark.parametrize(
    ("text", "speed"), [("", 4.0), ("20", 20.0), ("0.1", 0.1), ("1000", 1000.0)]
)
def test_the_speed_of_the_sandbox_is_read(tmp_path: Path, text: str, speed: float) -> None:
    assert load(tmp_path, RUNWAY_SANDBOX_SPEED=text).sandbox_speed == speed


@pytest.mark.parametrize("text", ["fast", "0", "0.09", "1001", "-1", "nan", "inf"])
def test_a_speed_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        ConfigError, match=r"RUNWAY_SANDBOX_SPEED must be a number from 0\.1 to 1000"
    ):
        load(tmp_path, RUNWAY_SANDBOX_SPEED=text)


def test_the_address_of_the_running_sandbox_is_read(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found.sandbox_address() is None
    found.sandbox.mkdir()
    address = {"url": "http://127.0.0.1:8787", "key": "practice"}
    (found.sandbox / "address.json").write_text(json.dumps(address))
    assert found.sandbox_address() == settings.SandboxAddress(**address)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"url": "http://127.0.0.1:1"}', "\x00"])
def test_a_half_written_address_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    found = load(tmp_path)
    found.sandbox.mkdir()
    (found.sandbox / "address.json").write_text(text)
    assert found.sandbox_address() is None


def test_media_may_be_in_a_bucket_or_a_shared_folder(tmp_path: Path) -> None:
    assert load(tmp_path).media_url == ""
    found = load(tmp_path, RUNWAY_MEDIA_URL=" s3://my-bucket/desk/ ")
    assert found.media_url == "s3://my-bucket/desk"
    assert found.media == found.home / "media"
    shared = load(tmp_path, RUNWAY_MEDIA_URL="file:///mnt/our%20desk")
    assert shared.media == Path("/mnt/our desk")


@pytest.mark.parametrize(
    "url",
    [
        "/mnt/desk",
        "s3://",
        "s3:///desk",
        "s3://b",
        "s3://bucket/a/../b",
        "s3://bucket//b",
        "file://server/desk",
        "file:///",
        "file:desk",
        "https://bucket.example.com/desk",
        "gs://bucket/desk",
        "http://[nonsense",
        "s3://bucket/desk?X-Amz-Signature=CANARY",
        "s3://someone:CANARY@bucket/desk",
        "s3://CANARY@bucket/desk",
    ],
)
def test_a_wrong_place_for_media_is_refused_and_no_secret_in_it_is_shown(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(ConfigError, match="RUNWAY_MEDIA_URL") as caught:
        load(tmp_path, RUNWAY_MEDIA_URL=url)
    assert "CANARY" not in f"{caught.value} {caught.value.hint}"
    assert "s3://bucket/folder" in caught.value.hint
    assert ("AWS_SECRET_ACCESS_KEY" in caught.value.hint) == ("@" in url)
