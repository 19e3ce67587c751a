"""The inquiry log searched by words and by time, and filters that accounts keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.inquiry_words import folded
from knowledge.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 5_000
TIMED = ["at", "id", "status", "channel", "procedure", "aspect", "score"]
WORDS = "string_to_array(btrim(folded), ' ')"
TRIGGERS = (
    """CREATE TRIGGER inquiry_words_add AFTER INSERT ON inquiries BEGIN
    INSERT INTO inquiry_words (rowid, folded) VALUES (new.id, new.folded);
    END""",
    """CREATE TRIGGER inquiry_words_drop AFTER DELETE ON inquiries BEGIN
    INSERT INTO inquiry_words (inquiry_words, rowid, folded) VALUES ('delete', old.id, old.folded);
    END""",
    """CREATE TRIGGER inquiry_words_change AFTER UPDATE OF folded ON inquiries BEGIN
    INSERT INTO inquiry_words (inquiry_words, rowid, folded) VALUES ('delete', old.id, old.folded);
    INSERT INTO inquiry_words (rowid, folded) VALUES (new.id, new.folded);
    END""",
)
"""SQLite only. A later migration that makes ``inquiries`` anew has to make these again."""


def _fill() -> None:
    """Old rows get their words, batch by batch."""
    connection = op.get_bind()
    last = 0
    after = sa.text("SELECT id, text FROM inquiries WHERE id > :last ORDER BY id LIMIT :batch")
    change = sa.text("UPDATE inquiries SET folded = :folded WHERE id = :id")
    while rows := connection.execute(after, {"last": last, "batch": BATCH}).all():
        connection.execute(change, [{"id": row.id, "folded": folded(row.text)} for row in rows])
        last = rows[-1].id


def upgrade() -> None:
    op.add_column("inquiries", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    _fill()
    for name in ("ix_inquiries_at", "ix_inquiries_procedure"):
        op.drop_index(name, "inquiries")
    op.create_index("ix_inquiries_at", "inquiries", TIMED)
    op.create_index("ix_inquiries_procedure", "inquiries", ["procedure", "at", "id"])
    op.create_index("ix_inquiries_status", "inquiries", ["status", "at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX inquiry_words ON inquiries USING gin (({WORDS}))")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE inquiry_words USING fts5("
            "folded, content='inquiries', content_rowid='id', "
            "tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute("INSERT INTO inquiry_words (inquiry_words) VALUES ('rebuild')")
        for trigger in TRIGGERS:
            op.execute(trigger)
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "page", "name", name="uq_saved_filters"),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("inquiry_words", "inquiries")
    else:
        for name in ("add", "drop", "change"):
            op.execute(f"DROP TRIGGER inquiry_words_{name}")
        op.drop_table("inquiry_words")
    for name in ("ix_inquiries_at", "ix_inquiries_procedure", "ix_inquiries_status"):
        op.drop_index(name, "inquiries")
    op.create_index("ix_inquiries_at", "inquiries", ["at", "id"])
    op.create_index("ix_inquiries_procedure", "inquiries", ["procedure", "at"])
    op.drop_column("inquiries", "folded")
