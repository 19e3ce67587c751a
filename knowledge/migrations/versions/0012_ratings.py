"""What citizens say of answers; consents name their procedure and the sentence agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("inquiry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["inquiry"], ["inquiries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("inquiry"),
    )
    op.create_index("ix_ratings_at", "ratings", ["at"])
    # Nobody could agree to anything before: no chat asked for it.
    op.drop_table("message_consents")
    op.create_table(
        "message_consents",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "contact", "procedure"),
    )


def downgrade() -> None:
    op.drop_table("message_consents")
    op.create_table(
        "message_consents",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "contact"),
    )
    op.drop_table("ratings")
