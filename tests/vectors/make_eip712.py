"""Makes eip712.json: acts and approvals with the hashes that every implementation must give.

    python tests/vectors/make_eip712.py            write the file
    python tests/vectors/make_eip712.py --check    compare, exit 1 on a difference

Hashing and signing is eth_account's own, so the vectors are a second opinion on the contract, not its echo. Domain: the
chain 1337 and the address of the first contract that account 0 of the local chain creates.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils import keccak

HERE = Path(__file__).resolve().parent
PATH = HERE / "eip712.json"
sys.path.insert(0, str(HERE.parent / "contracts"))

from acts import ACT_MEMBERS, TYPES, ZERO, Act, approval, approval_hash, digest, domain, organisation_id  # noqa: E402

CHAIN_ID = 1337
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SIGNER = "0x" + "11" * 32  # a key for vectors alone
CODES = ["gm0203", "gm0228", "gm0267", "gm0279", "gm0289", "gm0339", "gm0340", "gm0345", "pv25", "pv26"]
PARTIES = tuple(organisation_id(code) for code in CODES)
MOMENT = 1_900_000_000
FULL = b"\xff" * 32


def acts() -> dict[str, Act]:
    concluding = Act(
        dossier=keccak(text="dossier"), parties=(PARTIES[5], PARTIES[7]), valid_from=MOMENT, notice=31_536_000
    )
    return {
        "nothing but zeros": Act(dossier=ZERO),
        "two parties conclude": concluding,
        "eight parties conclude, with an end and a deadline": concluding._replace(
            parties=PARTIES[:8], valid_until=MOMENT + 315_360_000, deadline=MOMENT - 86_400
        ),
        "ten parties conclude": concluding._replace(parties=PARTIES, notice=0),
        "one leaves, one stays": concluding.then(parties=PARTIES[5:6], valid_from=MOMENT + 63_072_000),
        "the end, without dossier": concluding.then(parties=(), dossier=ZERO),
        "a party of sixteen characters": concluding._replace(parties=(PARTIES[0], organisation_id("gm0345-and-more-"))),
        "the largest values": Act(FULL, FULL, FULL, (FULL,), 2**40 - 1, 2**40 - 1, 2**32 - 1, 2**40 - 1),
        "the smallest values above zero": Act(*(bytes(31) + b"\1",) * 3, (bytes(31) + b"\1",), 1, 1, 1, 1),
    }


def type_of(name: str) -> str:
    def described(struct: str) -> str:
        members = ",".join(f"{member['type']} {member['name']}" for member in TYPES[struct])
        return f"{struct}({members})"

    return described(name) + (described("Act") if name == "Approval" else "")


def readable(act: Act) -> dict[str, Any]:
    values = [hexed(act.agreement), hexed(act.previous), hexed(act.dossier), [hexed(party) for party in act.parties]]
    return dict(zip(ACT_MEMBERS, [*values, *act[4:]], strict=True))


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def approved(act: Act, decision: bytes) -> dict[str, Any]:
    message = approval(act, decision, CONTRACT, CHAIN_ID)
    signed = Account.from_key(SIGNER).sign_message(message)
    return {
        "decision": hexed(decision),
        "approvalHash": hexed(approval_hash(act, decision)),
        "digest": hexed(digest(message)),
        "signature": hexed(bytes(signed.signature)),
        "compact": {
            "r": hexed(signed.r.to_bytes(32, "big")),
            "vs": hexed((signed.s | (signed.v - 27) << 255).to_bytes(32, "big")),
        },
    }


def vectors() -> dict[str, Any]:
    own = domain(CONTRACT, CHAIN_ID)
    separator = approval(Act(), ZERO, CONTRACT, CHAIN_ID).header
    return {
        "about": "Made by make_eip712.py with eth_account. Integers are decimal, everything else hexadecimal.",
        "domain": own,
        "domainSeparator": hexed(separator),
        "types": TYPES,
        "typeStrings": {name: type_of(name) for name in TYPES},
        "typeHashes": {name: hexed(keccak(text=type_of(name))) for name in TYPES},
        "signer": {"privateKey": SIGNER, "address": Account.from_key(SIGNER).address},
        "acts": [
            {
                "name": name,
                "act": readable(act),
                "actHash": hexed(act.hash),
                "approvals": [approved(act, decision) for decision in (ZERO, keccak(text="collegebesluit"), FULL)],
            }
            for name, act in acts().items()
        ],
    }


def rendered() -> str:
    return json.dumps(vectors(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        PATH.write_text(rendered(), encoding="utf-8")
        return 0
    if PATH.read_text(encoding="utf-8") == rendered():
        return 0
    print(f"{PATH.name} is not what make_eip712.py makes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
