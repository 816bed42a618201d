"""The tables as they were first."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "carrier",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "nonces",
        sa.Column("nonce", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.LargeBinary(length=32), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_index("nonces_by_stage", "nonces", ["stage", "nonce"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signatories", sa.Text(), nullable=False),
        sa.Column("calldata", sa.LargeBinary(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_other", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.Float(precision=53), nullable=True),
        sa.Column("signed_at", sa.Float(precision=53), nullable=True),
        sa.Column("sent_at", sa.Float(precision=53), nullable=True),
        sa.Column("mined_at", sa.Float(precision=53), nullable=True),
        sa.Column("final_at", sa.Float(precision=53), nullable=True),
        sa.Column("refused_at", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("submissions_by_state", "submissions", ["state", "number"], unique=False)
    op.create_index("submissions_by_subject", "submissions", ["subject", "number"], unique=False)
    op.create_table(
        "transactions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("max_fee", sa.BigInteger(), nullable=False),
        sa.Column("priority_fee", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.Float(precision=53), nullable=True),
        sa.Column("sent_at", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("transactions_by_nonce", "transactions", ["nonce", "signed_at"], unique=False)
