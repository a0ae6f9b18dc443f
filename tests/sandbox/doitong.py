"""Doitong's requests as a program of somebody's own would write them."""

from __future__ import annotations

from typing import Any

import httpx

KEY = "doitong-test-key"
GRAPHQL = {"Authorization": f"Bearer {KEY}"}
REST = {"X-API-Key": KEY}
FIELDS = "id status type provider url metadata creditCost createdAt"
GENERATE = f"mutation Generate($input: GenerateInput!) {{ generate(input: $input) {{ {FIELDS} }} }}"
ANIMATE = (
    "mutation AnimateImage($input: ImageAnimationInput!) "
    "{ animateImage(input: $input) { id status url } }"
)
LOOK = f"query Generation($id: ID!) {{ generation(id: $id) {{ {FIELDS} }} }}"
PICTURE = "https://pictures.example.com/harbour.jpg"


def text_input(prompt: str = "a harbour at dawn", **options: Any) -> dict[str, Any]:
    """What `generate` takes for a video from words."""
    return {
        "type": "VIDEO",
        "provider": "runway",
        "input": {"text": prompt},
        "options": {"duration": 5, "aspectRatio": "16:9", **options},
    }


def image_input(name: str = "imageUrl", **options: Any) -> dict[str, Any]:
    """What `generate` takes for a video from a picture."""
    return {
        "type": "VIDEO",
        "provider": "runway-i2v",
        "input": {name: PICTURE},
        "options": {"duration": 5, "motionIntensity": "medium", **options},
    }


def ask(
    root: str,
    query: str = GENERATE,
    headers: dict[str, str] | None = None,
    /,
    **variables: Any,
) -> httpx.Response:
    """Send a query with its variables to a root's GraphQL endpoint."""
    body = {"query": query, "variables": variables}
    return httpx.post(f"{root}/graphql", json=body, headers=GRAPHQL | (headers or {}))


def errors_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """Code and message of each error of an answer that has no data."""
    body = answer.json()
    assert set(body) == {"errors"}, body
    return [(error["extensions"]["code"], error["message"]) for error in body["errors"]]
