"""The script of the compare page: ours, fresh with each version, and it writes no markup."""

from __future__ import annotations

import httpx


def test_the_script_is_served_as_one_and_asked_for_again(client: httpx.Client) -> None:
    answer = client.get("/app/static/desk/compare.js")
    assert answer.status_code == 200 and "requestAnimationFrame" in answer.text
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "eval(" not in answer.text and "innerHTML" not in answer.text
