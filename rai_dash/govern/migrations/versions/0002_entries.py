"""Entries with kind, subject and actor; sealed texts; checkpoints; kept cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NEXT = "The ledger is append-only: this is not the next number."
_ENTRY = (
    "The ledger is append-only, and a record needs a time, a kind, a subject and an actor. Update the app."
)
_SEALED = "A sealed text is never changed or removed; it can only be erased, once."
_CHECKPOINT = "Checkpoints are append-only: a new one is for the last record, and none is changed or removed."
#: What is refused, as a condition on the rows NEW and OLD; the same words in both databases.
# REPLACE would remove the record that has the same hash, past the trigger against removing.
_NO_ENTRY = """NEW.at_utc IS NULL OR NEW.kind IS NULL OR NEW.subject IS NULL OR NEW.actor IS NULL
        OR EXISTS (SELECT 1 FROM ledger WHERE hash = NEW.hash)"""
_NO_TEXT = """NEW.text IS NULL OR NEW.erased_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM sealed WHERE ref = NEW.ref)"""
_NO_ERASURE = """OLD.text IS NULL OR NEW.text IS NOT NULL OR NEW.salt <> '' OR NEW.erased_at IS NULL
        OR NEW.ref <> OLD.ref OR NEW.kind <> OLD.kind"""
_NO_END = """NEW.n <= (SELECT coalesce(max(n), 0) FROM checkpoint)
        OR NOT EXISTS (SELECT 1 FROM ledger WHERE seq = NEW.n AND hash = NEW.head)"""
_TRIGGERS = (
    ("ledger_only_entries", "INSERT", "ledger", _NO_ENTRY, _ENTRY),
    ("sealed_only_new", "INSERT", "sealed", _NO_TEXT, _SEALED),
    ("sealed_only_erased", "UPDATE", "sealed", _NO_ERASURE, _SEALED),
    ("sealed_no_delete", "DELETE", "sealed", "", _SEALED),
    ("checkpoint_only_next", "INSERT", "checkpoint", _NO_END, _CHECKPOINT),
    ("checkpoint_no_update", "UPDATE", "checkpoint", "", _CHECKPOINT),
    ("checkpoint_no_delete", "DELETE", "checkpoint", "", _CHECKPOINT),
)
#: SQLite had it from the start.
_ALSO_POSTGRESQL = (
    (
        "ledger_only_next",
        "INSERT",
        "ledger",
        "NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM ledger)",
        _NEXT,
    ),
)


def _sqlite(name: str, event: str, table: str, condition: str, refusal: str) -> None:
    when = f"WHEN {condition}" if condition else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


def _postgresql(name: str, event: str, table: str, condition: str, refusal: str) -> None:
    check = f"IF {condition} THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NEW;"
    body = check if condition else f"RAISE EXCEPTION '{refusal}';"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def upgrade() -> None:
    """Widen the ledger and make the tables beside it; no record is touched."""
    for name in ("at_utc", "kind", "subject", "actor"):
        op.add_column("ledger", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("ledger_subject", "ledger", ["subject"])
    _beside_the_chain()
    _kept_cases()
    if op.get_bind().dialect.name == "sqlite":
        for trigger in _TRIGGERS:
            _sqlite(*trigger)
        return
    for trigger in (*_TRIGGERS, *_ALSO_POSTGRESQL):
        _postgresql(*trigger)
    for table in ("sealed", "checkpoint"):
        # Refuses whatever the event is; a table is emptied row by row in no trigger's sight.
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_delete()"
        )


def _beside_the_chain() -> None:
    op.create_table(
        "sealed",
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("erased_at", sa.Text()),
    )
    op.create_table(
        "checkpoint",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
    )


def _kept_cases() -> None:
    op.create_table(
        "kept_case",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), nullable=False, index=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text()),
    )
    op.create_table(
        "kept_share",
        sa.Column("case_id", sa.Text(), sa.ForeignKey("kept_case.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("who", sa.Text(), primary_key=True),
    )


def downgrade() -> None:
    """Refuse: going back would remove what was signed."""
    msg = "There is no way back from revision 2: it would remove the ledger."
    raise NotImplementedError(msg)
