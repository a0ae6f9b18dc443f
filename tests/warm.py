"""Imported by the server that processes are forked from: each of them finds this done."""

from __future__ import annotations

from importlib import import_module

from PIL import Image

from runway_core.catalog import catalog

for _name in (
    "alembic.command",
    "anyio._backends._asyncio",  # at the first request, as those that follow here
    "anyio.streams.tls",
    "encodings.idna",
    "av.subtitles.stream",
    "runway_core.archive.poster",
    "runway_core.cli",
    "runway_core.engine.local",
    "runway_core.images",
    "runway_core.sandbox.server",
    "runway_core.ui.streamlit_logs",
    "runway_core.web.runtime",
    "streamlit.web.cli",
):
    import_module(_name)
Image.preinit()
catalog()
