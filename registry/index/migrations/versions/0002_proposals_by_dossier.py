"""Proposals by the dossier that they name: who may read it is asked at every reading."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index."""
    op.create_index("proposals_by_dossier", "proposals", ["dossier"], unique=False)
