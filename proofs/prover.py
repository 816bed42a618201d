"""Runs Halmos with a few additions; takes its options. scripts/prove.py calls this.

- A product with a truth value is a choice, `x * (a < b)` being x or 0. Halmos would leave any product of two unknowns
  open, and Words.recover has one.
- `vm.pick(condition, a, b)` is a choice without a branch, which would double the paths to follow.
- The hash of known data is tied to that data up to 512 bytes, not only up to 128: the domain of EIP-712 is longer.
- `vm.logCount()` and `vm.lastLog()` give what was logged so far, so that a proof can speak of events.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from halmos import __main__ as halmos
from halmos import sevm
from halmos.bitvec import HalmosBitVec, HalmosBool
from halmos.bytevec import ByteVec
from halmos.cheatcodes import hevm_cheat_code
from halmos.utils import byte_length, bytes_to_bv_value, int_of
from z3 import Z3_OP_ITE, If, Not, is_app_of, is_bv_value, simplify

# Bytes up to which Halmos ties a known hash to its data, and up to which this does.
SHORT, LONG = 128, 512
# The selectors of these functions, which Proof.sol declares.
PICK = 0xB67DAF62
LOG_COUNT = 0xA503898F
LAST_LOG = 0xD08145E4


def truth(word: Any) -> Any:
    """The condition of a word that is 1 if it holds and else 0; None for any other word."""
    if isinstance(word, HalmosBool):
        return word.as_z3()
    value = getattr(word, "value", None)
    if value is None or isinstance(value, int):
        return None
    value = simplify(value)
    if not is_app_of(value, Z3_OP_ITE):
        return None
    condition, yes, no = value.children()
    if not is_bv_value(yes) or not is_bv_value(no) or {yes.as_long(), no.as_long()} != {0, 1}:
        return None
    return condition if yes.as_long() else Not(condition)


def with_choices(arith: Any) -> Any:
    """Arithmetic in which a product with a truth value is a choice."""

    def choosing(self: Any, ex: Any, op: int, first: Any, second: Any) -> Any:
        if op == sevm.OP_MUL:
            for condition, other in ((truth(first), second), (truth(second), first)):
                if condition is not None:
                    return HalmosBitVec(If(condition, other.as_z3(), sevm.ZERO), size=256)
        return arith(self, ex, op, first, second)

    return choosing


def logs_of(context: Any) -> Iterator[Any]:
    """What was logged in a call and in the calls it made that did not revert, in order."""
    for step in context.trace:
        if isinstance(step, sevm.EventLog):
            yield step
        elif isinstance(step, sevm.CallContext) and step.output.error is None:
            yield from logs_of(step)


def with_logs(handle: Any) -> Any:
    """The functions of `vm`, and those that tell what was logged."""

    def telling(machine: Any, ex: Any, arg: Any, stack: Any) -> Any:
        selector = int_of(arg[:4].unwrap())
        if selector == PICK:
            condition, yes, no = (sevm.uint256(arg.get_word(place)) for place in (4, 36, 68))
            chosen = If(condition.is_non_zero().as_z3(), yes.as_z3(), no.as_z3())
            return ByteVec(HalmosBitVec(simplify(chosen), size=256))
        if selector == LOG_COUNT:
            answer = ByteVec()
            answer.append(sum(1 for _ in logs_of(ex.context)).to_bytes(32, "big"))
            return answer
        if selector == LAST_LOG:
            log = list(logs_of(ex.context))[-1]
            packed = ByteVec()
            for topic in log.topics:
                packed.append(sevm.uint256(topic))
            packed.append(log.data)
            answer = ByteVec()
            for word in (32, len(packed)):
                answer.append(word.to_bytes(32, "big"))
            answer.append(packed)
            answer.append(bytes(-len(packed) % 32))
            return answer
        return handle(machine, ex, arg, stack)

    return telling


def with_longer_hashes(sha3_data: Any) -> Any:
    """Hashing in which what is known of a hash is known of longer data too."""

    def tying(self: Any, data: Any) -> Any:
        if SHORT < byte_length(data) <= LONG and (known := self.sha3_hash(data)) is not None:
            symbolic = self.sha3_expr(data)
            self.path.append(symbolic == bytes_to_bv_value(known))
            self.assume_sha3_distinct(symbolic)
            self.sha3s.register(symbolic, known)
        return sha3_data(self, data)

    return tying


def main() -> int:
    """Runs Halmos; returns its exit code."""
    sevm.SEVM.arith = with_choices(sevm.SEVM.arith)
    sevm.Exec.sha3_data = with_longer_hashes(sevm.Exec.sha3_data)
    hevm_cheat_code.handle = staticmethod(with_logs(hevm_cheat_code.handle))
    return int(halmos._main(sys.argv[1:]).exitcode)


if __name__ == "__main__":
    sys.exit(main())
