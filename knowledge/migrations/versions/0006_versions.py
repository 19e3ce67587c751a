"""Review and dates of revisions, drafts, regression cases, missed questions, corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _revision_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("reviewer", sa.String(length=80), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=True),
        sa.Column("in_force_at", UtcDateTime(), nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=True),
    )


def upgrade() -> None:
    for column in _revision_columns():
        op.add_column("procedure_revisions", column)
    op.create_index("ix_inquiries_procedure", "inquiries", ["procedure", "at"])
    _create_drafts()
    _create_teaching()
    _create_corrections()


def _create_drafts() -> None:
    op.create_table(
        "procedure_drafts",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", "author"),
    )


def _create_teaching() -> None:
    op.create_table(
        "regression_cases",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_regression_cases_code", "regression_cases", ["code"])
    op.create_table(
        "missed_decisions",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _create_corrections() -> None:
    op.create_table(
        "message_consents",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "contact"),
    )
    op.create_table(
        "correction_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("revisions", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("shown_since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_correction_notices_code", "correction_notices", ["code"])


def downgrade() -> None:
    for table in (
        "correction_notices",
        "message_consents",
        "missed_decisions",
        "regression_cases",
        "procedure_drafts",
    ):
        op.drop_table(table)
    op.drop_index("ix_inquiries_procedure", "inquiries")
    with op.batch_alter_table("procedure_revisions") as batch:
        for column in _revision_columns():
            batch.drop_column(column.name)
