"""What is signed and hashed, with eth_account's own EIP-712 code as the second opinion."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import statements
from registry.errors import UsageError
from registry.model import NO_HASH, NOBODY, Act, Action, Motion, Report, Stage
from registry.organisations import DIRECTORY
from registry.statements import Domain

KEY = Account.from_key(b"\1" * 32)
OTHER = Account.from_key(b"\2" * 32)
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HOUSE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOMAIN = Domain(31337, HOUSE)
ACT = Act(dossier=b"\7" * 32, parties=("gm0339", "gm0345"), valid_from=1_800_000_000, notice=86_400)
APPROVAL_HASH = statements.hash_approval(statements.hash_act(ACT))
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
motions = st.builds(
    Motion,
    action=st.sampled_from(Action),
    organisation=st.sampled_from(IDENTIFIERS),
    deadline=seconds,
    administrator=st.just(NOBODY) | addresses,
    successor=st.sampled_from(["", *IDENTIFIERS]),
    votes=st.booleans(),
    dossier=hashes,
)
reports = st.builds(
    Report,
    agreement=hashes,
    commitment=hashes,
    organisation=st.sampled_from(IDENTIFIERS),
    stage=st.sampled_from(Stage),
    evidence=hashes,
    previous=hashes,
)
domains = st.builds(Domain, st.integers(1, 2**64), addresses)
unhurried = settings(deadline=None, max_examples=30)


def their_digest(document: dict[str, Any]) -> bytes:
    message = encode_typed_data(full_message=document)
    return keccak(b"\x19" + message.version + message.header + message.body)


def their_struct_hash(document: dict[str, Any], name: str, message: dict[str, Any]) -> bytes:
    """The hash of a struct by itself, also of one that only stands in another."""
    types = {one: document["types"][one] for one in ("EIP712Domain", name)}
    whole = {**document, "types": types, "primaryType": name, "message": message}
    return bytes(encode_typed_data(full_message=whole).body)


@unhurried
@given(domains, acts, hashes)
def test_digest_of_an_approval_is_what_eth_account_makes_of_it(domain: Domain, act: Act, decision: bytes) -> None:
    document = statements.approval_data(domain, act, decision)
    struct_hash = statements.hash_approval(statements.hash_act(act), decision)
    assert statements.signing_digest(domain, struct_hash) == their_digest(document)
    assert statements.hash_act(act) == their_struct_hash(document, "Act", document["message"]["act"])


@unhurried
@given(domains, motions, hashes)
def test_digest_of_a_vote_is_what_eth_account_makes_of_it(domain: Domain, motion: Motion, decision: bytes) -> None:
    document = statements.vote_data(domain, motion, decision)
    struct_hash = statements.hash_vote(statements.hash_motion(motion), decision)
    assert statements.signing_digest(domain, struct_hash) == their_digest(document)
    assert statements.hash_motion(motion) == their_struct_hash(document, "Motion", document["message"]["motion"])


@unhurried
@given(domains, reports, st.sampled_from(IDENTIFIERS))
def test_digests_of_a_report_and_its_confirmation_are_what_eth_account_makes_of_them(
    domain: Domain, report: Report, organisation: str
) -> None:
    report_hash = statements.hash_report(report)
    document = statements.report_data(domain, report)
    assert statements.signing_digest(domain, report_hash) == their_digest(document)
    document = statements.confirmation_data(domain, report, organisation)
    struct_hash = statements.hash_confirmation(report_hash, organisation)
    assert statements.signing_digest(domain, struct_hash) == their_digest(document)


@unhurried
@given(domains, acts, hashes)
def test_signature_of_the_typed_data_is_its_signatorys(domain: Domain, act: Act, decision: bytes) -> None:
    signed = bytes(KEY.sign_typed_data(full_message=statements.approval_data(domain, act, decision)).signature)
    act_hash = statements.hash_act(act)
    struct_hash = statements.hash_approval(act_hash, decision)
    assert statements.signatory_of(signed, domain, struct_hash) == KEY.address
    for other in (
        (Domain(domain.chain_id + 1, domain.register), struct_hash),
        (Domain(domain.chain_id, OTHER.address), struct_hash),
        (domain, statements.hash_approval(keccak(act_hash), decision)),
        (domain, statements.hash_approval(act_hash, keccak(decision))),
        (domain, statements.hash_vote(act_hash, decision)),
        (domain, act_hash),
    ):
        assert statements.signatory_of(signed, *other) != KEY.address


MOTION = Motion(Action.ADMIT, "gm0279", 1_800_000_000, KEY.address, votes=True)
REPORT = Report(b"\3" * 32, b"\4" * 32, "gm0339", Stage.STARTED)


@pytest.mark.parametrize(
    "changes",
    [
        {"action": Action.RECOVER},
        {"organisation": "gm0345"},
        {"deadline": 1_800_000_001},
        {"administrator": OTHER.address},
        {"administrator": NOBODY},
        {"successor": "gm0345"},
        {"votes": False},
        {"dossier": b"\7" * 32},
    ],
)
def test_every_field_of_a_motion_is_in_its_hash(changes: dict[str, Any]) -> None:
    assert statements.hash_motion(replace(MOTION, **changes)) != statements.hash_motion(MOTION)


@pytest.mark.parametrize("deadline", [2**40, -1])
def test_a_deadline_that_does_not_fit_in_its_40_bits_has_no_hash(deadline: int) -> None:
    for hashed, statement in ((statements.hash_motion, MOTION), (statements.hash_act, ACT)):
        with pytest.raises(UsageError, match=f"^{deadline} does not fit in 40 bits without a sign"):
            hashed(replace(statement, deadline=deadline))


@pytest.mark.parametrize(
    "changes",
    [
        {"agreement": b"\7" * 32},
        {"commitment": b"\7" * 32},
        {"organisation": "gm0345"},
        {"stage": Stage.FULFILLED},
        {"evidence": b"\7" * 32},
        {"previous": b"\7" * 32},
    ],
)
def test_every_field_of_a_report_is_in_its_hash(changes: dict[str, Any]) -> None:
    assert statements.hash_report(replace(REPORT, **changes)) != statements.hash_report(REPORT)


def test_nothing_that_is_signed_can_pass_for_something_else() -> None:
    """The same 32 bytes as an act, a motion and a report: the type is in the hash."""
    subject = statements.hash_report(REPORT)
    signed = {
        statements.hash_approval(subject),
        statements.hash_vote(subject),
        statements.hash_confirmation(subject, "gm0345"),
        subject,
    }
    assert len(signed) == 4


def test_commitment_is_called_after_its_agreement_and_its_id() -> None:
    assert statements.commitment_id(b"\3" * 32, "T1") == sha256(b"\3" * 32 + b"T1").digest()
    assert statements.commitment_id(b"\3" * 32, "é") == sha256(b"\3" * 32 + "é".encode()).digest()


def signature(decision: bytes = NO_HASH) -> bytes:
    return bytes(KEY.sign_typed_data(full_message=statements.approval_data(DOMAIN, ACT, decision)).signature)


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
    message = encode_typed_data(full_message=statements.approval_data(DOMAIN, ACT))
    assert Account.recover_message(message, signature=twin) == KEY.address
    assert statements.signatory_of(twin, DOMAIN, APPROVAL_HASH) is None
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
    assert statements.signatory_of(malformed, DOMAIN, APPROVAL_HASH) is None


@unhurried
@given(st.binary(min_size=65, max_size=65))
def test_random_bytes_are_never_the_signatorys(noise: bytes) -> None:
    assert statements.signatory_of(noise, DOMAIN, APPROVAL_HASH) != KEY.address


def test_organisation_word_is_the_identifier_and_zeros() -> None:
    assert statements.organisation_word("gm0345") == b"gm0345" + bytes(26)
    assert statements.organisation_of(b"gm0345" + bytes(26)) == "gm0345"
    assert statements.organisation_of(b"gm0345" + bytes(10)) == "gm0345"
    with pytest.raises(UsageError):
        statements.organisation_of(b"gm0345" + bytes(25) + b"\1")
    with pytest.raises(UsageError):
        statements.organisation_word("GM0345")


@pytest.mark.parametrize("raw", [b"GM0345", b"gm0345 ", b"\xff" * 16, b"\0gm0345", b"\x1b[2J"])
def test_what_is_no_identifier_is_called_by_its_bytes(raw: bytes) -> None:
    word = raw.ljust(32, b"\0")
    name = statements.organisation_of(word)
    assert name == "0x" + word[:16].hex()
    assert statements.organisation_word(name) == word


@pytest.mark.parametrize("name", ["0x" + b"gm0345".ljust(16, b"\0").hex(), "0x" + 32 * "0", "0x1234", "0X" + 32 * "1"])
def test_an_organisation_has_one_name(name: str) -> None:
    with pytest.raises(UsageError):
        statements.organisation_word(name)


def test_the_empty_word_is_no_organisation() -> None:
    with pytest.raises(UsageError):
        statements.organisation_of(bytes(32))
