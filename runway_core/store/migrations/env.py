"""Alembic's entry: runs on the connection that `runway_core.store.migrate` hands over."""

from alembic import context

from runway_core.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
