"""The time, and the person's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def zone() -> tzinfo:
    """The time zone of the person's browser; UTC when it is not known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC
