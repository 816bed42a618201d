"""The tables of the index: what was recorded, what held when, and as known when.

Everything here can be made again from the chain; nothing of it is the authority. Times are unix seconds, hashes 32
bytes, addresses checksummed text, organisations their identifiers, JSON canonical text (sorted keys, no spaces).
``FOREVER`` stands for "no end" and 0 for "since always".

Whatever a block made carries that block in ``block``, and what a later block put an end to carries that one in
``closed_block`` (NULL while open): so the index can be taken back to any block. Keys follow from the events alone,
never from the order in which the index happened to be filled, so that two indexes of one register are equal row by row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text

FOREVER = 2**40
"""Beyond any uint40: no end."""

SPANS_PER_AGREEMENT = 2**24
"""The id of a span is its agreement's number times this, plus its number in the agreement."""

metadata = MetaData()

_IN_ORDER = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that answers are ordered by: the same order in every database, wherever it was set up."""


def _hash(name: str, **more: Any) -> Column[bytes]:
    return Column(name, LargeBinary(32), **{"nullable": False, **more})


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, **{"nullable": False, **more})


def _number(name: str, **more: Any) -> Column[int]:
    return Column(name, BigInteger, **{"nullable": False, **more})


def _flag(name: str, **more: Any) -> Column[bool]:
    return Column(name, Boolean, **{"nullable": False, **more})


def _table(name: str, *parts: Any, rowid: bool = False) -> Table:
    """A table; SQLite keeps it in the order of its primary key, without a number of its own for each row.

    With ``rowid`` it keeps the rows as they came, and a key of their numbers beside them. That suits long rows with a
    hash as their key: a tree of whole rows has only a few in each page, and each new one stands somewhere else.
    """
    return Table(name, metadata, *parts, sqlite_with_rowid=rowid)


def _place() -> tuple[Column[int], Column[int]]:
    return _number("block"), _number("log_index")


cursor = _table(
    "cursor",
    Column("one", Integer, primary_key=True, autoincrement=False),
    _number("chain_id"),
    _text("register"),
    _number("deployed_block"),
    # -1 until the first batch is in, for the register may stand in block 0.
    _number("block"),
    _hash("block_hash"),
    _number("block_time"),
    _hash("fingerprint"),
)
"""The one row that says what this index is of and how far it is: all events up to and including ``block``."""

blocks = _table(
    "blocks",
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _hash("hash"),
    _number("time"),
    _hash("fingerprint"),
    Index("blocks_by_time", "time", "number"),
)
"""Each block with an event; ``fingerprint`` is the register's after it. Where the last batch ended, the cursor says."""

events = _table(
    "events",
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    _hash("transaction_hash"),
    _text("name"),
    _text("organisation", nullable=True),
    _text("signatory", nullable=True),
    _hash("agreement", nullable=True),
    _hash("subject", nullable=True),
    _text("data"),
    Index("events_by_agreement", "agreement", "block", "log_index"),
    Index("events_by_signatory", "signatory", "block", "log_index"),
    Index("events_by_subject", "subject", "block", "log_index"),
)
"""Every event in order. ``organisation`` is whose signatory or administrator acted, ``signatory`` the key, if the
event names one; ``subject`` the act, motion or report; ``agreement`` is known of a proposal's approvals once the
proposal is on chain. ``data`` holds the members of the event by their names in the ABI, hashes as 0x and digits."""

event_organisations = _table(
    "event_organisations",
    Column("organisation", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
)
"""Everybody an event concerns: the parties of an act before and after, the organisation of a motion and those
that decided it, and so on."""

agreements = _table(
    "agreements",
    Column("id", LargeBinary(32), primary_key=True),
    _number("number", unique=True),
    _hash("head"),
    _number("acts"),
    _number("spans"),
    _flag("ended"),
    *_place(),
    _number("recorded_at"),
    Index("agreements_by_block", "block", "number"),
)
"""The agreements, numbered from 1 as they were concluded; ``head`` is the latest act, ``acts`` and ``spans`` count
theirs (closed spans included), ``ended`` says whether the head leaves nobody bound."""

acts = _table(
    "acts",
    Column("act_hash", LargeBinary(32), primary_key=True),
    _hash("agreement"),
    _number("agreement_number"),
    _number("number"),
    _hash("previous"),
    _text("verb"),
    _hash("dossier"),
    _number("valid_from"),
    _number("valid_until"),
    _number("notice"),
    _number("deadline"),
    _text("parties"),
    *_place(),
    _hash("transaction_hash"),
    _number("recorded_at"),
    _number("overruled_from"),
    _number("closed_block", nullable=True),
    _text("title", nullable=True),
    _text("summary", nullable=True),
    _text("kind", nullable=True),
    _text("policy_area", nullable=True),
    Index("acts_by_agreement", "agreement", "number", unique=True),
    Index("acts_by_block", "block", "log_index"),
    Index("acts_by_dossier", "dossier"),
    Index("acts_by_kind", "kind", "agreement_number", "act_hash"),
    Index("acts_by_previous", "previous"),
    Index("acts_by_verb", "verb", "agreement_number", "act_hash"),
    rowid=True,
)
"""The recorded acts; ``valid_until`` is 0 if the act has no end, as on chain. ``overruled_from`` is from when a later
act holds instead, FOREVER if none does, and ``closed_block`` the block that last said so. Title and so on stand there
while the manifest is at hand."""

approvals_of_acts = _table(
    "approvals_of_acts",
    Column("act_hash", LargeBinary(32), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _text("signatory"),
    _text("organisation"),
    _text("on_behalf"),
    _number("mandate_from"),
    _number("mandate_until"),
    _number("together"),
    _hash("mandate_decision"),
    _hash("decision"),
    *_place(),
    Index("approvals_of_acts_by_signatory", "signatory", "block", "log_index"),
)
"""Who approved a recorded act, in the order of the event, and under which mandate; ``mandate_until`` 0 = no end."""

spans = _table(
    "spans",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _hash("agreement"),
    _number("number"),
    _hash("act_hash"),
    _text("verb"),
    _text("status"),
    _number("valid_from"),
    _number("valid_until"),
    _number("known_from"),
    _number("known_until"),
    _text("parties"),
    _number("block"),
    _number("closed_block", nullable=True),
    Index("spans_by_act", "act_hash", "known_until"),
    Index("spans_by_number", "number", "known_until", "valid_until"),
    Index("spans_by_status", "status", "number", "known_until", "valid_until"),
    rowid=True,
)
"""What held when, as known when: at each moment of validity and of knowledge an agreement has exactly one span.

``act_hash`` and ``verb`` are those of the act that holds then, of a pending span of the one that will hold first.
``parties`` are who is bound; of a pending span who will be, of an ended one who last was, so that they find it."""

span_organisations = _table(
    "span_organisations",
    Column("organisation", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("span", BigInteger, primary_key=True, autoincrement=False),
    _number("valid_from"),
    _number("valid_until"),
    _number("known_from"),
    _number("known_until"),
    _number("block"),
    _number("closed_block", nullable=True),
)
"""The parties of each span, with its times."""

proposals = _table(
    "proposals",
    Column("act_hash", LargeBinary(32), primary_key=True),
    _hash("agreement"),
    _hash("previous"),
    _hash("dossier"),
    _number("deadline"),
    _text("act"),
    _text("signatory"),
    *_place(),
    _number("proposed_at"),
    _number("closed_at", nullable=True),
    _number("closed_block", nullable=True),
    _text("closed_as", nullable=True),
    Index("proposals_by_previous", "previous", "closed_block"),
    Index("proposals_by_agreement", "agreement", "block", "log_index"),
    Index("proposals_by_block", "block", "log_index"),
    Index("proposals_by_closed_block", "closed_block", "block", "log_index"),
    Index("proposals_by_dossier", "dossier"),
    rowid=True,
)
"""Acts that were put before their parties on chain, as they were first; ``closed_as`` is recorded, declined, overtaken
(another act followed the one it follows) or impossible (it concludes and binds nobody, or follows an act of another
agreement). An open one can be recorded if its ``previous`` is the head of its ``agreement``, or it concludes one, and
its deadline allows."""

proposal_organisations = _table(
    "proposal_organisations",
    Column("act_hash", LargeBinary(32), primary_key=True),
    Column("organisation", Text, primary_key=True),
    *_place(),
    _number("closed_block", nullable=True),
    Index("proposal_organisations_in_order", "organisation", "block", "log_index"),
    Index("proposal_organisations_open", "organisation", "closed_block", "block", "log_index"),
    Index("proposal_organisations_by_block", "block"),
)
"""Whom a proposal concerns: its parties, and those that would be bound no more. ``closed_block`` is the proposal's."""

approvals = _table(
    "approvals",
    Column("act_hash", LargeBinary(32), primary_key=True),
    Column("signatory", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    _text("organisation"),
    _hash("decision"),
    _number("at"),
    Index("approvals_by_signatory", "signatory", "block"),
)
"""Approvals that were given on chain; the latest of a signatory counts."""

declined = _table(
    "declined",
    Column("act_hash", LargeBinary(32), primary_key=True),
    _text("organisation"),
    _text("signatory"),
    _hash("reason"),
    *_place(),
    _number("at"),
)
"""Acts that can never be recorded, whether they were proposed on chain or not."""

organisations = _table(
    "organisations",
    Column("organisation", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    _text("administrator"),
    _text("nominee"),
    _text("service"),
    _flag("votes"),
    _flag("expelled"),
    _text("successor"),
    _number("known_from"),
    _number("known_until"),
    _number("closed_block", nullable=True),
    Index("organisations_by_time", "known_until"),
)
"""The organisations, one row for each time that something changed; ``service`` is what they announced: hostile."""

mandates = _table(
    "mandates",
    Column("signatory", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    _text("organisation"),
    _number("valid_from"),
    _number("valid_until"),
    _number("together"),
    _hash("decision"),
    _number("known_from"),
    _number("known_until"),
    _number("closed_block", nullable=True),
    Index("mandates_by_organisation", "organisation", "known_until"),
)
"""The mandates, one row for each time that one was given or ended; ``valid_until`` 0 = no end."""

motions = _table(
    "motions",
    Column("motion_hash", LargeBinary(32), primary_key=True),
    _text("action"),
    _text("organisation"),
    _text("administrator"),
    _text("successor"),
    _flag("votes"),
    _hash("dossier"),
    _number("deadline"),
    *_place(),
    _text("signatory", nullable=True),
    _number("moved_at", nullable=True),
    _number("moved_block", nullable=True),
    _number("decided_at", nullable=True),
    _number("decided_block", nullable=True),
    _number("effect_from", nullable=True),
    _flag("waits"),
    _number("settled_block", nullable=True),
    _number("enacted_at", nullable=True),
    _number("enacted_block", nullable=True),
    _number("vetoed_at", nullable=True),
    _number("vetoed_block", nullable=True),
    _text("vetoed_by", nullable=True),
    _hash("veto_reason", nullable=True),
    _flag("void"),
    _number("void_block", nullable=True),
    Index("motions_by_organisation", "organisation", "settled_block"),
    Index("motions_by_block", "block", "log_index"),
)
"""What the council was asked and decided. ``waits`` says whether it was decided and had to wait for a veto, and
``settled_block`` when that was over: vetoed, enacted, or overtaken (``void``)."""

votes = _table(
    "votes",
    Column("motion_hash", LargeBinary(32), primary_key=True),
    Column("signatory", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    _text("organisation"),
    _hash("decision"),
    _number("at"),
    Index("votes_by_signatory", "signatory", "block"),
)
"""Votes that were given on chain; the latest of a signatory counts."""

votes_of_motions = _table(
    "votes_of_motions",
    Column("motion_hash", LargeBinary(32), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _text("signatory"),
    _text("organisation"),
    _hash("decision"),
    *_place(),
    Index("votes_of_motions_by_signatory", "signatory", "block", "log_index"),
)
"""Who voted for a motion that was decided, in the order of the event: also those whose vote came with the decision."""

reports = _table(
    "reports",
    Column("report_hash", LargeBinary(32), primary_key=True),
    _hash("agreement"),
    _hash("commitment"),
    _text("organisation"),
    _text("stage"),
    _hash("evidence"),
    _hash("previous"),
    _text("signatory"),
    *_place(),
    _number("at"),
    _number("known_until"),
    _number("closed_block", nullable=True),
    Index("reports_by_commitment", "agreement", "commitment", "organisation", "known_until"),
    Index("reports_by_id", "commitment", "known_until"),
    Index("reports_in_order", "previous", "block", "log_index"),
)
"""What parties said of commitments; until ``known_until`` it was the latest of that party on that commitment."""

confirmations = _table(
    "confirmations",
    Column("report_hash", LargeBinary(32), primary_key=True),
    Column("organisation", Text, primary_key=True),
    _text("signatory"),
    *_place(),
    _number("at"),
)
"""Who confirmed a report."""

commitments = _table(
    "commitments",
    Column("act_hash", LargeBinary(32), primary_key=True),
    Column("label", _IN_ORDER, primary_key=True),
    _hash("agreement"),
    _number("agreement_number"),
    _hash("id"),
    _text("organisation"),
    _text("what"),
    _number("due", nullable=True),
    _number("block"),
    Index("commitments_by_id", "agreement", "id"),
    Index("commitments_by_due", "due", "agreement_number", "label"),
    Index("commitments_by_organisation", "organisation", "due", "agreement_number", "label"),
    rowid=True,
)
"""What was promised in the manifests at hand; ``id`` as on chain, ``due`` the first second after the last day."""

dossiers = _table(
    "dossiers",
    Column("root", LargeBinary(32), primary_key=True),
    _text("state"),
    _text("manifest", nullable=True),
    rowid=True,
)
"""The dossiers that were at hand at the last look: ``whole`` with its manifest, or ``damaged``."""

documents = _table(
    "documents",
    Column("digest", LargeBinary(32), primary_key=True),
    Column("root", LargeBinary(32), primary_key=True),
    Column("leaf", Integer, primary_key=True, autoincrement=False),
    Index("documents_by_root", "root"),
)
"""The documents at hand by their SHA-256, to be found by; what was erased from a dossier is gone from here too."""

terms = _table(
    "terms",
    Column("term", Text, primary_key=True),
    Column("agreement_number", BigInteger, primary_key=True, autoincrement=False),
    Column("act_hash", LargeBinary(32), primary_key=True),
    _number("block"),
    Index("terms_by_act", "act_hash"),
)
"""The words of title and summary, as :func:`registry.index.words.words` cuts them."""

JOINED = (acts.c.title, acts.c.summary, acts.c.kind, acts.c.policy_area)
"""What a manifest says of an act; ``commitments``, ``dossiers``, ``documents`` and ``terms`` hold the rest."""
