"""The history: what is found, in which order, one page at a time."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import TaskStatus
from runway_core.store import Store, TaskQuery
from runway_core.store.query import folded
from tests.builders import NOW, RELAY, connection, new_task


def _add(store: Store, *prompts: str) -> None:
    for number, prompt in enumerate(prompts):
        at = NOW + timedelta(seconds=number)
        assert store.tasks.add(new_task(prompt, prompt=prompt, created_at=at))


def _prompts(store: Store, query: TaskQuery) -> list[str]:
    return [task.request.prompt for task in store.tasks.page(query).tasks]


def _finds(store: Store, text: str) -> list[str]:
    found = store.tasks.page(TaskQuery(text=text, limit=100))
    assert found.total == len(found.tasks)
    return sorted(task.request.prompt for task in found.tasks)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("A Fox in the Snow", "fox SNOW"),
        ("A Fox in the Snow", "  snow\tfox\n"),
        ("A Fox in the Snow", "now"),
        ("İstanbul'da bir vapur", "istanbul"),
        ("İstanbul'da bir vapur", "İSTANBUL"),
        ("ISPARTA gülleri", "ısparta"),
        ("ISPARTA gülleri", "Isparta GÜLLERİ"),
        ("ışık ve ağaç", "IŞIK AĞAÇ"),
        ("一只狐狸在雪中", "狐狸"),
        ("눈 속의 여우", "여우"),
        (unicodedata.normalize("NFD", "눈 속의 여우"), "여우"),
        ("눈 속의 여우", unicodedata.normalize("NFD", "여우")),
        ("Straße am Abend", "STRASSE"),
        ("café", unicodedata.normalize("NFD", "CAFÉ")),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("ΟΔΟΣ", "οδος"),
        ("a fox 🦊 runs", "🦊"),
    ],
)
def test_text_is_found_in_any_case_and_script(store: Store, prompt: str, text: str) -> None:
    _add(store, prompt, "something else")
    assert _finds(store, text) == [prompt]


@pytest.mark.parametrize("text", ["%", "_", "\\", "/", "'", '"', "*", "[a]", "-- "])
def test_signs_of_a_pattern_are_only_themselves(store: Store, text: str) -> None:
    _add(store, "plain", f"with {text.strip()} in it")
    assert _finds(store, text) == [f"with {text.strip()} in it"]
    assert _finds(store, f"p{text.strip()}n") == []


@given(prompt=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_word_of_a_prompt_finds_it(prompt: str) -> None:
    where = folded(f"before {prompt} after")
    for spelling in (prompt, prompt.upper(), prompt.lower(), unicodedata.normalize("NFD", prompt)):
        for word in spelling.split():
            assert all(part in where for part in folded(word).split()), (word, where)


def test_model_connection_and_both_ids_are_found_too(store: Store) -> None:
    new = new_task("mine", prompt="this one")
    store.tasks.add(new)
    _add(store, "another")
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, remote_id="Remote-ABC-9")
    for text in (new.id, new.id[:8].upper(), "remote-abc-9", "REMOTE-ABC-9 this"):
        assert _finds(store, text) == ["this one"]
    assert len(_finds(store, "gen4.5")) == len(_finds(store, "our RELAY")) == 2
    assert _finds(store, "remote-abc-8") == []


def test_all_words_must_be_there(store: Store) -> None:
    _add(store, "red fox", "red car", "blue fox")
    assert _finds(store, "fox red") == ["red fox"]
    assert _finds(store, "") == _finds(store, " \n") == ["blue fox", "red car", "red fox"]
    assert _finds(store, "green") == []


def test_a_very_long_or_broken_search_is_answered(store: Store) -> None:
    _add(store, "fox " * 200)
    assert _finds(store, "fox " * 20_000) == ["fox " * 200]
    assert _finds(store, "x" * 100_000) == []
    assert _finds(store, "\udc80 fox \x00") == []


def test_statuses_and_connections_narrow_the_list(store: Store) -> None:
    store.connections.add(connection(id="other", name="other"), key_sealed=None)
    for number, status in enumerate(TaskStatus):
        new = new_task(prompt=status.value, connection_id=("other", RELAY)[number % 2])
        store.tasks.add(new)
        store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=status)

    wanted = frozenset({TaskStatus.FAILED, TaskStatus.RUNNING})
    assert set(_prompts(store, TaskQuery(statuses=wanted))) == {"FAILED", "RUNNING"}
    assert store.tasks.page(TaskQuery(connection_id="other")).total == 5
    assert store.tasks.page(TaskQuery(connection_id="nobody")).total == 0
    both = TaskQuery(statuses=frozenset(TaskStatus), connection_id=RELAY)
    assert store.tasks.page(both).total == 4
    for status in TaskStatus:
        assert _prompts(store, TaskQuery(statuses=frozenset({status}))) == [status.value]


def test_the_newest_come_first_and_pages_hold_each_task_once(store: Store) -> None:
    _add(store, *(f"video {number:02}" for number in range(23)))
    for _ in range(7):  # made in one moment: their order is the same on every page
        store.tasks.add(new_task(prompt="video together", created_at=NOW - timedelta(days=1)))

    whole = _prompts(store, TaskQuery(limit=100))
    assert whole[:23] == [f"video {number:02}" for number in reversed(range(23))]
    ids: list[str] = []
    for offset in range(0, 36, 12):
        page = store.tasks.page(TaskQuery(text="video", offset=offset))
        assert page.total == 30
        ids += [task.id for task in page.tasks]
    assert len(ids) == len(set(ids)) == 30
    assert store.tasks.page(TaskQuery(offset=1000)).tasks == ()
