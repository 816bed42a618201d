"""What was sent in a body, as the model has it. UsageError for numbers that do not fit, or what is no organisation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from registry.api.parameters import hash_of
from registry.api.schemas import writing as schemas
from registry.api.schemas.common import ActData
from registry.chain.encode import address
from registry.errors import UsageError
from registry.model import NOBODY, Act, Action, Approval, Motion, Report, Stage
from registry.statements import hash_act, hash_motion, hash_report

MOST_PARTIES = 200


def act(told: ActData) -> Act:
    """An act that has a hash; UsageError too if it has more parties than any block could hold."""
    if len(told.parties) > MOST_PARTIES:
        raise UsageError(f"an act has at most {MOST_PARTIES} parties")
    found = Act(
        agreement=hash_of(told.agreement),
        previous=hash_of(told.previous),
        dossier=hash_of(told.dossier),
        parties=tuple(told.parties),
        valid_from=told.valid_from,
        valid_until=told.valid_until,
        notice=told.notice,
        deadline=told.deadline,
    )
    hash_act(found)
    return found


def motion(told: schemas.MotionData) -> Motion:
    """A motion that has a hash."""
    found = Motion(
        action=Action(told.action),
        organisation=told.organisation,
        deadline=told.deadline,
        administrator=NOBODY if told.administrator is None else _checksummed(told.administrator),
        successor=told.successor or "",
        votes=told.votes,
        dossier=hash_of(told.dossier),
    )
    hash_motion(found)
    return found


def report(told: schemas.ReportData) -> Report:
    """A report that has a hash."""
    found = Report(
        agreement=hash_of(told.agreement),
        commitment=hash_of(told.commitment),
        organisation=told.organisation,
        stage=Stage(told.progress),
        evidence=hash_of(told.evidence),
        previous=hash_of(told.previous),
    )
    hash_report(found)
    return found


def approval(told: schemas.Approving) -> Approval:
    """An approval with its signature."""
    signature = bytes.fromhex(told.signature[2:])
    return Approval(_checksummed(told.signatory), hash_of(told.decision), signature)


def approvals(told: Iterable[schemas.Approving]) -> tuple[Approval, ...]:
    """Approvals with their signatures; UsageError if somebody signed twice."""
    found = tuple(map(approval, told))
    if len({one.signatory for one in found}) < len(found):
        raise UsageError("one signatory approves twice", hint="give each approval once")
    return found


def signed(signatory: str, signature: str) -> Approval:
    """A signature that cites no decision."""
    return Approval(_checksummed(signatory), signature=bytes.fromhex(signature[2:]))


@lru_cache(maxsize=4096)  # the same signatories come again
def _checksummed(told: str) -> str:
    return str(address(told))
