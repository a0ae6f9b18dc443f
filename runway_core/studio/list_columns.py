"""The columns of a list of prompts, and how people call them in the languages of the app."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

COLUMNS = ("prompt", "image", "model", "ratio", "duration", "seed")
_SURE = {
    "prompt": "prompt prompts 提示词 提示詞 istem komut 프롬프트 gesaan prom",
}
"""Words that no first line of plain prompts is: whoever writes one of them means a table."""
_WORDS = {
    "prompt": "text|description|prompt text|文本|描述|metin|açıklama|텍스트|설명|teks|penerangan|arahan",
    "image": (
        "image url|picture|photo|first frame|file|图片|图像|首帧|照片|görsel|resim|fotoğraf|ilk kare|"
        "이미지|사진|그림|첫 프레임|imej|gambar|foto|bingkai pertama"
    ),
    "model": "模型|모델",
    "ratio": (
        "aspect ratio|aspect|shape|size|比例|宽高比|画面比例|尺寸|oran|en boy oranı|boyut|biçim|"
        "비율|화면비|화면 비율|크기|nisbah|nisbah bidang|saiz|bentuk"
    ),
    "duration": (
        "length|seconds|sec|duration (s)|时长|长度|秒|秒数|süre|uzunluk|saniye|"
        "길이|시간|초|tempoh|panjang|saat|durasi"
    ),
    "seed": "种子|随机种子|tohum|시드|benih",
}


def named_columns(cells: Sequence[str]) -> list[str] | None:
    """The columns that a first row names, one for each cell; None when it names none and is a prompt itself.

    A name that is not known stays as it was written.
    """
    plain = [_plain(cell) for cell in cells]
    found = [_KNOWN.get(name, name) for name in plain]
    sure = any(name in _CERTAIN for name in plain)
    filled = [name for name in found if name]
    every = bool(filled) and all(name in COLUMNS for name in filled)
    starts = "prompt" in filled or "image" in filled
    return found if sure or (every and starts) else None


def _plain(cell: str) -> str:
    folded = unicodedata.normalize("NFC", " ".join(cell.replace("_", " ").split())).casefold()
    return folded.replace("i̇", "i")  # what becomes of the Turkish İ


_CERTAIN = {_plain(word) for word in _SURE["prompt"].split()}
_KNOWN = {_plain(word): column for column, words in _WORDS.items() for word in words.split("|")}
_KNOWN |= dict.fromkeys(_CERTAIN, "prompt") | {column: column for column in COLUMNS}
