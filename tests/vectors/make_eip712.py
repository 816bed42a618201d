"""Makes eip712.json: acts, motions and reports with the hashes that every implementation must give.

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
from eth_account.messages import SignableMessage
from eth_utils import keccak

HERE = Path(__file__).resolve().parent
PATH = HERE / "eip712.json"
sys.path.insert(0, str(HERE.parent / "contracts"))

from acts import ACT_MEMBERS, ZERO, Act, approval, approval_hash, organisation_id  # noqa: E402
from motions import MOTION_MEMBERS, Motion, vote, vote_hash  # noqa: E402
from reports import PROGRESS, REPORT_MEMBERS, Report, commitment_id, confirmation, statement  # noqa: E402
from typed_data import TYPES, digest, domain, types_for  # noqa: E402

CHAIN_ID = 1337
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SIGNER = "0x" + "11" * 32  # a key for vectors alone
CODES = ["gm0203", "gm0228", "gm0267", "gm0279", "gm0289", "gm0339", "gm0340", "gm0345", "pv25", "pv26"]
PARTIES = tuple(organisation_id(code) for code in CODES)
MOMENT = 1_900_000_000
FULL = b"\xff" * 32
FULL_KEY = "0x" + "fF" * 20
KEY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
DECISIONS = ZERO, keccak(text="collegebesluit"), FULL


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


def motions() -> dict[str, Motion]:
    ede = PARTIES[1]
    return {
        "nothing but zeros": Motion("", ZERO, deadline=0),
        "admit a municipality": Motion("admit", organisation_id("gm9999"), KEY, votes=True, deadline=MOMENT),
        "admit a guest, with reasons": Motion("admit", organisation_id("ws0155"), KEY, ZERO, False, FULL, MOMENT),
        "expel": Motion("expel", ede, deadline=MOMENT),
        "succeed": Motion("succeed", ede, successor=PARTIES[4], deadline=MOMENT),
        "recover": Motion("recover", ede, KEY, deadline=MOMENT),
        "an action that does not exist, longer than a word": Motion("twijfel " * 9 + "ï", ede, deadline=MOMENT),
        "the largest values": Motion("\x7f" * 32, FULL, FULL_KEY, FULL, True, FULL, 2**40 - 1),
    }


def reports() -> dict[str, Report]:
    agreement = acts()["two parties conclude"].hash
    first = Report(agreement, commitment_id(agreement, "T1"), PARTIES[7])
    return {
        "nothing but zeros": Report(ZERO, ZERO, ZERO, progress=""),
        **{progress: first._replace(progress=progress) for progress in PROGRESS},
        "the second, with evidence": first.then("fulfilled", evidence=keccak(text="evidence")),
        "another commitment": first._replace(commitment=commitment_id(agreement, "T2")),
        "the largest values": Report(FULL, FULL, FULL, FULL, "\x7f" * 32, FULL),
    }


def type_of(name: str) -> str:
    def described(struct: str) -> str:
        members = ",".join(f"{member['type']} {member['name']}" for member in TYPES[struct])
        return f"{struct}({members})"

    return "".join(described(struct) for struct in types_for(name) if name == struct or struct != "EIP712Domain")


def readable(members: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    def shown(value: Any) -> Any:
        if isinstance(value, tuple):
            return [shown(each) for each in value]
        return hexed(value) if isinstance(value, bytes) else value

    return dict(zip(members, map(shown, values), strict=True))


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def signed(message: SignableMessage) -> dict[str, Any]:
    signed = Account.from_key(SIGNER).sign_message(message)
    return {
        "digest": hexed(digest(message)),
        "signature": hexed(bytes(signed.signature)),
        "compact": {
            "r": hexed(signed.r.to_bytes(32, "big")),
            "vs": hexed((signed.s | (signed.v - 27) << 255).to_bytes(32, "big")),
        },
    }


def approved(act: Act, decision: bytes) -> dict[str, Any]:
    message = approval(act, decision, CONTRACT, CHAIN_ID)
    hashed = {"decision": hexed(decision), "approvalHash": hexed(approval_hash(act, decision))}
    return hashed | signed(message)


def voted(motion: Motion, decision: bytes) -> dict[str, Any]:
    message = vote(motion, decision, CONTRACT, CHAIN_ID)
    hashed = {"decision": hexed(decision), "voteHash": hexed(vote_hash(motion, decision))}
    return hashed | signed(message)


def confirmed(report: Report, organisation: bytes) -> dict[str, Any]:
    message = confirmation(report, organisation, CONTRACT, CHAIN_ID)
    hashed = {"organisation": hexed(organisation), "confirmationHash": hexed(bytes(message.body))}
    return hashed | signed(message)


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
                "act": readable(ACT_MEMBERS, act),
                "actHash": hexed(act.hash),
                "approvals": [approved(act, decision) for decision in DECISIONS],
            }
            for name, act in acts().items()
        ],
        "motions": [
            {
                "name": name,
                "motion": readable(MOTION_MEMBERS, motion),
                "motionHash": hexed(motion.hash),
                "votes": [voted(motion, decision) for decision in DECISIONS],
            }
            for name, motion in motions().items()
        ],
        "reports": [
            {
                "name": name,
                "report": readable(REPORT_MEMBERS, report),
                "reportHash": hexed(report.hash),
                **signed(statement(report, CONTRACT, CHAIN_ID)),
                "confirmations": [confirmed(report, organisation) for organisation in (ZERO, PARTIES[5], FULL)],
            }
            for name, report in reports().items()
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
