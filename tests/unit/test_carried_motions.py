"""Motions as files: as proposals, and never taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import carried, statements
from registry.carried import CarriedMotion, CarriedProposal, read_motion, read_proposal, write_carried
from registry.errors import RefusedError, RegistryError, StorageError, UsageError
from registry.model import NO_HASH, NOBODY, Act, Action, Approval, Motion
from registry.statements import Domain

VEENENDAAL, RENSWOUDE = Account.from_key(b"\1" * 32), Account.from_key(b"\2" * 32)
DOMAIN = Domain(1337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
MOTION = Motion(Action.ADMIT, "gm0279", 1_800_000_000, VEENENDAAL.address, votes=True, dossier=b"\7" * 32)
ACT = Act(dossier=b"\7" * 32, parties=("gm0339", "gm0345"), valid_from=1_800_000_000)
DECISION = b"\5" * 32


def vote(key: Any, decision: bytes = NO_HASH, motion: Motion = MOTION) -> Approval:
    document = statements.vote_data(DOMAIN, motion, decision)
    return Approval(key.address, decision, bytes(key.sign_typed_data(full_message=document).signature))


def carrying(*approvals: Approval) -> CarriedMotion:
    return CarriedMotion(DOMAIN, MOTION, approvals)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "motie.json"


@pytest.mark.parametrize(
    "motion",
    [
        MOTION,
        replace(MOTION, votes=False, dossier=NO_HASH),
        Motion(Action.EXPEL, "gm0279", 0),
        Motion(Action.SUCCEED, "gm0279", 2**40 - 1, successor="gm0345"),
        Motion(Action.RECOVER, "gm0279", 1, VEENENDAAL.address),
    ],
    ids=lambda motion: motion.action,
)
def test_what_is_written_is_read_back(path: Path, motion: Motion) -> None:
    whole = CarriedMotion(DOMAIN, motion, (vote(VEENENDAAL, DECISION, motion), vote(RENSWOUDE, motion=motion)))
    assert write_carried(path, whole) == whole
    assert read_motion(path) == whole
    assert read_motion(path).motion_hash == statements.hash_motion(motion)


def test_file_says_for_which_register_and_motion_it_is(path: Path) -> None:
    write_carried(path, carrying(vote(VEENENDAAL)))
    data = json.loads(path.read_text())
    assert (data["format"], data["chainId"], data["register"]) == (1, DOMAIN.chain_id, DOMAIN.register)
    assert data["motionHash"] == "0x" + statements.hash_motion(MOTION).hex()
    assert data["motion"] == {
        "action": "admit",
        "organisation": "gm0279",
        "administrator": VEENENDAAL.address,
        "successor": None,
        "votes": True,
        "dossier": "0x" + "07" * 32,
        "deadline": 1_800_000_000,
    }
    assert carried.motion_to_json(Motion(Action.EXPEL, "gm0279", 0))["administrator"] is None


def test_what_is_signed_is_a_vote_with_its_decision() -> None:
    whole = carrying()
    document = statements.vote_data(DOMAIN, MOTION, DECISION)
    assert whole.typed_data(DECISION) == document
    signed = bytes(VEENENDAAL.sign_typed_data(full_message=document).signature)
    assert statements.signatory_of(signed, DOMAIN, whole.struct_hash(DECISION)) == VEENENDAAL.address


def test_writing_over_a_copy_keeps_the_votes_of_both_and_the_latest_of_each(path: Path) -> None:
    write_carried(path, carrying(vote(VEENENDAAL)))
    merged = write_carried(path, carrying(vote(RENSWOUDE), vote(VEENENDAAL, DECISION)))
    assert {one.signatory: one.decision for one in merged.approvals} == {
        VEENENDAAL.address: DECISION,
        RENSWOUDE.address: NO_HASH,
    }
    assert read_motion(path) == merged


def test_motion_is_no_act_and_an_act_is_no_motion(path: Path) -> None:
    write_carried(path, carrying(vote(VEENENDAAL)))
    with pytest.raises(UsageError, match=r"motie\.json holds a motion, not an act") as caught:
        read_proposal(path)
    assert "foodvalley motion" in (caught.value.hint or "")
    act = path.with_name("voorstel.json")
    write_carried(act, CarriedProposal(DOMAIN, ACT))
    with pytest.raises(UsageError, match=r"voorstel\.json holds an act, not a motion") as caught:
        read_motion(act)
    assert "foodvalley sign" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "other",
    [
        CarriedProposal(DOMAIN, ACT),
        CarriedMotion(DOMAIN, replace(MOTION, deadline=1)),
        CarriedMotion(Domain(1, DOMAIN.register), MOTION),
        CarriedMotion(Domain(1337, VEENENDAAL.address), MOTION),
    ],
)
def test_file_with_something_else_is_not_written_over(path: Path, other: CarriedProposal | CarriedMotion) -> None:
    write_carried(path, carrying(vote(VEENENDAAL)))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="holds another act or motion"):
        write_carried(path, other)
    assert path.read_bytes() == before


def test_act_is_not_written_over_with_a_motion(path: Path) -> None:
    write_carried(path, CarriedProposal(DOMAIN, ACT))
    with pytest.raises(UsageError, match="holds another act or motion"):
        write_carried(path, carrying())
    assert read_proposal(path).act == ACT


def test_file_that_is_not_there_is_a_storage_error(path: Path) -> None:
    with pytest.raises(StorageError, match="cannot read"):
        read_motion(path)


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    write_carried(path, carrying(vote(VEENENDAAL, DECISION), vote(RENSWOUDE)))
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["motion"].update(action="recover"),
        lambda data: data["motion"].update(organisation="gm0345"),
        lambda data: data["motion"].update(administrator=RENSWOUDE.address),
        lambda data: data["motion"].update(administrator=None),
        lambda data: data["motion"].update(successor="gm0345"),
        lambda data: data["motion"].update(votes=False),
        lambda data: data["motion"].update(dossier="0x" + "08" * 32),
        lambda data: data["motion"].update(deadline=1),
        lambda data: data.update(motionHash="0x" + "00" * 32),
    ],
)
def test_changed_motion_is_refused(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(RefusedError, match="the motion is not the one its hash names"):
        read_motion(changed(path, change))


def signed_as_an_act(data: dict[str, Any]) -> None:
    """The same 32 bytes, signed as the hash of an act."""
    struct_hash = statements.hash_approval(statements.hash_motion(MOTION), DECISION)
    signed = VEENENDAAL.unsafe_sign_hash(statements.signing_digest(DOMAIN, struct_hash))
    data["approvals"][0]["signature"] = "0x" + bytes(signed.signature).hex()


@pytest.mark.parametrize(
    "change",
    [
        signed_as_an_act,
        lambda data: data["approvals"][0].update(signature=data["approvals"][1]["signature"]),
        lambda data: data["approvals"][0].update(decision="0x" + "06" * 32),
        lambda data: data["approvals"][0].update(signatory=RENSWOUDE.address),
        lambda data: data["approvals"][0].update(signature="0x" + "11" * 65),
        lambda data: data["approvals"][0].update(signature="0x" + "00" * 65),
        lambda data: data.update(chainId=1),
        lambda data: data.update(register=VEENENDAAL.address),
    ],
)
def test_signature_that_is_not_the_signatorys_is_refused(
    path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(RefusedError, match="is not theirs"):
        read_motion(changed(path, change))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format=2),
        lambda data: data.update(motion=None),
        lambda data: data.update(motion=[]),
        lambda data: data.update(motion="admit"),
        lambda data: data.pop("motionHash"),
        lambda data: data.pop("motion"),
        lambda data: data["motion"].update(action="appoint"),
        lambda data: data["motion"].update(action="ADMIT"),
        lambda data: data["motion"].update(action=None),
        lambda data: data["motion"].update(action=["admit"]),
        lambda data: data["motion"].update(organisation=None),
        lambda data: data["motion"].update(organisation=""),
        lambda data: data["motion"].update(organisation="scherpenzeel"),
        lambda data: data["motion"].update(organisation=5),
        lambda data: data["motion"].update(successor=""),
        lambda data: data["motion"].update(successor="veenendaal"),
        lambda data: data["motion"].update(successor=0),
        lambda data: data["motion"].update(administrator=""),
        lambda data: data["motion"].update(administrator=0),
        lambda data: data["motion"].update(administrator=VEENENDAAL.address.lower()),
        lambda data: data["motion"].update(votes=1),
        lambda data: data["motion"].update(votes="true"),
        lambda data: data["motion"].update(votes=None),
        lambda data: data["motion"].update(dossier="0x07"),
        lambda data: data["motion"].update(dossier=None),
        lambda data: data["motion"].update(deadline=-1),
        lambda data: data["motion"].update(deadline=1 << 40),
        lambda data: data["motion"].update(deadline=True),
        lambda data: data["motion"].pop("successor"),
        lambda data: data["motion"].pop("votes"),
        lambda data: data["approvals"][0].update(signature="0x00"),
        lambda data: data["approvals"][0].pop("decision"),
    ],
)
def test_malformed_motion_is_not_read(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(UsageError, match=r"motie\.json is not a proposal file"):
        read_motion(changed(path, change))


def test_nobody_written_out_is_the_same_motion(path: Path) -> None:
    expulsion = Motion(Action.EXPEL, "gm0279", 1)
    write_carried(path, CarriedMotion(DOMAIN, expulsion))
    data = json.loads(path.read_text())
    data["motion"]["administrator"] = NOBODY
    path.write_text(json.dumps(data))
    assert read_motion(path).motion == expulsion


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WHOLE = carried.to_json(carrying(vote(VEENENDAAL)))
PLACES: list[tuple[str | int, ...]] = [
    *((key,) for key in WHOLE),
    *(("motion", key) for key in carried.motion_to_json(MOTION)),
    *(("approvals", 0, key) for key in ("signatory", "decision", "signature")),
]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PLACES), values)
def test_no_value_anywhere_in_the_file_is_worse_than_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[str | int, ...], value: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed-motion.json"
    data = json.loads(json.dumps(WHOLE))
    target = data
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    path.write_text(json.dumps(data))
    try:
        found = read_motion(path)
    except RegistryError:
        return
    assert found.motion == MOTION
    assert found.domain == DOMAIN
