"""What each event does to the fingerprint, with the rule of its NatSpec written out once more."""

from __future__ import annotations

import re

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from world import ROOT

from registry import model
from registry.fingerprint import fingerprint_of, fold
from registry.model import NO_HASH, NOBODY, Act, Action, Motion, Place, Report, Stage

KEY = Account.from_key(b"\1" * 32)
OTHER = Account.from_key(b"\2" * 32)
PLACE = Place(block=7, log_index=3, transaction=b"\1" * 32, block_hash=b"\2" * 32, timestamp=1_800_000_000)
VEENENDAAL, RENSWOUDE = b"gm0345".ljust(32, b"\0"), b"gm0339".ljust(32, b"\0")
HASH, OTHER_HASH, DECISION, REASON = b"\3" * 32, b"\4" * 32, b"\5" * 32, b"\6" * 32
LOW, HIGH = sorted((KEY.address, OTHER.address))
ACT = Act(dossier=b"\7" * 32, parties=("gm0339", "gm0345"), valid_from=1_800_000_000)
MANDATE = model.Mandate(KEY.address, "gm0345", 1_700_000_000, 1_900_000_000, 2, DECISION)
MOTION = Motion(Action.ADMIT, "gm0345", 1_800_000_000, KEY.address, votes=True)
REPORT = Report(HASH, OTHER_HASH, "gm0345", Stage.STARTED)
ACT_TYPE = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
MOTION_TYPE = "(string,bytes32,address,bytes32,bool,bytes32,uint40)"
REPORT_TYPE = "(bytes32,bytes32,bytes32,bytes32,string,bytes32)"


def word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


# The event, its signature, and the types and values that it is folded as after its selector and its time.
FOLDED: list[tuple[model.Event, str, list[str], list[object]]] = [
    (
        model.MemberAdmitted(PLACE, model.Member("gm0345", KEY.address, True)),
        "MemberAdmitted(bytes32,address,bool)",
        ["bytes32", "address", "bool"],
        [VEENENDAAL, KEY.address, True],
    ),
    (model.MemberExpelled(PLACE, "gm0345"), "MemberExpelled(bytes32)", ["bytes32"], [VEENENDAAL]),
    (
        model.MemberSucceeded(PLACE, "gm0345", "gm0339"),
        "MemberSucceeded(bytes32,bytes32)",
        ["bytes32", "bytes32"],
        [VEENENDAAL, RENSWOUDE],
    ),
    (
        model.AdministratorNominated(PLACE, "gm0345", NOBODY),
        "AdministratorNominated(bytes32,address)",
        ["bytes32", "address"],
        [VEENENDAAL, "0x" + "00" * 20],
    ),
    (
        model.AdministratorReplaced(PLACE, "gm0345", OTHER.address),
        "AdministratorReplaced(bytes32,address)",
        ["bytes32", "address"],
        [VEENENDAAL, OTHER.address],
    ),
    (
        model.ServiceAnnounced(PLACE, "gm0345", b"https://caf\xe9"),
        "ServiceAnnounced(bytes32,string)",
        ["bytes32", "bytes32"],
        [VEENENDAAL, keccak(b"https://caf\xe9")],
    ),
    (
        model.SignatoryAppointed(PLACE, MANDATE),
        "SignatoryAppointed(bytes32,address,uint40,uint40,uint16,bytes32)",
        ["bytes32", "address", "uint40", "uint40", "uint16", "bytes32"],
        [VEENENDAAL, KEY.address, 1_700_000_000, 1_900_000_000, 2, DECISION],
    ),
    (
        model.SignatoryDismissed(PLACE, "gm0345", KEY.address, DECISION),
        "SignatoryDismissed(bytes32,address,bytes32)",
        ["bytes32", "address", "bytes32"],
        [VEENENDAAL, KEY.address, DECISION],
    ),
    (
        model.MotionDecided(PLACE, HASH, MOTION, (LOW, HIGH), (DECISION, NO_HASH), 1_900_000_000),
        f"MotionDecided(bytes32,bytes32,{MOTION_TYPE},address[],bytes32[],uint40)",
        ["bytes32", "bytes32", "bytes32", "uint40"],
        [HASH, keccak(word(LOW) + word(HIGH)), keccak(DECISION + NO_HASH), 1_900_000_000],
    ),
    (
        model.MotionVetoed(PLACE, HASH, "gm0345", KEY.address, REASON),
        "MotionVetoed(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        [HASH, VEENENDAAL, KEY.address, REASON],
    ),
    (model.MotionEnacted(PLACE, HASH, "gm0345"), "MotionEnacted(bytes32,bytes32)", ["bytes32"], [HASH]),
    (
        model.Recorded(PLACE, HASH, OTHER_HASH, ACT, (LOW, HIGH), (DECISION, NO_HASH)),
        f"Recorded(bytes32,bytes32,{ACT_TYPE},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        [HASH, OTHER_HASH, keccak(word(LOW) + word(HIGH)), keccak(DECISION + NO_HASH)],
    ),
    (
        model.Recorded(PLACE, HASH, OTHER_HASH, ACT, (LOW,), ()),
        f"Recorded(bytes32,bytes32,{ACT_TYPE},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        [HASH, OTHER_HASH, keccak(word(LOW)), keccak(b"")],
    ),
    (
        model.Declined(PLACE, HASH, "gm0339", OTHER.address, REASON),
        "Declined(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        [HASH, RENSWOUDE, OTHER.address, REASON],
    ),
    (
        model.ProgressReported(PLACE, HASH, REPORT, KEY.address),
        f"ProgressReported(bytes32,bytes32,bytes32,address,{REPORT_TYPE})",
        ["bytes32", "address"],
        [HASH, KEY.address],
    ),
    (
        model.ProgressConfirmed(PLACE, HASH, "gm0339", OTHER.address),
        "ProgressConfirmed(bytes32,bytes32,address)",
        ["bytes32", "bytes32", "address"],
        [HASH, RENSWOUDE, OTHER.address],
    ),
]
LEFT_OUT: list[model.Event] = [
    model.Proposed(PLACE, HASH, ACT, KEY.address),
    model.Approved(PLACE, HASH, "gm0345", KEY.address, DECISION),
    model.Moved(PLACE, HASH, MOTION, KEY.address),
    model.Voted(PLACE, HASH, "gm0345", KEY.address, DECISION),
]


@pytest.mark.parametrize(
    ("event", "signature", "types", "values"), FOLDED, ids=[type(case[0]).__name__ for case in FOLDED]
)
def test_fold_follows_the_interface(event: model.Event, signature: str, types: list[str], values: list[object]) -> None:
    recorded = encode(["bytes32", "uint256", *types], [keccak(text=signature), PLACE.timestamp, *values])
    before = b"\x0a" * 32
    assert fold(before, event) == keccak(encode(["bytes32", "bytes32"], [before, keccak(recorded)]))


@pytest.mark.parametrize("event", LEFT_OUT, ids=lambda event: type(event).__name__)
def test_fold_leaves_out_what_records_nothing(event: model.Event) -> None:
    assert fold(b"\x0a" * 32, event) == b"\x0a" * 32


def test_every_event_is_folded_or_left_out_as_its_interface_says() -> None:
    said = {}
    for path in (ROOT / "contracts" / "interfaces").glob("*.sol"):
        for block in re.findall(r"((?: *///.*\n)+) *event (\w+)\(", path.read_text("utf-8")):
            said[block[1]] = "olded " in block[0]
    assert {name for name, folded in said.items() if folded} == {type(case[0]).__name__ for case in FOLDED}
    assert {name for name, folded in said.items() if not folded} == {type(one).__name__ for one in LEFT_OUT}
    assert set(said) == {one.__name__ for one in model.Event.__args__}


def test_fingerprint_depends_on_every_event_and_on_their_order() -> None:
    events = [case[0] for case in FOLDED]
    assert fingerprint_of([]) == NO_HASH
    without_one = [events[:i] + events[i + 1 :] for i in range(len(events))]
    others = [*without_one, events[::-1], [*events, events[-1]]]
    assert len({fingerprint_of(one) for one in [events, *others]}) == len(others) + 1
    assert fingerprint_of([*LEFT_OUT, *events]) == fingerprint_of(events)
