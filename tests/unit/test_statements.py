"""What is signed and hashed, with eth_account's own EIP-712 code as the second opinion."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import model, statements
from registry.errors import UsageError
from registry.model import NO_HASH, Act, Place
from registry.organisations import DIRECTORY
from registry.statements import Domain

KEY = Account.from_key(b"\1" * 32)
OTHER = Account.from_key(b"\2" * 32)
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HOUSE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOMAIN = Domain(31337, HOUSE)
ACT = Act(dossier=b"\7" * 32, parties=("gm0339", "gm0345"), valid_from=1_800_000_000, notice=86_400)
ACT_HASH = statements.hash_act(ACT)
IDENTIFIERS = [one.id for one in DIRECTORY.organisations]

hashes = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: Account.from_key(keccak(raw)).address)
seconds = st.integers(0, 2**40 - 1)
acts = st.builds(
    Act,
    dossier=hashes,
    parties=st.lists(st.sampled_from(IDENTIFIERS), max_size=10, unique=True).map(lambda found: tuple(sorted(found))),
    valid_from=seconds,
    valid_until=seconds,
    notice=st.integers(0, 2**32 - 1),
    deadline=seconds,
    agreement=hashes,
    previous=hashes,
)
domains = st.builds(Domain, st.integers(1, 2**64), addresses)
unhurried = settings(deadline=None, max_examples=30)


def their_digest(document: dict[str, Any]) -> bytes:
    message = encode_typed_data(full_message=document)
    return keccak(b"\x19" + message.version + message.header + message.body)


@unhurried
@given(domains, acts, hashes)
def test_digest_is_what_eth_account_makes_of_the_typed_data(domain: Domain, act: Act, decision: bytes) -> None:
    document = statements.typed_data(domain, act, decision)
    assert statements.approval_digest(domain, statements.hash_act(act), decision) == their_digest(document)


@unhurried
@given(acts)
def test_act_hash_is_the_struct_hash_of_eth_account(act: Act) -> None:
    document = statements.typed_data(DOMAIN, act)
    of_act = {**document, "primaryType": "Act", "message": document["message"]["act"]}
    of_act["types"] = {name: members for name, members in statements.TYPES.items() if name != "Approval"}
    assert statements.hash_act(act) == bytes(encode_typed_data(full_message=of_act).body)


@unhurried
@given(domains, acts, hashes)
def test_signature_of_the_typed_data_is_its_signatorys(domain: Domain, act: Act, decision: bytes) -> None:
    signed = KEY.sign_typed_data(full_message=statements.typed_data(domain, act, decision)).signature
    act_hash = statements.hash_act(act)
    assert statements.signatory_of(bytes(signed), domain, act_hash, decision) == KEY.address
    for other in (
        (Domain(domain.chain_id + 1, domain.register), act_hash, decision),
        (Domain(domain.chain_id, OTHER.address), act_hash, decision),
        (domain, keccak(act_hash), decision),
        (domain, act_hash, keccak(decision)),
    ):
        assert statements.signatory_of(bytes(signed), *other) != KEY.address


def signature(decision: bytes = NO_HASH) -> bytes:
    return bytes(KEY.sign_typed_data(full_message=statements.typed_data(DOMAIN, ACT, decision)).signature)


@unhurried
@given(hashes)
def test_compact_signature_holds_r_s_and_the_parity(decision: bytes) -> None:
    signed = signature(decision)
    r, vs = statements.compact(signed)
    word = int.from_bytes(vs, "big")
    assert r == signed[:32]
    assert (word & (1 << 255) - 1).to_bytes(32, "big") == signed[32:64]
    assert word >> 255 == signed[64] - 27


def test_compact_takes_the_parity_as_0_or_1_too() -> None:
    signed = signature()
    assert statements.compact(signed[:64] + bytes([signed[64] - 27])) == statements.compact(signed)


def malleable(signed: bytes) -> bytes:
    """The twin with a high s, which recovers to the same address."""
    s = CURVE_ORDER - int.from_bytes(signed[32:64], "big")
    return signed[:32] + s.to_bytes(32, "big") + bytes([27 + (28 - signed[64])])


def test_high_s_is_refused_though_it_would_recover() -> None:
    twin = malleable(signature())
    message = statements.signable_approval(DOMAIN, ACT_HASH)
    assert Account.recover_message(message, signature=twin) == KEY.address
    assert statements.signatory_of(twin, DOMAIN, ACT_HASH) is None
    with pytest.raises(UsageError, match="high s"):
        statements.compact(twin)


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        b"\1",
        signature()[:64],
        signature() + b"\0",
        signature()[:64] + b"\2",
        signature()[:64] + b"\x1d",
        bytes(65),
        bytes(64) + b"\x1b",
        b"\xff" * 32 + signature()[32:],
        signature()[:32] + bytes(32) + signature()[64:],
    ],
)
def test_malformed_signature_is_nobodys(malformed: bytes) -> None:
    assert statements.signatory_of(malformed, DOMAIN, ACT_HASH) is None


@unhurried
@given(st.binary(min_size=65, max_size=65))
def test_random_bytes_are_never_the_signatorys(noise: bytes) -> None:
    assert statements.signatory_of(noise, DOMAIN, ACT_HASH) != KEY.address


def test_organisation_word_is_the_identifier_and_zeros() -> None:
    assert statements.organisation_word("gm0345") == b"gm0345" + bytes(26)
    assert statements.organisation_of(b"gm0345" + bytes(26)) == "gm0345"
    assert statements.organisation_of(b"gm0345" + bytes(10)) == "gm0345"
    with pytest.raises(UsageError):
        statements.organisation_of(b"gm0345" + bytes(25) + b"\1")
    with pytest.raises(UsageError):
        statements.organisation_word("GM0345")


PLACE = Place(block=7, log_index=3, transaction=b"\1" * 32, block_hash=b"\2" * 32, timestamp=1_800_000_000)
VEENENDAAL, RENSWOUDE = b"gm0345".ljust(32, b"\0"), b"gm0339".ljust(32, b"\0")
DECISION, REASON = b"\5" * 32, b"\6" * 32
ACT_TYPE = "(bytes32,bytes32,bytes32,bytes32[],uint40,uint40,uint32,uint40)"
LOW, HIGH = sorted((KEY.address, OTHER.address))
MANDATE = model.Mandate(KEY.address, "gm0345", 1_700_000_000, 1_900_000_000, 2, DECISION)


def word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


# What the NatSpec of each event says that it is folded as, written out once more.
FOLDED: list[tuple[model.Event, str, list[str], list[object]]] = [
    (
        model.MemberAdmitted(PLACE, model.Member("gm0345", KEY.address, True)),
        "MemberAdmitted(bytes32,address,bool)",
        ["bytes32", "address", "bool"],
        [VEENENDAAL, KEY.address, True],
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
        model.Recorded(PLACE, ACT_HASH, ACT_HASH, ACT, (LOW, HIGH), (DECISION, NO_HASH)),
        f"Recorded(bytes32,bytes32,{ACT_TYPE},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        [ACT_HASH, ACT_HASH, keccak(word(LOW) + word(HIGH)), keccak(DECISION + NO_HASH)],
    ),
    (
        model.Recorded(PLACE, b"\3" * 32, ACT_HASH, ACT, (LOW,), ()),
        f"Recorded(bytes32,bytes32,{ACT_TYPE},address[],bytes32[])",
        ["bytes32", "bytes32", "bytes32", "bytes32"],
        [b"\3" * 32, ACT_HASH, keccak(word(LOW)), keccak(b"")],
    ),
    (
        model.Declined(PLACE, ACT_HASH, "gm0339", OTHER.address, REASON),
        "Declined(bytes32,bytes32,address,bytes32)",
        ["bytes32", "bytes32", "address", "bytes32"],
        [ACT_HASH, RENSWOUDE, OTHER.address, REASON],
    ),
]


@pytest.mark.parametrize(("event", "signature", "types", "values"), FOLDED, ids=[case[1][:18] for case in FOLDED])
def test_fold_follows_the_interface(event: model.Event, signature: str, types: list[str], values: list[object]) -> None:
    recorded = encode(["bytes32", "uint256", *types], [keccak(text=signature), PLACE.timestamp, *values])
    before = b"\x0a" * 32
    assert statements.fold(before, event) == keccak(encode(["bytes32", "bytes32"], [before, keccak(recorded)]))


@pytest.mark.parametrize(
    "event",
    [
        model.Proposed(PLACE, ACT_HASH, ACT, KEY.address),
        model.Approved(PLACE, ACT_HASH, "gm0345", KEY.address, DECISION),
    ],
)
def test_fold_leaves_out_what_records_nothing(event: model.Event) -> None:
    assert statements.fold(b"\x0a" * 32, event) == b"\x0a" * 32


def test_fingerprint_depends_on_every_event_and_on_their_order() -> None:
    events = [case[0] for case in FOLDED]
    assert statements.fingerprint_of([]) == NO_HASH
    others = [events[:-1], events[1:], events[::-1], [*events, events[-1]]]
    fingerprints = {statements.fingerprint_of(one) for one in [events, *others]}
    assert len(fingerprints) == 5
