"""Many videos in one file, and strips of frames, over HTTP."""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
import zipfile
from io import BytesIO

import httpx
import pytest
from PIL import Image

from runway_core.domain import Artifact, TaskStatus
from runway_core.people import Actor, Person, Role
from runway_core.store import Mark
from runway_core.web import visitor
from runway_core.web.runtime import runtime
from runway_core.web.zips import LIST, PATH, ids_of, zip_url
from tests.builders import NOW, artifact, connection, new_task
from tests.sandbox.films import film
from tests.team import token
from tests.web.conftest import Kept


def _kept(prompt: str, content: bytes | None, *, owner: Actor | None = None) -> str:
    """A finished task and the bytes that are kept of it; the file itself is lost when there are none."""
    studio = runtime().studio
    store = studio.store
    store.connections.add_once(connection())
    new = new_task(prompt=prompt)
    (store.acting_as(owner) if owner else store).tasks.add(new)
    store.tasks.move(
        new.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED, next_at=None
    )
    made: Artifact = artifact(content or prompt.encode())
    if content is not None:
        studio.archive.take_back(made.path, BytesIO(content))
    store.tasks.attach(new.id, [made], now=NOW)
    return new.id


def _packed(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(BytesIO(answer.content))


def _rows(packed: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(packed.read(LIST).decode("utf-8-sig"))))


def test_the_file_holds_each_video_byte_for_byte_and_a_list(client: httpx.Client) -> None:
    fox, owl = _kept("A fox, running", b"fox" * 9000), _kept("=HYPERLINK(1)", b"owl")
    lost = _kept("狐狸", None)
    reviews = runtime().studio.reviews
    reviews.mark([fox], Mark.KEEP)
    reviews.note(owl, "+1 good")
    reviews.tag([owl], add=["@spring"])
    answer = client.get(zip_url([fox, owl, lost]))
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="videos.zip"'
    assert answer.headers["cache-control"] == "no-store"
    packed = _packed(answer)
    assert packed.testzip() is None
    names = packed.namelist()
    assert [n.rsplit("-", 1)[0] for n in names] == [LIST, "001-a-fox-running", "002-hyperlink-1"]
    assert packed.read(names[1]) == b"fox" * 9000 and packed.read(names[2]) == b"owl"
    rows = _rows(packed)
    assert [row["File"] for row in rows] == [*names[1:], ""]
    assert [row["Prompt"] for row in rows] == ["A fox, running", "'=HYPERLINK(1)", "狐狸"]
    assert (rows[0]["Mark"], rows[1]["Note"], rows[1]["Tags"]) == ("keep", "'+1 good", "'@spring")
    assert [row["Video"] for row in rows] == [fox, owl, lost]


def test_no_more_than_a_piece_is_in_memory(client: httpx.Client) -> None:
    ids = [_kept(f"take {n}", random.Random(n).randbytes(4_000_000)) for n in range(10)]
    client.get(zip_url(ids[:1]))
    tracemalloc.start()
    try:
        with client.stream("GET", zip_url(ids)) as answer:
            size = sum(len(piece) for piece in answer.iter_bytes(65536))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 40_000_000 and peak < 20_000_000


def test_videos_of_others_are_as_if_they_were_not_there(client: httpx.Client) -> None:
    people = runtime().studio.store.people
    found = {}
    for name, role in (("ada", Role.ADMIN), ("mia", Role.MAKER), ("bo", Role.MAKER)):
        found[name] = Person(id=name, name=name, role=role, created_at=NOW)
        people.add(found[name], password_hash="hash")
    hers = _kept("hers", b"hers", owner=Actor.of(found["mia"]))
    his = _kept("his", b"his", owner=Actor.of(found["bo"]))
    url = zip_url([hers, his])
    assert client.get(url).status_code == 401
    cookie = {"Cookie": f"{visitor.SESSION}={token(runtime().studio, found['bo'])}"}
    packed = _packed(client.get(url, headers=cookie))
    assert len(packed.namelist()) == 2 and [r["Video"] for r in _rows(packed)] == [his]
    assert client.get(zip_url([hers]), headers=cookie).status_code == 404
    assert client.get(f"/app/static/desk/{hers}/0/strip.jpg", headers=cookie).status_code == 404


@pytest.mark.parametrize("packed", ["", "x", "!!!!", "AAAA" * 50, "é", "%00", "A" * 5000])
def test_an_address_that_names_nothing_is_not_found(
    client: httpx.Client, kept: Kept, packed: str
) -> None:
    answer = client.get(f"{PATH}?v={packed}")
    assert (answer.status_code, answer.text) == (404, "There are no such videos here.")


def test_ids_come_back_from_an_address(kept: Kept) -> None:
    ids = [kept.task_id, new_task().id]
    assert ids_of(zip_url(ids).partition("v=")[2]) == ids


def test_a_strip_shows_five_frames_and_goes_with_its_video(client: httpx.Client) -> None:
    studio = runtime().studio
    task_id = _kept("a film", film(2.0))
    url = f"/app/static/desk/{task_id}/0/strip.jpg"
    answer = client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    shown = Image.open(BytesIO(answer.content))
    assert shown.size == (5 * 320 + 4 * 4, 180)
    bars = [_white(shown, 324 * number) for number in range(5)]
    assert bars == sorted(bars) and bars[0] < 50 and bars[4] > 270
    (artifact_,) = studio.tasks.get(task_id).artifacts
    strips = [name for name in studio.archive.names() if name.endswith(".strip.jpg")]
    assert len(strips) == 1 and client.get(url).content == answer.content
    assert studio.reviews.delete([task_id]) == 1
    assert artifact_.path not in studio.archive.names()
    assert not [name for name in studio.archive.names() if name.endswith(".strip.jpg")]


def _white(strip: Image.Image, left: int) -> int:
    """How far the white bar at the top of a frame goes: it grows while the film runs."""
    line = strip.convert("L").crop((left, 10, left + 320, 11))
    return sum(1 for bright in line.tobytes() if bright > 220)


def test_what_is_no_film_has_no_strip(client: httpx.Client, kept: Kept) -> None:
    answer = client.get(f"/app/static/desk/{kept.task_id}/0/strip.jpg")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
