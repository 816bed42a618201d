"""Documents by their SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table; the dossiers at hand are read again at the next look, as those that were damaged are."""
    op.create_table(
        "documents",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("digest", "root", "leaf"),
        sqlite_with_rowid=False,
    )
    op.create_index("documents_by_root", "documents", ["root"], unique=False)
    op.execute("UPDATE dossiers SET state = 'damaged'")
