"""The contract against tests/vectors/eip712.json, which eth_account made: the same bytes everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from acts import ACT_MEMBERS
from eth_account import Account
from eth_account.messages import encode_typed_data
from recorded import plain

FOLDER = Path(__file__).resolve().parent.parent / "vectors"
VECTORS = json.loads((FOLDER / "eip712.json").read_text(encoding="utf-8"))
each_act = pytest.mark.parametrize("vector", VECTORS["acts"], ids=lambda vector: vector["name"])


def struct(vector):
    return [vector["act"][member] for member in ACT_MEMBERS]


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


@each_act
def test_the_contract_hashes_the_act_as_the_vector_says(register, vector):
    assert plain(register.hashAct(struct(vector))).hex() == vector["actHash"][2:]


@each_act
def test_the_contract_hashes_the_approvals_as_the_vector_says(register, vector):
    for approval in vector["approvals"]:
        digest = plain(register.hashApproval(vector["actHash"], approval["decision"]))
        assert digest.hex() == approval["digest"][2:]


@each_act
def test_the_approval_of_the_vector_stands_on_chain_under_its_hash(register, veenendaal, vector):
    sender = {"from": veenendaal.first.account}
    for approval in vector["approvals"]:
        register.approve(vector["actHash"], approval["decision"], sender)
        found = plain(register.approvalOf(vector["actHash"], veenendaal.first.address))
        assert found.hex() == approval["approvalHash"][2:]


@each_act
def test_the_contract_takes_the_signatures_of_the_vector(register, veenendaal, carrier, vector):
    signer = VECTORS["signer"]["address"]
    veenendaal.appoint(signer)
    for approval in vector["approvals"]:
        decision, signature = approval["decision"], approval["signature"]
        # Called, not sent: one approval of a signatory stands for each act, and these are several.
        register.approveFor.call(signer, vector["actHash"], decision, signature, {"from": carrier})


def test_the_signatures_of_the_vectors_need_nothing_but_the_vectors():
    for vector in VECTORS["acts"]:
        for approval in vector["approvals"]:
            message = encode_typed_data(
                full_message={
                    "types": VECTORS["types"],
                    "primaryType": "Approval",
                    "domain": VECTORS["domain"],
                    "message": {"act": vector["act"], "decision": approval["decision"]},
                }
            )
            signed_by = Account.recover_message(message, signature=approval["signature"])
            assert signed_by == VECTORS["signer"]["address"]
