"""An event of the model as a row of the table ``events``, and back.

``data`` holds the members of the event under their names in the ABI: hashes and bytes as 0x and digits, organisations
as identifiers. What stands in columns of its own stands there too, so that a row can be read by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from registry import model
from registry.fingerprint import digest_of
from registry.index.records import Told
from registry.model import Act, Action, Event, Mandate, Member, Motion, Place, Report, Stage

Data = Mapping[str, Any]


def canonical(data: object) -> str:
    """JSON as the index holds it: keys sorted, no spaces, nothing beyond ASCII."""
    return _ENCODER.encode(data)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def told(event: Event) -> Told:
    """An event with what can be said of it before those that came earlier are known, in a thread of its own."""
    return Told(event, text_of(event), digest_of(event))


def text_of(event: Event) -> str:
    """The members of an event as canonical JSON; for those that make up most of a history without any detour."""
    quick = _QUICK.get(type(event))
    return canonical(data_of(event)) if quick is None else quick(event)


def act_text(act: Act) -> str:
    """An act as canonical JSON, like :func:`act_data`."""
    return (
        f'{{"agreement":"0x{act.agreement.hex()}","deadline":{act.deadline},"dossier":"0x{act.dossier.hex()}",'
        f'"notice":{act.notice},"parties":{list_text(act.parties)},"previous":"0x{act.previous.hex()}",'
        f'"validFrom":{act.valid_from},"validUntil":{act.valid_until}}}'
    )


def list_text(items: Sequence[str]) -> str:
    """Organisations, addresses or hexadecimal digits, which need no escaping, as canonical JSON."""
    return '["' + '","'.join(items) + '"]' if items else "[]"


def data_of(event: Event) -> dict[str, Any]:
    """The members of an event but for its place."""
    return _WRITERS[type(event)](event)


def event_of(name: str, place: Place, data: Data) -> Event:
    """The event that a row of ``events`` tells of; KeyError or ValueError if the row is none that this writes."""
    return _READERS[name](place, data)


def act_data(act: Act) -> dict[str, Any]:
    """An act under the names of ``IAgreements.Act``."""
    return {
        "agreement": _hex(act.agreement),
        "previous": _hex(act.previous),
        "dossier": _hex(act.dossier),
        "parties": list(act.parties),
        "validFrom": act.valid_from,
        "validUntil": act.valid_until,
        "notice": act.notice,
        "deadline": act.deadline,
    }


def act_of(data: Data) -> Act:
    """The act that :func:`act_data` told of."""
    return Act(
        agreement=_bytes(data["agreement"]),
        previous=_bytes(data["previous"]),
        dossier=_bytes(data["dossier"]),
        parties=tuple(data["parties"]),
        valid_from=data["validFrom"],
        valid_until=data["validUntil"],
        notice=data["notice"],
        deadline=data["deadline"],
    )


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _motion_data(motion: Motion) -> dict[str, Any]:
    return {
        "action": motion.action.value,
        "organisation": motion.organisation,
        "administrator": motion.administrator,
        "successor": motion.successor,
        "votes": motion.votes,
        "dossier": _hex(motion.dossier),
        "deadline": motion.deadline,
    }


def _motion_of(data: Data) -> Motion:
    return Motion(
        Action(data["action"]),
        data["organisation"],
        data["deadline"],
        data["administrator"],
        data["successor"],
        data["votes"],
        _bytes(data["dossier"]),
    )


def _report_data(report: Report) -> dict[str, Any]:
    return {
        "agreement": _hex(report.agreement),
        "commitment": _hex(report.commitment),
        "organisation": report.organisation,
        "previous": _hex(report.previous),
        "progress": report.stage.value,
        "evidence": _hex(report.evidence),
    }


def _report_of(data: Data) -> Report:
    return Report(
        _bytes(data["agreement"]),
        _bytes(data["commitment"]),
        data["organisation"],
        Stage(data["progress"]),
        _bytes(data["evidence"]),
        _bytes(data["previous"]),
    )


def _mandate_data(mandate: Mandate) -> dict[str, Any]:
    return {
        "organisation": mandate.organisation,
        "signatory": mandate.signatory,
        "validFrom": mandate.valid_from,
        "validUntil": mandate.valid_until,
        "together": mandate.together,
        "decision": _hex(mandate.decision),
    }


def _mandate_of(data: Data) -> Mandate:
    return Mandate(
        data["signatory"],
        data["organisation"],
        data["validFrom"],
        data["validUntil"],
        data["together"],
        _bytes(data["decision"]),
    )


def _signed(event: model.Recorded | model.MotionDecided) -> dict[str, Any]:
    return {"signatories": list(event.signatories), "decisions": ["0x" + one.hex() for one in event.decisions]}


def _decisions(data: Data) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    return tuple(data["signatories"]), tuple(map(_bytes, data["decisions"]))


# By attribute of the event: its name in the ABI, and whether it is bytes.
_Members = tuple[tuple[str, str, bool], ...]
_PLAIN: dict[type, _Members] = {
    model.MemberExpelled: (("organisation", "organisation", False),),
    model.MemberSucceeded: (("organisation", "organisation", False), ("successor", "successor", False)),
    model.AdministratorNominated: (("organisation", "organisation", False), ("nominee", "nominee", False)),
    model.AdministratorReplaced: (("organisation", "organisation", False), ("administrator", "administrator", False)),
    model.ServiceAnnounced: (("organisation", "organisation", False), ("service", "service", True)),
    model.SignatoryDismissed: (
        ("organisation", "organisation", False),
        ("signatory", "signatory", False),
        ("decision", "decision", True),
    ),
    model.Approved: (
        ("act_hash", "actHash", True),
        ("organisation", "organisation", False),
        ("signatory", "signatory", False),
        ("decision", "decision", True),
    ),
    model.Declined: (
        ("act_hash", "actHash", True),
        ("organisation", "organisation", False),
        ("signatory", "signatory", False),
        ("reason", "reason", True),
    ),
    model.Voted: (
        ("motion_hash", "motionHash", True),
        ("organisation", "organisation", False),
        ("signatory", "signatory", False),
        ("decision", "decision", True),
    ),
    model.MotionVetoed: (
        ("motion_hash", "motionHash", True),
        ("organisation", "organisation", False),
        ("sender", "sender", False),
        ("reason", "reason", True),
    ),
    model.MotionEnacted: (("motion_hash", "motionHash", True), ("organisation", "organisation", False)),
    model.ProgressConfirmed: (
        ("report_hash", "reportHash", True),
        ("organisation", "organisation", False),
        ("signatory", "signatory", False),
    ),
}


def _plain_writer(members: _Members) -> Callable[[Any], dict[str, Any]]:
    def write(event: Any) -> dict[str, Any]:
        return {
            name: "0x" + getattr(event, attribute).hex() if is_bytes else getattr(event, attribute)
            for attribute, name, is_bytes in members
        }

    return write


def _plain_reader(kind: Any, members: _Members) -> Callable[[Place, Data], Event]:
    def read(place: Place, data: Data) -> Event:
        values = {attribute: _bytes(data[name]) if is_bytes else data[name] for attribute, name, is_bytes in members}
        made: Event = kind(place=place, **values)
        return made

    return read


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    model.MemberAdmitted: lambda event: {
        "organisation": event.member.organisation,
        "administrator": event.member.administrator,
        "votes": event.member.votes,
    },
    model.SignatoryAppointed: lambda event: _mandate_data(event.mandate),
    model.Moved: lambda event: {
        "motionHash": _hex(event.motion_hash),
        "organisation": event.motion.organisation,
        "signatory": event.signatory,
        "motion": _motion_data(event.motion),
    },
    model.MotionDecided: lambda event: {
        "motionHash": _hex(event.motion_hash),
        "organisation": event.motion.organisation,
        "motion": _motion_data(event.motion),
        "effectFrom": event.effect_from,
        **_signed(event),
    },
    model.Proposed: lambda event: {
        "agreement": _hex(event.act_hash if event.act.concludes else event.act.agreement),
        "actHash": _hex(event.act_hash),
        "signatory": event.signatory,
        "act": act_data(event.act),
    },
    model.Recorded: lambda event: {
        "agreement": _hex(event.agreement),
        "actHash": _hex(event.act_hash),
        "act": act_data(event.act),
        **_signed(event),
    },
    model.ProgressReported: lambda event: {
        "agreement": _hex(event.report.agreement),
        "commitment": _hex(event.report.commitment),
        "reportHash": _hex(event.report_hash),
        "signatory": event.signatory,
        "report": _report_data(event.report),
    },
    **{kind: _plain_writer(members) for kind, members in _PLAIN.items()},
}


def _approved_text(event: model.Approved) -> str:
    return (
        f'{{"actHash":"0x{event.act_hash.hex()}","decision":"0x{event.decision.hex()}",'
        f'"organisation":"{event.organisation}","signatory":"{event.signatory}"}}'
    )


def _proposed_text(event: model.Proposed) -> str:
    act_hash = event.act_hash.hex()
    agreement = act_hash if event.act.concludes else event.act.agreement.hex()
    return (
        f'{{"act":{act_text(event.act)},"actHash":"0x{act_hash}","agreement":"0x{agreement}",'
        f'"signatory":"{event.signatory}"}}'
    )


def _recorded_text(event: model.Recorded) -> str:
    decisions = list_text(["0x" + one.hex() for one in event.decisions])
    return (
        f'{{"act":{act_text(event.act)},"actHash":"0x{event.act_hash.hex()}","agreement":"0x{event.agreement.hex()}",'
        f'"decisions":{decisions},"signatories":{list_text(event.signatories)}}}'
    )


_QUICK: dict[type, Callable[[Any], str]] = {
    model.Approved: _approved_text,
    model.Proposed: _proposed_text,
    model.Recorded: _recorded_text,
}


def _decided(place: Place, data: Data) -> Event:
    signatories, decisions = _decisions(data)
    motion = _motion_of(data["motion"])
    return model.MotionDecided(place, _bytes(data["motionHash"]), motion, signatories, decisions, data["effectFrom"])


def _recorded(place: Place, data: Data) -> Event:
    hashes = _bytes(data["agreement"]), _bytes(data["actHash"])
    return model.Recorded(place, *hashes, act_of(data["act"]), *_decisions(data))


_READERS: dict[str, Callable[[Place, Data], Event]] = {
    "MemberAdmitted": lambda place, data: model.MemberAdmitted(
        place, Member(data["organisation"], data["administrator"], data["votes"])
    ),
    "SignatoryAppointed": lambda place, data: model.SignatoryAppointed(place, _mandate_of(data)),
    "Moved": lambda place, data: model.Moved(
        place, _bytes(data["motionHash"]), _motion_of(data["motion"]), data["signatory"]
    ),
    "MotionDecided": _decided,
    "Proposed": lambda place, data: model.Proposed(
        place, _bytes(data["actHash"]), act_of(data["act"]), data["signatory"]
    ),
    "Recorded": _recorded,
    "ProgressReported": lambda place, data: model.ProgressReported(
        place, _bytes(data["reportHash"]), _report_of(data["report"]), data["signatory"]
    ),
    **{kind.__name__: _plain_reader(kind, members) for kind, members in _PLAIN.items()},
}
