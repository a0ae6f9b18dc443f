"""Lists of prompts as people have them: headings in their own language, sheets, pictures; and files made to harm."""

from __future__ import annotations

import datetime
import io
import time
import zipfile
from collections.abc import Callable

import openpyxl  # type: ignore[import-untyped] # it ships no types
import pytest

from runway_core.catalog import Profile, catalog
from runway_core.domain import Capability
from runway_core.errors import InvalidInputError
from runway_core.studio.batch_rows import Usual, matrix, request_of
from runway_core.studio.prompt_lists import ROWS_MOST, Line, read_list, read_text, write_list
from runway_core.studio.sheets import UNPACKED_MOST

PROFILE: Profile = catalog().profile("sandbox")
USUAL = Usual(model="gen4.5", ratio="1280:720", duration=5)
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same file with one part changed, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out.getvalue()


@pytest.mark.parametrize(
    "heading",
    [
        "prompt,image,model,ratio,duration,seed",
        "提示词,图片,模型,比例,时长,种子",
        "İSTEM,Görsel,Model,En Boy Oranı,Süre,Tohum",
        "프롬프트,이미지,모델,화면비,길이,시드",
        "Gesaan,Imej,Model,Nisbah,Tempoh,Benih",
        "Description,Image URL,MODEL,Aspect_Ratio,Seconds,seed",
        "Prompt\tImage\tModel\tShape\tLength\tSeed",
    ],
)
def test_a_table_is_read_by_its_headings_in_any_of_the_languages(heading: str) -> None:
    separator = "\t" if "\t" in heading else ","
    row = separator.join(("a fox", "fox.png", "gen4.5", "16:9", "5", "7"))
    (line,) = read_list(f"{heading}\n{row}\n")
    assert line == Line(
        row=2, prompt="a fox", image="fox.png", model="gen4.5", ratio="16:9", duration=5, seed=7
    )


@pytest.mark.parametrize(
    "text", ["text", "Description, in the rain", "A model, seconds before the storm", "size, shape"]
)
def test_a_prompt_that_is_like_a_heading_stays_a_prompt(text: str) -> None:
    found = [line.prompt for line in read_list(f"{text}\na fox")]
    assert found in ([text, "a fox"], ["a fox"])
    assert found == [text, "a fox"] or text == "text"


def test_a_row_needs_a_prompt_or_a_picture() -> None:
    lines = read_list("prompt,image,seed\n,fox.png,1\na fox,,2\n,,3\n")
    assert [[p.field for p in line.problems] for line in lines] == [[], [], ["row 4, prompt"]]


def test_a_written_list_is_read_back() -> None:
    lines = [Line(row=2, prompt='a "fox",\nrunning', image="a b.png", ratio="16:9", seed=0)]
    assert read_list(write_list(lines)) == lines


def test_a_sheet_is_read_as_people_see_it() -> None:
    data = workbook(
        ["Prompt", "Ratio", "Duration", "Seed", None],
        ["a fox, in\nthe snow", datetime.time(16, 9), 5.0, 7],
        [None, None, None, None],
        ["a boat", "9:16", 10, None],
    )
    first, second = read_list(data)
    assert (first.row, first.prompt) == (2, "a fox, in\nthe snow")
    assert (first.ratio, first.duration, first.seed) == ("16:9", 5, 7)
    assert (second.prompt, second.ratio, second.seed) == ("a boat", "9:16", None)
    assert read_text(data).startswith("Prompt,Ratio,Duration,Seed\n")
    only = workbook(["a fox"], ["a boat, red"])
    assert [line.prompt for line in read_list(only)] == ["a fox", "a boat, red"]


def test_a_sheet_without_headings_says_so() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_list(workbook(["a fox", "gen4.5"]))
    assert [problem.field for problem in caught.value.problems] == ["row 1"]


def bomb() -> bytes:
    """Little that unpacks to much more than any list is."""
    return with_part(workbook(["prompt"]), "xl/extra.xml", lambda _: b"<a>" * (UNPACKED_MOST // 2))


def many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(500):
            archive.writestr(f"xl/{n}.xml", "<a/>")
    return out.getvalue()


def lying() -> bytes:
    """Says that a part is small which is large."""
    data = bytearray(with_part(workbook(["prompt"]), SHEET, lambda xml: xml + b" " * 10**6))
    at = data.find(b"PK\x01\x02")
    while at >= 0 and SHEET.encode() not in data[at : at + 100]:
        at = data.find(b"PK\x01\x02", at + 4)
    data[at + 24 : at + 28] = (50).to_bytes(4, "little")
    return bytes(data)


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>"""
HIDDEN = b"<?xml version='1.0' encoding='cp037'?>" + "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode(
    "cp037"
)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb": bomb,
    "many parts": many_parts,
    "a part that lies about its size": lying,
    "entities": lambda: with_part(workbook(["prompt"]), SHEET, lambda _: ENTITIES),
    "entities in another alphabet": lambda: with_part(
        workbook(["prompt"]), SHEET, lambda _: HIDDEN
    ),
    "entities in UTF-16": lambda: with_part(
        workbook(["prompt"]), SHEET, lambda _: ENTITIES.decode().encode("utf-16")
    ),
    "too many tags": lambda: with_part(
        workbook(["prompt"]),
        SHEET,
        lambda xml: xml.replace(b"<row", b"<z/>" * 600_000 + b"<row", 1),
    ),
    "not a sheet": lambda: with_part(b"PK\x05\x06" + bytes(18), "a.xml", lambda _: b"<a/>"),
    "cut off": lambda: workbook(["prompt"], ["a fox"])[:-200],
    "no archive": lambda: b"PK\x03\x04" + b"nothing" * 40,
    "broken xml": lambda: with_part(workbook(["prompt"]), SHEET, lambda xml: xml[:-40]),
    "no workbook": lambda: with_part(
        workbook(["prompt"]), "xl/workbook.xml", lambda _: b"<workbook/>"
    ),
    "a shared text that is not there": lambda: with_part(
        workbook(["prompt"]),
        SHEET,
        lambda xml: xml.replace(b't="inlineStr"><is><t>prompt</t></is>', b't="s"><v>9</v>'),
    ),
    "too large": lambda: b"PK\x03\x04" + bytes(3 * 1024 * 1024),
}


TOO_MUCH = {
    "a bomb": "holds too much",
    "many parts": "holds too much",
    "too many tags": "holds too much",
    "too large": "larger than 2 MB",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_in_words(name: str) -> None:
    data = HOSTILE[name]()
    began = time.process_time()
    with pytest.raises(InvalidInputError) as caught:
        read_list(data)
    assert time.process_time() - began < 5
    (problem,) = caught.value.problems
    assert problem.field == "file" and "Nothing was sent" in caught.value.hint
    assert TOO_MUCH.get(name, "can't be read as an XLSX file") in problem.message


def test_a_cell_far_away_fills_no_memory() -> None:
    far = with_part(
        workbook(["prompt"], ["a fox"]),
        SHEET,
        lambda xml: xml.replace(b'<row r="2"', b'<row r="1048576"').replace(
            b'"A2"', b'"XFD1048576"'
        ),
    )
    with pytest.raises(InvalidInputError):
        read_list(far)
    rows: list[list[object]] = [[f"prompt {n}"] for n in range(ROWS_MOST + 1)]
    many = workbook(*rows)
    with pytest.raises(InvalidInputError, match="2,000"):
        read_list(many)


def test_a_matrix_has_a_row_for_each_combination() -> None:
    rows = matrix(["a fox", "a boat"], ["one.png", "two.png"], [1, 2, 3])
    assert len(rows) == 12 and [row.row for row in rows] == list(range(1, 13))
    assert (rows[0].prompt, rows[0].image, rows[0].seed) == ("a fox", "one.png", 1)
    assert (rows[-1].prompt, rows[-1].image, rows[-1].seed) == ("a boat", "two.png", 3)
    assert [row.image for row in matrix([], ["one.png"], [])] == ["one.png"]
    with pytest.raises(InvalidInputError):
        matrix([], [], [1])
    with pytest.raises(InvalidInputError, match="2,500"):
        matrix(["a"] * 50, ["b"] * 50, [])


def test_a_row_is_the_request_that_it_means() -> None:
    pictures = {"fox.png": "asset:" + "0" * 64}
    words = request_of(Line(row=1, prompt="a fox"), USUAL, PROFILE, pictures)
    assert (words.capability, words.model, words.duration) == (
        Capability.TEXT_TO_VIDEO,
        "gen4.5",
        5,
    )
    line = Line(row=1, prompt="a fox", image="FOX.png", ratio="9x16", duration=10, seed=3)
    picture = request_of(line, USUAL, PROFILE, pictures)
    assert picture.capability is Capability.IMAGE_TO_VIDEO
    assert (picture.ratio, picture.duration, picture.seed) == ("720:1280", 10, 3)
    assert picture.frames[0].uri == pictures["fox.png"]
    linked = request_of(Line(row=1, prompt="", image="https://a.example/b.png"), USUAL, PROFILE, {})
    assert linked.frames[0].uri == "https://a.example/b.png"
    billed = request_of(Line(row=1, prompt="a", model="runwayml-gen4.5-10"), USUAL, PROFILE, {})
    assert (billed.model, billed.duration) == ("gen4.5", 10)
    odd = request_of(Line(row=1, prompt="a", ratio="7:1"), USUAL, PROFILE, {})
    assert odd.ratio == "7:1"  # refused by the check, and never bent to another shape


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Line(row=1, prompt="a", model="nothing-1"), "model"),
        (Line(row=1, prompt="a", image="cat.png"), "image"),
        (Line(row=1, prompt="a", model="gen4_turbo"), "image"),
        (Line(row=1, prompt="a", model="runwayml-gen4.5-10", duration=5), "duration"),
    ],
)
def test_what_is_wrong_with_a_row_names_its_field(line: Line, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        request_of(line, USUAL, PROFILE, {})
    assert [problem.field for problem in caught.value.problems] == [field]
