"""An index, row by row, against what the audit derived from the chain itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eth_utils.address import to_checksum_address

from registry.audit.at_hand import Rows, compare_dossiers
from registry.audit.digests import NOTHING, fold
from registry.audit.findings import Event, Findings, name_of
from registry.audit.reading import Header
from registry.audit.report import Check
from registry.audit.rows import CouncilRows, Key, Row, Tables, canonical, data_of, left_out
from registry.audit.rows_acts import ActRows
from registry.audit.state import State
from registry.audit.told import Told
from registry.dossier import Store

TABLES: Mapping[str, tuple[str, ...]] = {
    "blocks": ("number",),
    "events": ("block", "log_index"),
    "event_organisations": ("organisation", "block", "log_index"),
    "agreements": ("id",),
    "acts": ("act_hash",),
    "approvals_of_acts": ("act_hash", "place"),
    "spans": ("id",),
    "span_organisations": ("organisation", "number", "span"),
    "proposals": ("act_hash",),
    "proposal_organisations": ("act_hash", "organisation"),
    "approvals": ("act_hash", "signatory", "block", "log_index"),
    "declined": ("act_hash",),
    "organisations": ("organisation", "block", "log_index"),
    "mandates": ("signatory", "block", "log_index"),
    "motions": ("motion_hash",),
    "votes": ("motion_hash", "signatory", "block", "log_index"),
    "votes_of_motions": ("motion_hash", "place"),
    "reports": ("report_hash",),
    "confirmations": ("report_hash", "organisation"),
}
"""The tables that follow from the chain, with their primary keys."""

INDEX_AHEAD = "de index loopt verder dan het laatste blok van deze controle; er is niets van vergeleken"
INDEX_EMPTY = "de index is nog leeg"
INDEX_MOVED = "de index is tijdens de controle bijgewerkt; er is niets van vergeleken: doe het nog eens"


class Derived:
    """The rows that follow from the events, taken in one by one as the audit replays them."""

    def __init__(self, state: State) -> None:
        self.tables = Tables()
        self._state = state
        self._council = CouncilRows(self.tables, state)
        self._acts = ActRows(self.tables, state)
        self._fingerprint = NOTHING

    def around(self, event: Event, apply: Callable[[], None]) -> None:
        """Has the state take in an event, and writes down what an index must say of it."""
        self._fingerprint = fold(self._fingerprint, event.name, event.values, event.time)
        if left_out(event):
            apply()
            return
        before = self._concerned(event)
        apply()
        self._council.after(event)
        self._acts.after()
        self._event_row(event, before)
        where = {"hash": event.block_hash, "time": event.time, "fingerprint": self._fingerprint}
        self.tables.put("blocks", (event.block,), **where)

    def _concerned(self, event: Event) -> set[bytes]:
        """Everybody that an event concerns; takes in what it says of acts and reports."""
        values = event.values
        match event.name:
            case "Proposed":
                return self._acts.proposed(event)
            case "Recorded":
                return self._acts.recorded(event)
            case "Approved":
                self._acts.approved(event)
            case "Declined":
                self._acts.declined(event)
            case "ProgressReported":
                self._acts.reported(event)
                return {event["report"].organisation}
            case "ProgressConfirmed":
                self._acts.confirmed(event)
                report = self._state.reports.get(event["reportHash"])
                return {event["organisation"]} | ({report.organisation} if report else set())
        if "motion" in values:
            motion = event["motion"]
            by = self._council.decided_by(event) if event.name == "MotionDecided" else set()
            return by | {motion.organisation} | ({motion.successor} if any(motion.successor) else set())
        return {values["organisation"]} | ({values["successor"]} if "successor" in values else set())

    def _event_row(self, event: Event, concerned: set[bytes]) -> None:
        values = event.values
        organisation = values.get("organisation")
        if event.name in ("Moved", "MotionDecided"):
            organisation = None
        agreement = values.get("agreement")
        if event.name == "ProgressReported":
            organisation = event["report"].organisation
        elif event.name == "ProgressConfirmed":
            report = self._state.reports.get(event["reportHash"])
            agreement = report.agreement if report else None
        elif "actHash" in values:
            agreement = self._acts.agreement_of(event["actHash"])
        signatory = values.get("signatory") or values.get("sender")
        self.tables.put(
            "events",
            (event.block, event.log_index),
            transaction_hash=event.transaction,
            name=event.name,
            organisation=name_of(organisation) if organisation else None,
            signatory=to_checksum_address(signatory) if signatory else None,
            agreement=agreement,
            subject=event.subject,
            data=canonical(data_of(event)),
        )
        for one in concerned:
            self.tables.put("event_organisations", (name_of(one), event.block, event.log_index))


def compare(
    index: Rows,
    derived: Derived,
    findings: Findings,
    identity: tuple[int, str],
    end: Header,
    store: Store | None = None,
) -> dict[str, int]:
    """Compares every row; how many each table has. A row that differs, is too many or is missing is a deviation.

    What comes from dossiers is compared with those in the ``store``.
    """
    counts = {}
    _cursor(index, findings, identity, end, derived)
    told = Told(store)
    promised: dict[Key, Row] = {}
    worded: dict[Key, Row] = {}
    untold: set[object] = set()

    def of_act(row: Mapping[str, Any], wanted: Row) -> Row:
        more = told.of_act(row, wanted, findings)
        if "title" in more:
            promised.update(told.commitments(row["act_hash"], wanted))
            worded.update(told.words(row["act_hash"], wanted))
        elif not more:
            untold.add(row["act_hash"])
        return wanted | more

    for table, key in TABLES.items():
        expected = derived.tables.rows.get(table, {})
        rows = index.rows(table)
        counts[table] = _table(rows, table, key, expected, findings, of_act if table == "acts" else None)
    for table, key, expected in (
        ("commitments", ("act_hash", "label"), promised),
        ("terms", ("term", "agreement_number", "act_hash"), worded),
    ):
        rows = (row for row in index.rows(table) if row.get("act_hash") not in untold)
        counts[table] = _table(rows, table, key, expected, findings)
    return counts | compare_dossiers(index, store, findings)


def _cursor(index: Rows, findings: Findings, identity: tuple[int, str], end: Header, derived: Derived) -> None:
    found = dict(next(iter(index.rows("cursor")), {}))
    last = max(derived.tables.rows.get("blocks", {}).items(), default=((0,), {"fingerprint": NOTHING}))
    expected = {
        "chain_id": identity[0],
        "register": identity[1],
        "block": end.number,
        "block_hash": end.hash,
        "block_time": end.time,
        "fingerprint": last[1]["fingerprint"],
    }
    wrong = [name for name, value in expected.items() if found.get(name) != value]
    findings.expect(
        Check.INDEX,
        not wrong,
        "index-cursor",
        f"de index zegt iets anders van waar hij van is en hoe ver hij loopt ({', '.join(wrong)})",
        block=end.number,
    )


def _table(
    rows: Iterable[Mapping[str, Any]],
    table: str,
    key: tuple[str, ...],
    expected: dict[Key, Row],
    findings: Findings,
    complete: Callable[[Mapping[str, Any], Row], Row] | None = None,
) -> int:
    """Compares one table; ``complete`` adds columns to what is expected of a row."""
    count = 0
    seen = set()
    for row in rows:
        count += 1
        place = tuple(row.get(one) for one in key)
        wanted = expected.get(place)
        if not findings.expect(
            Check.INDEX,
            wanted is not None,
            "row-added",
            lambda table=table, place=place: f"tabel {table} heeft een rij die nergens uit volgt: {_shown(place)}",  # type: ignore[misc]
            **_where(row, dict(zip(key, place, strict=True))),
        ):
            continue
        assert wanted is not None  # noqa: S101 - just checked
        seen.add(place)
        wanted = wanted if complete is None else complete(row, wanted)
        wrong = [name for name, value in wanted.items() if row.get(name) != value]
        findings.expect(
            Check.INDEX,
            not wrong,
            "row-changed",
            lambda table=table, place=place, wrong=wrong, row=row, wanted=wanted: _changed(  # type: ignore[misc]
                table, place, wrong, row, wanted
            ),
            **_where(wanted, dict(zip(key, place, strict=True))),
        )
    for place in expected.keys() - seen:
        findings.deviate(
            Check.INDEX,
            "row-missing",
            f"tabel {table} mist een rij: {_shown(place)}",
            **_where(expected[place], dict(zip(key, place, strict=True))),
        )
    return count


def _changed(table: str, place: Key, wrong: list[str], row: Mapping[str, Any], wanted: Row) -> str:
    parts = [f"{name} is {_told(row.get(name))}, moet zijn {_told(wanted[name])}" for name in wrong]
    return f"tabel {table}, rij {_shown(place)}: {'; '.join(parts)}"


def _where(row: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
    """Where on the chain a row belongs, as far as it says so."""
    told = {**row, **key}
    subject = told.get("act_hash") or told.get("motion_hash") or told.get("report_hash") or told.get("subject")
    block = told.get("block", told.get("number") if "fingerprint" in told else None)
    found = {
        "block": block if isinstance(block, int) else None,
        "log_index": told.get("log_index"),
        "transaction": told.get("transaction_hash"),
        "subject": subject,
        "agreement": told.get("agreement"),
    }
    kinds = {"log_index": int, "transaction": bytes, "subject": bytes, "agreement": bytes}
    return {name: value for name, value in found.items() if isinstance(value, kinds.get(name, int))}


def _shown(place: Key) -> str:
    return ", ".join(map(_told, place))


def _told(value: object) -> str:
    text = "0x" + value.hex() if isinstance(value, bytes) else "leeg" if value is None else str(value)
    return text if len(text) <= 100 else text[:100] + "…"
