"""A create as a command or a program that somebody else can run, with the key in the environment. Pure."""

from __future__ import annotations

import json
import shlex
from pprint import pformat

from runway_core.providers import Outline
from runway_core.studio.outlines import VARIABLE


def as_curl(made: Outline) -> str:
    """For a shell: the body comes from a here-document, in which no character needs care."""
    headers = {"Content-Type": "application/json", **made.headers}
    lines = [f"curl {shlex.quote(made.url)}"]
    lines += [f"--header {_shell(f'{name}: {value}')}" for name, value in headers.items()]
    lines.append("--data-binary @- <<'JSON'")
    body = json.dumps(made.body, indent=2, ensure_ascii=False)
    return " \\\n  ".join(lines) + f"\n{body}\nJSON\n"


def as_python(made: Outline) -> str:
    """For Python with nothing installed."""
    headers = {"Content-Type": "application/json", **made.headers}
    listed = "\n".join(f"    {name!r}: {_python(value)}," for name, value in headers.items())
    body = pformat(made.body, indent=1, width=88, sort_dicts=False)
    return (
        "import json\nimport os\nimport urllib.request\n\n"
        f"body = {body}\n"
        f"headers = {{\n{listed}\n}}\n"
        "request = urllib.request.Request(\n"
        f"    {made.url!r}, data=json.dumps(body).encode(), headers=headers\n)\n"
        "with urllib.request.urlopen(request, timeout=60) as answer:\n"
        "    print(json.dumps(json.load(answer), indent=2))\n"
    )


def as_json(made: Outline) -> str:
    """The body alone."""
    return json.dumps(made.body, indent=2, ensure_ascii=False) + "\n"


def _shell(text: str) -> str:
    """Quoted; in double quotes where the shell has to put the key in."""
    key = f"${VARIABLE}"
    if key not in text:
        return shlex.quote(text)
    around = [_escaped(part) for part in text.split(key)]
    return f'"{key.join(around)}"'


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in '\\"$`' else c for c in text)


def _python(value: str) -> str:
    """The text as Python; the environment's key in its place."""
    before, key, after = value.partition(f"${VARIABLE}")
    if not key:
        return repr(value)
    parts = [repr(part) for part in (before, after) if part]
    parts.insert(1 if before else 0, f'os.environ["{VARIABLE}"]')
    return " + ".join(parts)
