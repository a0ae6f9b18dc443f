"""What is wrong with a request's body, said in the shape of zod 4, which Runway uses.

Source: docs.dev.runwayml.com/openapi.json, version 2026-08-08.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DOC_URL = "https://docs.dev.runwayml.com/api"
Path = tuple[str | int, ...]


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """An HTTP answer that ends a request."""

    def __init__(self, status_code: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status_code} {body}")
        self.status_code = status_code
        self.body = body


class _Missing:
    """A key that is not there, as JavaScript's undefined."""


MISSING = _Missing()


@dataclass
class Issues:
    """Everything that is wrong, in the order in which it was found."""

    found: list[dict[str, Any]] = field(default_factory=list)

    def refusal(self) -> Refusal:
        return Refusal(
            400,
            {"error": "Validation of body failed", "issues": self.found, "docUrl": DOC_URL},
        )

    def add(self, code: str, message: str, *path: str | int, **more: Any) -> None:
        self.found.append({"code": code, **more, "path": list(path), "message": message})

    def wrong_type(self, expected: str, value: object, *path: str | int) -> None:
        message = f"Invalid input: expected {expected}, received {_kind(value)}"
        self.add("invalid_type", message, *path, expected=expected)

    def unknown_keys(self, keys: Iterable[str], *path: str | int) -> None:
        unknown = list(keys)
        if unknown:
            named = ", ".join(f'"{key}"' for key in unknown)
            many = "s" if len(unknown) > 1 else ""
            self.add("unrecognized_keys", f"Unrecognized key{many}: {named}", *path, keys=unknown)

    def one_of(self, value: object, allowed: Iterable[object], *path: str | int) -> bool:
        """Check a value against a list; tell whether it is in there."""
        values = list(allowed)
        good = not isinstance(value, bool | _Missing) and value in values
        if not good:
            message = f"Invalid input: expected {_json(values[0])}"
            if len(values) != 1:
                message = "Invalid option: expected one of " + "|".join(map(_json, values))
            self.add("invalid_value", message, *path, values=values)
        return good

    def boolean(self, value: object, *path: str | int) -> None:
        if not isinstance(value, bool):
            self.wrong_type("boolean", value, *path)

    def text(self, value: object, low: int, high: int, *path: str | int) -> str:
        """Check a text, its length counted in UTF-16 code units; return what can be stored and drawn."""
        if not isinstance(value, str):
            self.wrong_type("string", value, *path)
            return ""
        self.size(len(value.encode("utf-16-le", "surrogatepass")) // 2, low, high, *path)
        # A lone surrogate can be counted, but neither stored nor drawn.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def size(
        self, size: int, low: int, high: int, *path: str | int, origin: str = "string"
    ) -> bool:
        """Check the length of a text, or the items of an array; tell whether it is good."""
        unit = "characters" if origin == "string" else "items"
        if size < low:
            message = f"Too small: expected {origin} to have >={low} {unit}"
            self.add("too_small", message, *path, origin=origin, minimum=low, inclusive=True)
        elif size > high:
            message = f"Too big: expected {origin} to have <={high} {unit}"
            self.add("too_big", message, *path, origin=origin, maximum=high, inclusive=True)
        return low <= size <= high

    def integer(self, value: object, low: int, high: int, *path: str | int) -> int:
        """Check a whole number; return it, or `low` when it is none that will do."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, float):
            self.wrong_type("int", value, *path)
            return low
        return int(self.number(value, low, high, *path))

    def number(self, value: object, low: float, high: float, *path: str | int) -> float:
        """Check a number; return it, or `low` when it is none that will do."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong_type("number", value, *path)
        elif value < low:
            message = f"Too small: expected number to be >={low}"
            self.add("too_small", message, *path, origin="number", minimum=low, inclusive=True)
        elif value > high:
            message = f"Too big: expected number to be <={high}"
            self.add("too_big", message, *path, origin="number", maximum=high, inclusive=True)
        else:
            return value
        return low


def _json(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _kind(value: object) -> str:
    """The JavaScript name of a JSON value's type."""
    if value is MISSING:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "object")
