"""unfinished_forms: what officers are still typing"""

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfinished_forms",
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account", "subject"),
    )
    op.create_index("ix_unfinished_forms_updated_at", "unfinished_forms", ["updated_at"])


def downgrade() -> None:
    op.drop_table("unfinished_forms")
