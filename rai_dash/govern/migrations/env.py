"""Run the migrations on the connection that `rai_dash.govern.database` hands in."""

from __future__ import annotations

from alembic import context

# The connection is already inside a transaction that holds the write lock: all revisions or none.
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
