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
        "acts",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement_number", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("overruled_from", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("policy_area", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("act_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("acts_by_agreement", "acts", ["agreement", "number"], unique=True)
    op.create_index("acts_by_block", "acts", ["block", "log_index"], unique=False)
    op.create_index("acts_by_dossier", "acts", ["dossier"], unique=False)
    op.create_index("acts_by_kind", "acts", ["kind", "agreement_number"], unique=False)
    op.create_index("acts_by_previous", "acts", ["previous"], unique=False)
    op.create_index("acts_by_verb", "acts", ["verb", "agreement_number"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("acts", sa.BigInteger(), nullable=False),
        sa.Column("spans", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_index("agreements_by_block", "agreements", ["block", "number"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("act_hash", "signatory", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("approvals_by_signatory", "approvals", ["signatory", "block"], unique=False)
    op.create_table(
        "approvals_of_acts",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("on_behalf", sa.Text(), nullable=False),
        sa.Column("mandate_from", sa.BigInteger(), nullable=False),
        sa.Column("mandate_until", sa.BigInteger(), nullable=False),
        sa.Column("together", sa.BigInteger(), nullable=False),
        sa.Column("mandate_decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("act_hash", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "approvals_of_acts_by_signatory", "approvals_of_acts", ["signatory", "block", "log_index"], unique=False
    )
    op.create_table(
        "blocks",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_index("blocks_by_time", "blocks", ["time", "number"], unique=False)
    op.create_table(
        "commitments",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("label", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement_number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("act_hash", "label"),
        sqlite_with_rowid=False,
    )
    op.create_index("commitments_by_due", "commitments", ["due", "agreement_number", "label"], unique=False)
    op.create_index("commitments_by_id", "commitments", ["agreement", "id"], unique=False)
    op.create_index(
        "commitments_by_organisation", "commitments", ["organisation", "due", "agreement_number", "label"], unique=False
    )
    op.create_table(
        "confirmations",
        sa.Column("report_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("report_hash", "organisation"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cursor",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("deployed_block", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("one"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "declined",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("act_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dossiers",
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("root"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_organisations",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("signatory", sa.Text(), nullable=True),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=True),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("events_by_agreement", "events", ["agreement", "block", "log_index"], unique=False)
    op.create_index("events_by_signatory", "events", ["signatory", "block", "log_index"], unique=False)
    op.create_index("events_by_subject", "events", ["subject", "block", "log_index"], unique=False)
    op.create_table(
        "mandates",
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("together", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("signatory", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("mandates_by_organisation", "mandates", ["organisation", "known_until"], unique=False)
    op.create_table(
        "motions",
        sa.Column("motion_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=True),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.Column("moved_block", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_block", sa.BigInteger(), nullable=True),
        sa.Column("effect_from", sa.BigInteger(), nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("settled_block", sa.BigInteger(), nullable=True),
        sa.Column("enacted_at", sa.BigInteger(), nullable=True),
        sa.Column("enacted_block", sa.BigInteger(), nullable=True),
        sa.Column("vetoed_at", sa.BigInteger(), nullable=True),
        sa.Column("vetoed_block", sa.BigInteger(), nullable=True),
        sa.Column("vetoed_by", sa.Text(), nullable=True),
        sa.Column("veto_reason", sa.LargeBinary(length=32), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("void_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("motion_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("motions_by_block", "motions", ["block", "log_index"], unique=False)
    op.create_index("motions_by_organisation", "motions", ["organisation", "settled_block"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("administrator", sa.Text(), nullable=False),
        sa.Column("nominee", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("expelled", sa.Boolean(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("organisations_by_time", "organisations", ["known_until"], unique=False)
    op.create_table(
        "proposal_organisations",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("act_hash", "organisation"),
        sqlite_with_rowid=False,
    )
    op.create_index("proposal_organisations_by_block", "proposal_organisations", ["block"], unique=False)
    op.create_index(
        "proposal_organisations_in_order",
        "proposal_organisations",
        ["organisation", "block", "log_index"],
        unique=False,
    )
    op.create_index(
        "proposal_organisations_open",
        "proposal_organisations",
        ["organisation", "closed_block", "block", "log_index"],
        unique=False,
    )
    op.create_table(
        "proposals",
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("act_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("proposals_by_agreement", "proposals", ["agreement", "block", "log_index"], unique=False)
    op.create_index("proposals_by_block", "proposals", ["block", "log_index"], unique=False)
    op.create_index("proposals_by_closed_block", "proposals", ["closed_block", "block", "log_index"], unique=False)
    op.create_index("proposals_by_previous", "proposals", ["previous", "closed_block"], unique=False)
    op.create_table(
        "reports",
        sa.Column("report_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("report_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "reports_by_commitment", "reports", ["agreement", "commitment", "organisation", "known_until"], unique=False
    )
    op.create_index("reports_by_id", "reports", ["commitment", "known_until"], unique=False)
    op.create_index("reports_in_order", "reports", ["previous", "block", "log_index"], unique=False)
    op.create_table(
        "span_organisations",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("span", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "number", "span"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spans",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agreement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index("spans_by_act", "spans", ["act_hash", "known_until"], unique=False)
    op.create_index("spans_by_number", "spans", ["number", "known_until", "valid_until"], unique=False)
    op.create_index("spans_by_status", "spans", ["status", "number", "known_until", "valid_until"], unique=False)
    op.create_table(
        "terms",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("agreement_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", "agreement_number", "act_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("terms_by_act", "terms", ["act_hash"], unique=False)
    op.create_table(
        "votes",
        sa.Column("motion_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("decision", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("motion_hash", "signatory", "block", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("votes_by_signatory", "votes", ["signatory", "block"], unique=False)
