"""The tables as they were first."""

from alembic import op

from registry.index.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""
    metadata.create_all(op.get_bind())
