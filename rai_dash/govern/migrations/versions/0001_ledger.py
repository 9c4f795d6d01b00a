"""The ledger: an append-only table, with triggers that refuse every change of what was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSAL = "The ledger is append-only: records are never changed or removed."

# The second fence; the first is the hash chain. REPLACE deletes without the delete trigger, so the
# insert trigger also lets through nothing but the next number.
_SQLITE = (
    f"""CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    f"""CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    """CREATE TRIGGER ledger_only_next BEFORE INSERT ON ledger
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
        BEGIN SELECT RAISE(ABORT, 'The ledger is append-only: this is not the next number.'); END""",
)
_POSTGRESQL = (
    f"""CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
    """CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
        FOR EACH ROW EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
)


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "ledger",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    triggers = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
    for statement in triggers.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: going back would remove what was signed."""
    msg = "There is no way back from revision 1: it would remove the ledger."
    raise NotImplementedError(msg)
