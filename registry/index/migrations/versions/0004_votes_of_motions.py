"""Who voted for a motion that was decided: votes may come with the decision, and are told of nowhere else."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DECIDED = sa.text("SELECT block, log_index, subject, data FROM events WHERE name = 'MotionDecided'")
_ORGANISATION = sa.text(
    "SELECT organisation FROM mandates WHERE signatory = :signatory"
    " AND (block < :block OR (block = :block AND log_index < :log_index))"
    " ORDER BY block DESC, log_index DESC LIMIT 1"
)
_VOTE = sa.text(
    "INSERT INTO votes_of_motions VALUES (:subject, :place, :signatory, :organisation, :decision, :block, :log_index)"
)
_CONCERNED = sa.text(
    "INSERT INTO event_organisations VALUES (:organisation, :block, :log_index) ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Makes the table, and fills it from the events at hand."""
    op.create_table(
        "votes_of_motions",
        sa.Column("motion_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("motion_hash", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "votes_of_motions_by_signatory", "votes_of_motions", ["signatory", "block", "log_index"], unique=False
    )
    connection = op.get_bind()
    for event in connection.execute(_DECIDED).mappings().all():
        told = json.loads(event["data"])
        decisions = told["decisions"] or ["0x" + 64 * "0"] * len(told["signatories"])
        for place, signatory in enumerate(told["signatories"]):
            row = {**event, "signatory": signatory, "place": place, "decision": bytes.fromhex(decisions[place][2:])}
            row["organisation"] = connection.execute(_ORGANISATION, row).scalar_one()
            connection.execute(_VOTE, row)
            connection.execute(_CONCERNED, row)
