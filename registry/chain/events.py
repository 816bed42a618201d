"""The register's logs as events of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from eth_abi.exceptions import DecodingError
from web3.contract import Contract
from web3.exceptions import Web3RPCError
from web3.types import BlockData, FilterParams, LogReceipt

from registry import model
from registry.chain.connect import Chain
from registry.chain.encode import act_of, motion_of, report_of
from registry.chain.failures import translated
from registry.chain.words import name_of, values_of
from registry.errors import ChainError, UsageError
from registry.model import Act, Event, Mandate, Member, Motion, Place, Report
from registry.organisations import is_identifier
from registry.statements import hash_act, hash_motion, hash_report, organisation_of

_FIRST_RANGE = 10_000


def read_events(chain: Chain, contract: Contract, from_block: int, to_block: int) -> list[Event]:
    """All events of the register in these blocks, both included, in order."""
    logs = [log for part in _logs(chain, contract, from_block, to_block) for log in part]
    with translated("reading the events"):
        timestamps = _timestamps(chain, {log["blockNumber"] for log in logs})
        found = (decode(log, timestamps[log["blockNumber"]]) for log in logs)
        return [event for event in found if event is not None]


def decode(log: LogReceipt, timestamp: int) -> Event | None:
    """One log as an event, as :func:`decoded` says."""
    return decoded([bytes(one) for one in log["topics"]], bytes(log["data"]), _place(log, timestamp))


def decoded(topics: Sequence[bytes], data: bytes, place: Place) -> Event | None:
    """One log as an event; ChainError if it is none that this version of the register knows, or garbled.

    None for a proposal or motion about what is no organisation or action: anybody with a mandate can emit one,
    nothing can ever come of it, and it must not keep the rest of the register from being read.
    """
    name = name_of(topics)
    if name is None:
        raise ChainError(f"block {place.block} holds an event that this version of the register does not know")
    try:
        return _DECODERS[name](place, values_of(topics, data))
    except (DecodingError, ValueError, TypeError, UsageError) as error:
        if name in ("Proposed", "Moved") and isinstance(error, (UsageError, ValueError)):
            return None
        raise ChainError(
            f"block {place.block} holds a {name} event that cannot be read", hint="ask another node"
        ) from error


def _logs(chain: Chain, contract: Contract, from_block: int, to_block: int) -> Iterator[Sequence[LogReceipt]]:
    """The logs in ranges of blocks, which are halved where the node finds one too large."""
    size = _FIRST_RANGE
    start = from_block
    while start <= to_block:
        end = min(start + size - 1, to_block)
        query: FilterParams = {"address": contract.address, "fromBlock": start, "toBlock": end}
        with translated(f"reading the events of blocks {start} to {end}"):
            try:
                part = chain.web3.eth.get_logs(query)
            except Web3RPCError:
                if size == 1:
                    raise
                size = max(1, size // 2)
                continue
        yield part
        start = end + 1


def _timestamps(chain: Chain, blocks: Iterable[int]) -> dict[int, int]:
    wanted = sorted(blocks)
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 100):
        part = wanted[start : start + 100]
        with translated("reading the times of blocks"), chain.web3.batch_requests() as batch:
            for number in part:
                batch.add(chain.web3.eth.get_block(number))
            blocks_read = cast(list[BlockData], batch.execute())
        found |= {block["number"]: block["timestamp"] for block in blocks_read}
    return found


def _act(values: Mapping[str, Any]) -> Act:
    """The act of an event; ChainError unless it is the one that the event's hash names.

    The fingerprint covers the hash, not the act: without this a node could show other parties or documents.
    """
    act = act_of(values["act"])
    _require_named(hash_act(act), values["actHash"], "act")
    return act


def _motion(values: Mapping[str, Any]) -> Motion:
    motion = motion_of(values["motion"])
    _require_named(hash_motion(motion), values["motionHash"], "motion")
    return motion


def _report(values: Mapping[str, Any]) -> Report:
    report = report_of(values["report"])
    _require_named(hash_report(report), values["reportHash"], "report")
    return report


def _require_named(found: bytes, named: bytes, what: str) -> None:
    if found != bytes(named):
        raise ChainError(
            f"the node tells of {what} 0x{bytes(named).hex()} and shows another {what}",
            hint="do not believe it; ask another node",
        )


def _require_identifiers(*organisations: str) -> None:
    """UsageError unless all are identifiers: what is only put forward is not worth showing without."""
    for one in organisations:
        if not is_identifier(one):
            raise UsageError(f"{one} is not an organisation identifier")


def _place(log: LogReceipt, timestamp: int) -> Place:
    return Place(
        block=log["blockNumber"],
        log_index=log["logIndex"],
        transaction=bytes(log["transactionHash"]),
        block_hash=bytes(log["blockHash"]),
        timestamp=timestamp,
    )


def _organisation(values: Mapping[str, Any]) -> str:
    return organisation_of(bytes(values["organisation"]))


def _admitted(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MemberAdmitted(place, Member(_organisation(values), values["administrator"], values["votes"]))


def _expelled(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MemberExpelled(place, _organisation(values))


def _succeeded(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MemberSucceeded(place, _organisation(values), organisation_of(bytes(values["successor"])))


def _nominated(place: Place, values: Mapping[str, Any]) -> Event:
    return model.AdministratorNominated(place, _organisation(values), values["nominee"])


def _replaced(place: Place, values: Mapping[str, Any]) -> Event:
    return model.AdministratorReplaced(place, _organisation(values), values["administrator"])


def _announced(place: Place, values: Mapping[str, Any]) -> Event:
    return model.ServiceAnnounced(
        place, _organisation(values), values["service"].encode("utf-8", errors="surrogateescape")
    )


def _appointed(place: Place, values: Mapping[str, Any]) -> Event:
    mandate = Mandate(
        signatory=values["signatory"],
        organisation=_organisation(values),
        valid_from=values["validFrom"],
        valid_until=values["validUntil"],
        together=values["together"],
        decision=bytes(values["decision"]),
    )
    return model.SignatoryAppointed(place, mandate)


def _dismissed(place: Place, values: Mapping[str, Any]) -> Event:
    return model.SignatoryDismissed(place, _organisation(values), values["signatory"], bytes(values["decision"]))


def _proposed(place: Place, values: Mapping[str, Any]) -> Event:
    act = _act(values)
    _require_identifiers(*act.parties)
    return model.Proposed(place, bytes(values["actHash"]), act, values["signatory"])


def _approved(place: Place, values: Mapping[str, Any]) -> Event:
    return model.Approved(
        place,
        bytes(values["actHash"]),
        _organisation(values),
        values["signatory"],
        bytes(values["decision"]),
    )


def _recorded(place: Place, values: Mapping[str, Any]) -> Event:
    return model.Recorded(
        place,
        bytes(values["agreement"]),
        bytes(values["actHash"]),
        _act(values),
        tuple(values["signatories"]),
        tuple(bytes(one) for one in values["decisions"]),
    )


def _declined(place: Place, values: Mapping[str, Any]) -> Event:
    return model.Declined(
        place, bytes(values["actHash"]), _organisation(values), values["signatory"], bytes(values["reason"])
    )


def _moved(place: Place, values: Mapping[str, Any]) -> Event:
    motion = _motion(values)
    _require_identifiers(*filter(None, (motion.organisation, motion.successor)))
    return model.Moved(place, bytes(values["motionHash"]), motion, values["signatory"])


def _voted(place: Place, values: Mapping[str, Any]) -> Event:
    return model.Voted(
        place,
        bytes(values["motionHash"]),
        _organisation(values),
        values["signatory"],
        bytes(values["decision"]),
    )


def _decided(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MotionDecided(
        place,
        bytes(values["motionHash"]),
        _motion(values),
        tuple(values["signatories"]),
        tuple(bytes(one) for one in values["decisions"]),
        values["effectFrom"],
    )


def _vetoed(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MotionVetoed(
        place, bytes(values["motionHash"]), _organisation(values), values["sender"], bytes(values["reason"])
    )


def _enacted(place: Place, values: Mapping[str, Any]) -> Event:
    return model.MotionEnacted(place, bytes(values["motionHash"]), _organisation(values))


def _reported(place: Place, values: Mapping[str, Any]) -> Event:
    return model.ProgressReported(place, bytes(values["reportHash"]), _report(values), values["signatory"])


def _confirmed(place: Place, values: Mapping[str, Any]) -> Event:
    return model.ProgressConfirmed(place, bytes(values["reportHash"]), _organisation(values), values["signatory"])


_DECODERS: dict[str, Callable[[Place, Mapping[str, Any]], Event]] = {
    "MemberAdmitted": _admitted,
    "MemberExpelled": _expelled,
    "MemberSucceeded": _succeeded,
    "AdministratorNominated": _nominated,
    "AdministratorReplaced": _replaced,
    "ServiceAnnounced": _announced,
    "SignatoryAppointed": _appointed,
    "SignatoryDismissed": _dismissed,
    "Moved": _moved,
    "Voted": _voted,
    "MotionDecided": _decided,
    "MotionVetoed": _vetoed,
    "MotionEnacted": _enacted,
    "Proposed": _proposed,
    "Approved": _approved,
    "Recorded": _recorded,
    "Declined": _declined,
    "ProgressReported": _reported,
    "ProgressConfirmed": _confirmed,
}
