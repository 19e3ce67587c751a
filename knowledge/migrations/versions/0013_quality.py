"""Questions drawn at random each week, and what staff say of their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_weeks",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week"),
    )
    op.create_table(
        "quality_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("inquiry", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("labeller", sa.String(length=80), nullable=True),
        sa.Column("labelled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inquiry"),
    )
    op.create_index("ix_quality_samples_week", "quality_samples", ["week"])
    op.create_index("ix_quality_samples_day", "quality_samples", ["day"])


def downgrade() -> None:
    op.drop_table("quality_samples")
    op.drop_table("quality_weeks")
