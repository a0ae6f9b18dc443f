"""Knows finished English texts again by the templates that they were made from, and tells them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(r"\{(\w*)[^{}]*\}")
_LETTERS = re.compile(r"[^\W\d_]")
_KNOWN_BY = 3
"""Letters of its own that a template needs: what has fewer fits everything."""
_KEPT = 4096
"""Told texts that are remembered."""
_NAME_MOST = 6
"""Words of a name that a text may be about."""
_SENTENCE_END = re.compile(r"(?<=[.!?:;]) ")


class _Template(NamedTuple):
    pattern: re.Pattern[str]
    told: str


class Templates:
    """The texts of one language, whole ones and ones with parts in braces."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        parts = [text for text in texts if _PART.search(text)]
        parts.sort(key=lambda text: -len(_PART.sub("", text)))  # what says most is tried first
        self._templates = [
            _Template(_pattern(text), texts[text])
            for text in parts
            if len(_LETTERS.findall(_PART.sub("", text))) >= _KNOWN_BY
        ]
        self.tell = lru_cache(_KEPT)(self._tell)
        """A text in this language; as it is when it is not known."""

    def _tell(self, text: str) -> str:
        sentences = _SENTENCE_END.split(text)
        # A part of a template may hold whole sentences, but rather each sentence is known by itself.
        each = [self._sentence(sentence) for sentence in sentences]
        if all(each) and text.strip() not in self._texts:
            return " ".join(filter(None, each))
        return self._sentence(text) or " ".join(self._in_runs(sentences))

    def _sentence(self, text: str) -> str | None:
        return self._whole(text) or self._behind_a_name(text)

    def _behind_a_name(self, text: str) -> str | None:
        """A text such as ``refused the API key.`` behind who did; all our languages name that first."""
        words = text.split(" ")
        for at in range(1, min(len(words) - 1, _NAME_MOST) + 1):
            if (found := self._texts.get(" ".join(words[at:]))) is not None:
                return " ".join((*words[:at], found))
        return None

    def _whole(self, text: str) -> str | None:
        bare = text.strip()
        if bare in self._texts:
            return text.replace(bare, self._texts[bare])
        for template in self._templates:
            if (match := template.pattern.fullmatch(text)) is not None:
                return self._filled(template.told, match)
        return None

    def _filled(self, told: str, match: re.Match[str]) -> str:
        return _PART.sub(lambda part: str(self.tell(match[part[1]])), told)

    def _in_runs(self, sentences: list[str]) -> Iterator[str]:
        """Several texts that were put behind one another: the longest runs of sentences that are known."""
        at = 0
        while at < len(sentences):
            ends = (end for end in range(len(sentences), at, -1) if end - at < len(sentences))
            runs = ((end, self._sentence(" ".join(sentences[at:end]))) for end in ends)
            end, found = next(((e, f) for e, f in runs if f is not None), (at + 1, None))
            yield sentences[at] if found is None else found
            at = end


def _pattern(text: str) -> re.Pattern[str]:
    """A regular expression of the texts that a template makes."""
    seen: set[str] = set()
    found, last = "", 0
    for part in _PART.finditer(text):
        found += re.escape(_plain(text[last : part.start()]))
        found += f"(?P={part[1]})" if part[1] in seen else f"(?P<{part[1]}>.+?)"
        seen.add(part[1])
        last = part.end()
    return re.compile(found + re.escape(_plain(text[last:])), re.DOTALL)


def _plain(literal: str) -> str:
    return literal.replace("{{", "{").replace("}}", "}")
