"""What Runway's own API takes, endpoint by endpoint and model by model, and a judge that knows nothing of ours."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types

DATA = Path(__file__).parent / "data" / "official_api.json"
"""JSON Schemas with bounds only, reduced from Runway's OpenAPI of 2026-08-08."""


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return found


@cache
def _judge(endpoint: str, model: str) -> Any:
    schema = _read()[endpoint][model] | {"$defs": _read()["$defs"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(endpoint: str, body: dict[str, Any]) -> list[str]:
    """What the official API would say against a body; empty when it takes it."""
    if body.get("model") not in _read()[endpoint]:
        return [f"{endpoint} has no model {body.get('model')}"]
    errors = _judge(endpoint, str(body["model"])).iter_errors(body)
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}"[:300] for e in errors]


def description() -> dict[str, Any]:
    """The same as an OpenAPI description; change it as you like."""
    data = copy.deepcopy(_read())
    definitions = data.pop("$defs")
    paths = {
        f"/v1/{endpoint}": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "oneOf": list(branches.values()),
                                "discriminator": {"propertyName": "model"},
                            }
                        }
                    }
                }
            }
        }
        for endpoint, branches in data.items()
    }
    return {"openapi": "3.1.0", "paths": paths, "$defs": definitions}
