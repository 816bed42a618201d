"""The contract against tests/vectors/eip712.json, which eth_account made: the same bytes everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from actors import compact
from eth_account import Account
from eth_account.messages import encode_typed_data
from recorded import plain
from typed_data import types_for

FOLDER = Path(__file__).resolve().parent.parent / "vectors"
VECTORS = json.loads((FOLDER / "eip712.json").read_text(encoding="utf-8"))
SIGNER = VECTORS["signer"]["address"]


def each(kind):
    return pytest.mark.parametrize("vector", VECTORS[f"{kind}s"], ids=lambda vector: vector["name"])


def struct(vector, kind):
    return list(vector[kind].values())


def recovered(primary, message, signature):
    """From nothing but what stands in the vectors."""
    types = {name: VECTORS["types"][name] for name in types_for(primary)}
    full = {"types": types, "primaryType": primary, "domain": VECTORS["domain"], "message": message}
    return Account.recover_message(encode_typed_data(full_message=full), signature=signature)


def test_the_vectors_are_what_their_script_makes():
    done = subprocess.run([sys.executable, FOLDER / "make_eip712.py", "--check"], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_the_vectors_are_for_the_first_contract_of_the_local_chain(register, chain):
    assert VECTORS["domain"]["verifyingContract"] == register.address
    assert VECTORS["domain"]["chainId"] == chain.id


def test_the_contract_names_the_domain_of_the_vectors(register):
    fields, name, version, chain_id, contract, salt, extensions = plain(register.eip712Domain())

    assert VECTORS["domain"] == {
        "name": name,
        "version": version,
        "chainId": chain_id,
        "verifyingContract": contract,
    }
    assert (fields, salt, extensions) == (b"\x0f", bytes(32), ())


@each("act")
def test_the_contract_hashes_the_act_as_the_vector_says(register, vector):
    assert plain(register.hashAct(struct(vector, "act"))).hex() == vector["actHash"][2:]


@each("act")
def test_the_contract_hashes_the_approvals_as_the_vector_says(register, vector):
    for approval in vector["approvals"]:
        digest = plain(register.hashApproval(vector["actHash"], approval["decision"]))
        assert digest.hex() == approval["digest"][2:]


@each("act")
def test_the_approval_of_the_vector_stands_on_chain_under_its_hash(register, veenendaal, vector):
    sender = {"from": veenendaal.first.account}
    for approval in vector["approvals"]:
        register.approve(vector["actHash"], approval["decision"], sender)
        found = plain(register.approvalOf(vector["actHash"], veenendaal.first.address))
        assert found.hex() == approval["approvalHash"][2:]


@each("act")
def test_the_contract_takes_the_signatures_of_the_vector(register, veenendaal, carrier, vector):
    veenendaal.appoint(SIGNER)
    for approval in vector["approvals"]:
        decision, signature = approval["decision"], approval["signature"]
        # Called, not sent: one approval of a signatory stands for each act, and these are several.
        register.approveFor.call(SIGNER, vector["actHash"], decision, signature, {"from": carrier})


@each("motion")
def test_the_contract_hashes_the_motion_and_its_votes_as_the_vector_says(register, vector):
    assert plain(register.hashMotion(struct(vector, "motion"))).hex() == vector["motionHash"][2:]
    for vote in vector["votes"]:
        digest = plain(register.hashVote(vector["motionHash"], vote["decision"]))
        assert digest.hex() == vote["digest"][2:]


@each("motion")
def test_the_vote_of_the_vector_stands_on_chain_under_its_hash(register, veenendaal, vector):
    sender = {"from": veenendaal.first.account}
    for vote in vector["votes"]:
        register.vote(vector["motionHash"], vote["decision"], sender)
        found = plain(register.approvalOf(vector["motionHash"], veenendaal.first.address))
        assert found.hex() == vote["voteHash"][2:]


@each("motion")
def test_the_contract_takes_the_votes_of_the_vector(register, veenendaal, carrier, vector):
    veenendaal.appoint(SIGNER)
    for vote in vector["votes"]:
        register.voteFor.call(SIGNER, vector["motionHash"], vote["decision"], vote["signature"], {"from": carrier})


@each("report")
def test_the_contract_hashes_the_report_and_its_confirmations_as_the_vector_says(register, vector):
    assert plain(register.hashReport(struct(vector, "report"))).hex() == vector["reportHash"][2:]
    assert plain(register.reportDigest(vector["reportHash"])).hex() == vector["digest"][2:]
    for confirmation in vector["confirmations"]:
        digest = plain(register.confirmationDigest(vector["reportHash"], confirmation["organisation"]))
        assert digest.hex() == confirmation["digest"][2:]


def test_the_signatures_of_the_vectors_need_nothing_but_the_vectors():
    signers = []
    for vector in VECTORS["acts"]:
        for approval in vector["approvals"]:
            message = {"act": vector["act"], "decision": approval["decision"]}
            signers.append(recovered("Approval", message, approval["signature"]))
    for vector in VECTORS["motions"]:
        for vote in vector["votes"]:
            message = {"motion": vector["motion"], "decision": vote["decision"]}
            signers.append(recovered("Vote", message, vote["signature"]))
    for vector in VECTORS["reports"]:
        signers.append(recovered("Report", vector["report"], vector["signature"]))
        for confirmation in vector["confirmations"]:
            message = {"report": vector["report"], "organisation": confirmation["organisation"]}
            signers.append(recovered("Confirmation", message, confirmation["signature"]))

    assert signers == [SIGNER] * (3 * 9 + 3 * 8 + 4 * 8)


def test_the_compact_signatures_of_the_vectors_are_the_long_ones():
    for kind, given in (("acts", "approvals"), ("motions", "votes"), ("reports", "confirmations")):
        for vector in VECTORS[kind]:
            for each_of in vector[given]:
                long = bytes.fromhex(each_of["signature"][2:])
                r, s = int.from_bytes(long[:32], "big"), int.from_bytes(long[32:64], "big")
                assert compact(r, s, long[64]) == tuple(bytes.fromhex(word[2:]) for word in each_of["compact"].values())
