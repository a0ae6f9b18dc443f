"""Who is in the team, how they come in, what they chose for themselves, and who did what."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.store.schema.base import UtcTime, metadata

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False, unique=True),  # case-folded
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),  # bcrypt; empty lets nobody in
    sa.Column("shares", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("disabled_at", UtcTime),
    sa.Column("password_until", UtcTime),  # of one that an admin has given; null for one's own
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),  # SHA-256; the token is in the cookie alone
    sa.Column("id", sa.Text, nullable=False, unique=True),  # to name one without its token
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("browser", sa.Text, nullable=False),  # such as "Firefox on Linux"
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

sign_in_codes = sa.Table(
    "sign_in_codes",
    metadata,
    sa.Column("code_hash", sa.Text, primary_key=True),
    sa.Column("browser_hash", sa.Text, nullable=False),  # of the cookie that the form was shown to
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

sign_in_delays = sa.Table(
    "sign_in_delays",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),  # hash of a name or an address
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("person_id", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # their name at that time
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

own_preferences = sa.Table(
    "own_preferences",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),  # empty: whoever uses an app without people
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
