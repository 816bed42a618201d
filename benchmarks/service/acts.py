"""Acts of two parties each among eight, signed by one signatory of each, as they are handed in to a service."""

from __future__ import annotations

import json
from collections.abc import Mapping

from benchmarks.gas.throwaway import ThrowawayKey
from registry.carried import act_to_json
from registry.model import Act
from registry.statements import Domain, hash_act, hash_approval, signing_digest

SINCE = 1_767_225_600  # 1 January 2026


def bodies(acts: int, domain: Domain, keys: Mapping[str, ThrowawayKey], seed: int) -> list[bytes]:
    """So many bodies of ``POST /v1/records``, one act each; another seed gives others."""
    names = sorted(keys)
    found = []
    for number in range(acts):
        first = number % len(names)
        second = (first + 1 + number // len(names) % (len(names) - 1)) % len(names)
        parties = tuple(sorted((names[first], names[second])))
        act = Act(dossier=(seed << 64 | number + 1).to_bytes(32), parties=parties, valid_from=SINCE)
        digest = signing_digest(domain, hash_approval(hash_act(act)))
        approvals = [
            {"signatory": keys[one].address, "signature": "0x" + _signature(keys[one], digest).hex()} for one in parties
        ]
        found.append(json.dumps({"act": act_to_json(act), "approvals": approvals}).encode())
    return found


def _signature(key: ThrowawayKey, digest: bytes) -> bytes:
    r, vs = key.sign(digest)
    parity, s = divmod(int.from_bytes(vs), 1 << 255)
    return r + s.to_bytes(32) + bytes([27 + parity])
