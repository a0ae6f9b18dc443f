"""Videos and sounds as assets, a connection's further settings, what a provider quoted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    kind = sa.Column("kind", sa.Text(), server_default="image", nullable=False)
    op.add_column("assets", kind)
    op.add_column("assets", sa.Column("seconds", sa.Float()))
    op.add_column("assets", sa.Column("fps", sa.Float()))
    options = sa.Column("options", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("connections", options)
    learnt = sa.Column("learnt", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("connections", learnt)
    op.add_column("connections", sa.Column("balance", sa.Text()))
    op.add_column("connections", sa.Column("balance_at", sa.DateTime(timezone=True)))
    op.add_column("tasks", sa.Column("quoted", sa.Text()))
