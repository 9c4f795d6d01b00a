"""What records refer to by its hash: reports, counts, and the rows of batches for as long as they are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table beside the chain."""
    op.create_table(
        "artifact",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), index=True),
    )


def downgrade() -> None:
    """Refuse: going back would remove what was recorded."""
    msg = "There is no way back from revision 3: it would remove what the records rest on."
    raise NotImplementedError(msg)
