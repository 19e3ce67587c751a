"""inbox, outbox, contacts, channel_tokens: nothing acknowledged is lost"""

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def _queue(name: str, *columns: "sa.schema.SchemaItem") -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        *columns,
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        f"ix_{name}_waiting",
        name,
        ["channel", "contact", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(f"ix_{name}_settled", name, ["settled_at"])


def upgrade() -> None:
    _queue(
        "inbox",
        sa.Column("event", sa.String(length=120), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("channel", "event", name="uq_inbox_event"),
    )
    _queue(
        "outbox",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("platform_id", sa.String(length=120), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "contacts",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("silent_until", UtcDateTime(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "contact"),
    )
    op.create_table(
        "channel_tokens",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )


def downgrade() -> None:
    for table in ("channel_tokens", "contacts", "outbox", "inbox"):
        op.drop_table(table)
