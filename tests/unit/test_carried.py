"""Proposals as files: what is written is read back, and nothing else is taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import carried, statements
from registry.carried import CarriedProposal, read_proposal, write_carried
from registry.errors import RefusedError, RegistryError, StorageError, UsageError
from registry.model import NO_HASH, Act, Approval
from registry.statements import Domain

VEENENDAAL, RENSWOUDE = Account.from_key(b"\1" * 32), Account.from_key(b"\2" * 32)
DOMAIN = Domain(1337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
ACT = Act(dossier=b"\7" * 32, parties=("gm0339", "gm0345"), valid_from=1_800_000_000, notice=86_400)
DECISION = b"\5" * 32


def approval(key: Any, decision: bytes = NO_HASH, act: Act = ACT) -> Approval:
    document = statements.approval_data(DOMAIN, act, decision)
    return Approval(key.address, decision, bytes(key.sign_typed_data(full_message=document).signature))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "voorstel.json"


def proposal(*approvals: Approval) -> CarriedProposal:
    return CarriedProposal(DOMAIN, ACT, approvals)


def test_what_is_written_is_read_back(path: Path) -> None:
    whole = proposal(approval(VEENENDAAL, DECISION), approval(RENSWOUDE))
    assert write_carried(path, whole) == whole
    assert read_proposal(path) == whole
    assert read_proposal(path).act_hash == statements.hash_act(ACT)


def test_file_says_for_which_register_and_act_it_is(path: Path) -> None:
    write_carried(path, proposal(approval(VEENENDAAL)))
    data = json.loads(path.read_text())
    assert (data["format"], data["chainId"], data["register"]) == (1, DOMAIN.chain_id, DOMAIN.register)
    assert data["actHash"] == "0x" + statements.hash_act(ACT).hex()
    assert data["act"]["parties"] == ["gm0339", "gm0345"]
    assert [set(one) for one in data["approvals"]] == [{"signatory", "decision", "signature"}]


def test_writing_over_a_copy_keeps_the_approvals_of_both(path: Path) -> None:
    write_carried(path, proposal(approval(VEENENDAAL)))
    merged = write_carried(path, proposal(approval(RENSWOUDE)))
    assert {one.signatory for one in merged.approvals} == {VEENENDAAL.address, RENSWOUDE.address}
    assert read_proposal(path) == merged


def test_latest_approval_of_a_signatory_counts(path: Path) -> None:
    write_carried(path, proposal(approval(VEENENDAAL)))
    write_carried(path, proposal(approval(VEENENDAAL, DECISION)))
    assert [one.decision for one in read_proposal(path).approvals] == [DECISION]


def test_file_with_another_act_is_not_written_over(path: Path) -> None:
    write_carried(path, proposal())
    before = path.read_bytes()
    with pytest.raises(UsageError, match="holds another act"):
        write_carried(path, CarriedProposal(Domain(1, DOMAIN.register), ACT))
    assert path.read_bytes() == before


def test_something_else_is_never_written_over(path: Path) -> None:
    path.write_text("my shopping list")
    with pytest.raises(UsageError, match="not a proposal file"):
        write_carried(path, proposal())
    assert path.read_text() == "my shopping list"


def test_failed_write_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(carried.os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_carried(path, proposal())
    assert list(path.parent.iterdir()) == []


def test_interrupted_write_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    write_carried(path, proposal())
    before = path.read_bytes()
    monkeypatch.setattr(carried.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_carried(path, proposal(approval(VEENENDAAL)))
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        write_carried(tmp_path / "nowhere" / "voorstel.json", proposal())
    with pytest.raises(StorageError, match="cannot read"):
        read_proposal(tmp_path / "nowhere" / "voorstel.json")
    with pytest.raises(StorageError, match="cannot read"):
        read_proposal(tmp_path)


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    write_carried(path, proposal(approval(VEENENDAAL, DECISION), approval(RENSWOUDE)))
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["act"].update(validFrom=1_800_000_001),
        lambda data: data["act"].update(parties=["gm0228", "gm0339", "gm0345"]),
        lambda data: data["act"].update(dossier="0x" + "08" * 32),
        lambda data: data.update(actHash="0x" + "00" * 32),
    ],
)
def test_changed_act_is_refused(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(RefusedError, match="not the one its hash names"):
        read_proposal(changed(path, change))


def forged(data: dict[str, Any]) -> None:
    data["approvals"][0]["signature"] = data["approvals"][1]["signature"]


@pytest.mark.parametrize(
    "change",
    [
        forged,
        lambda data: data["approvals"][0].update(decision="0x" + "06" * 32),
        lambda data: data["approvals"][0].update(signatory=RENSWOUDE.address),
        lambda data: data["approvals"][0].update(signature="0x" + "11" * 65),
        lambda data: data["approvals"][0].update(signature="0x" + "00" * 65),
        lambda data: data.update(chainId=1),
        lambda data: data.update(register="0x0000000000000000000000000000000000000001"),
    ],
)
def test_signature_that_is_not_the_signatorys_is_refused(
    path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(RefusedError, match="is not theirs"):
        read_proposal(changed(path, change))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"%PDF-1.7",
        b"[]",
        b"null",
        b"{}",
        b'"text"',
        b"[" * 100_000,
        b'{"format": 1}',
        b" " * (1 << 20) + b"{}",
    ],
    ids=["empty", "binary", "pdf", "list", "null", "object", "text", "deep", "unfinished", "large"],
)
def test_anything_else_is_not_a_proposal(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not a proposal file"):
        read_proposal(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format=2),
        lambda data: data.update(chainId="1337"),
        lambda data: data.update(chainId=-1),
        lambda data: data.update(chainId=1 << 256),
        lambda data: data.update(register=DOMAIN.register.lower()),
        lambda data: data.update(register=None),
        lambda data: data.update(approvals={"a": 1}),
        lambda data: data.update(approvals=None),
        lambda data: data["act"].update(validFrom=-1),
        lambda data: data["act"].update(validFrom=1 << 40),
        lambda data: data["act"].update(validFrom=True),
        lambda data: data["act"].update(validFrom=1.5),
        lambda data: data["act"].update(notice=1 << 32),
        lambda data: data["act"].update(parties=["veenendaal"]),
        lambda data: data["act"].update(parties=[5]),
        lambda data: data["act"].update(parties="gm0345"),
        lambda data: data["act"].update(dossier="0x00"),
        lambda data: data["act"].pop("deadline"),
        lambda data: data["approvals"][0].update(signature="0x00"),
        lambda data: data["approvals"][0].update(signature=None),
        lambda data: data["approvals"][0].update(signatory=None),
    ],
)
def test_malformed_field_is_named_with_the_file(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(RegistryError, match=r"voorstel\.json") as caught:
        read_proposal(changed(path, change))
    assert isinstance(caught.value, UsageError | RefusedError)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WHOLE = carried.to_json(proposal(approval(VEENENDAAL)))
PLACES: list[tuple[str | int, ...]] = [
    *((key,) for key in WHOLE),
    *(("act", key) for key in carried.act_to_json(ACT)),
    *(("approvals", 0, key) for key in ("signatory", "decision", "signature")),
]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PLACES), values)
def test_no_value_anywhere_in_the_file_is_worse_than_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[str | int, ...], value: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.json"
    data = json.loads(json.dumps(WHOLE))
    target = data
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    path.write_text(json.dumps(data))
    try:
        found = read_proposal(path)
    except RegistryError:
        return
    assert found.act == ACT
    assert found.domain == DOMAIN
