"""Read-only links to kept cases: the hash of each key, what it opens, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table beside the kept cases."""
    op.create_table(
        "kept_link",
        sa.Column("token_sha256", sa.Text(), primary_key=True),
        sa.Column(
            "case_id",
            sa.Text(),
            sa.ForeignKey("kept_case.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("maker_name", sa.Text(), nullable=False),
        sa.Column("case_sha256", sa.Text(), nullable=False),
        sa.Column("shows_rows", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Refuse, as for the revisions before: a store is never taken back."""
    msg = "There is no way back from revision 4: links that were sent would open nothing."
    raise NotImplementedError(msg)
