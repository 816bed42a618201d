"""What whoever makes up the next step knows and can do: the model, the cast, chance, and signatures that bind.

It looks into the model to find what would be accepted. That is no more than a way to make good guesses: whether a step
is accepted is for the contract and the model to say, each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from acts import ZERO, Act, organisation_id
from eth_utils import keccak
from motions import DAY, ENACTMENT_PERIOD, Motion
from reference import Register
from reference_types import Signature, Struct, hash_of
from stateful_cast import Cast, Wallet, compact, long, on_chain

WAIT, DEPLOY_WALLET, FOUND = "wait", "deploy wallet", "found"


@dataclass(frozen=True)
class Step:
    """One thing that somebody does."""

    function: str
    arguments: tuple[Any, ...]
    sender: str
    #: What it is for, in the report.
    kind: str = ""
    #: Whether the contract is expected to accept it. A guess, which only decides how to ask the chain.
    likely: bool = True
    #: How a signature is misused in it, if one is. Then it must be refused.
    misuse: str = ""
    #: The second at which it must happen, where that matters; if it is not past.
    at: int = 0


@dataclass
class World:
    model: Register
    cast: Cast
    random: Random
    #: The decision that stands on chain with an approval, by subject and signatory.
    given: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    #: Acts and motions that somebody drew up, the latest last.
    drafts: list[Act] = field(default_factory=list)
    motions: list[Motion] = field(default_factory=list)
    #: Steps that were accepted and carried signatures, to be replayed.
    used: list[Step] = field(default_factory=list)
    coined: int = 0

    @property
    def now(self) -> int:
        return self.model.now

    # Chance

    def digest(self) -> bytes:
        """A dossier, a decision or a reason that never was before."""
        self.coined += 1
        return keccak(text=f"document {self.coined}")

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def cited(self) -> bytes:
        return self.digest() if self.maybe(0.4) else ZERO

    def pick(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices) if choices else None

    def some(self, choices: Sequence[Any], count: int) -> list[Any]:
        return self.random.sample(list(choices), min(count, len(choices)))

    def anyone(self) -> str:
        return str(self.cast.carrier if self.maybe(0.5) else self.pick(self.cast.unlocked))

    # Organisations

    def members(self) -> list[bytes]:
        return sorted(self.model.members)

    def voting(self) -> list[bytes]:
        return [one for one in self.members() if self.model.members[one].votes]

    def expelled(self) -> list[bytes]:
        return [one for one in self.members() if self.model.members[one].expelled]

    def gone(self) -> list[bytes]:
        return sorted(self.model.successors)

    def administrator(self, organisation: bytes) -> str:
        return self.model.member_of(organisation).administrator

    def signers(self, organisation: bytes) -> list[str]:
        """Keys that may sign for an organisation now, or for the one that answers for it."""
        heir = self.model.heir(organisation)
        return sorted(key for key in self.model.signatories_of(heir) if self.model.signs_for(key) == heir)

    def key_of(self, organisation: bytes) -> str | None:
        """One that can sign off-chain."""
        return self.pick([key for key in self.signers(organisation) if self.cast.can_sign(key)])

    def sender_of(self, organisation: bytes) -> str | None:
        """One that can send a transaction."""
        return self.pick([key for key in self.signers(organisation) if self.cast.can_send(key)])

    def able(self) -> list[bytes]:
        """Members that can enter something new now, and have who can bind them."""
        return [one for one in self.members() if one not in self.expelled() and self.can_bind(one)]

    def can_bind(self, organisation: bytes) -> bool:
        return self._group(self._keys(organisation)) is not None

    def new_identifier(self) -> bytes:
        self.coined += 1
        return organisation_id(f"nw{self.coined:04d}")

    def idle_account(self) -> str:
        """An account that sends by itself and administers nothing now."""
        busy = {member.administrator for member in self.model.members.values()}
        return str(self.pick([one for one in self.cast.unlocked[1:] if one not in busy]))

    # Agreements

    def live(self) -> list[bytes]:
        """Agreements that were not ended."""
        return [agreement for agreement, acts in self.model.acts.items() if len(acts[-1].parties) > 1]

    def ended(self) -> list[bytes]:
        return [agreement for agreement, acts in self.model.acts.items() if len(acts[-1].parties) < 2]

    def in_force(self) -> list[bytes]:
        return [agreement for agreement in self.model.acts if self.model.parties_at(agreement, self.now)]

    def last(self, agreement: bytes) -> Act:
        return self.model.acts[agreement][-1]

    def history(self, act: Act) -> tuple[Act, ...]:
        return tuple(self.model.history_at(act.agreement, act.valid_from)) if act.previous != ZERO else ()

    def history_now(self, agreement: bytes) -> tuple[Act, ...]:
        return tuple(self.model.history_at(agreement, self.now))

    def boundaries(self) -> list[int]:
        """Moments ahead at which something begins or ends."""
        moments = {motion.deadline for motion in self.motions[-5:]} | {act.deadline for act in self.drafts[-5:]}
        for mandate in self.model.mandates.values():
            moments |= {mandate.valid_from, mandate.valid_until}
        for acts in self.model.acts.values():
            act = acts[-1]
            moments |= {act.valid_from, act.valid_until, act.valid_from - act.notice}
        for _, effect_from in self.model.waiting.values():
            moments |= {effect_from, effect_from + ENACTMENT_PERIOD}
        return sorted(moment for moment in moments if self.now + 1 < moment < self.now + 60 * DAY)

    # Signatures

    def signed(self, signer: str, kind: str, struct: Struct, other: bytes = ZERO, **elsewhere: Any) -> Signature:
        return compact(*self.sign(signer, kind, struct, other, **elsewhere))

    def signed_long(self, signer: str, kind: str, struct: Struct, other: bytes = ZERO, **elsewhere: Any) -> bytes:
        return long(*self.sign(signer, kind, struct, other, **elsewhere))

    def sign(
        self, signer: str, kind: str, struct: Struct, other: bytes, register: str = "", chain_id: int = 0
    ) -> tuple[int, int, int]:
        return self.cast.sign(
            signer, kind, struct, other, register or self.model.address, chain_id or self.model.chain_id
        )

    def approvals(
        self, kind: str, struct: Struct, required: Sequence[bytes], *, fresh: bool = False
    ) -> tuple[tuple[Signature, ...], tuple[bytes, ...]] | None:
        """What binds each of these organisations to an act or a motion, and the decisions cited; None if it cannot be.

        What stands on chain is used as it stands, or signed anew; `fresh` signs everything anew.
        """
        citing = self.maybe(0.4)
        signatures, decisions = [], []
        for organisation in required:
            standing = {} if fresh else self._standing(hash_of(struct), organisation, citing)
            group = self._group(sorted({*self._keys(organisation), *standing}))
            if group is None:
                return None
            for signatory in group:
                if signatory in standing and not (self.cast.can_sign(signatory) and self.maybe(0.2)):
                    signatures.append(on_chain(signatory))
                    decisions.append(standing[signatory])
                else:
                    decisions.append(self.cited() if citing else ZERO)
                    signatures.append(self.signed(signatory, kind, struct, decisions[-1]))
        return tuple(signatures), tuple(decisions) if citing else ()

    def wallet_for(self, kind: str, struct: Struct, decision: bytes, answer: int) -> Wallet:
        """What to tell a wallet that is asked about this approval."""
        from reference_types import digest_to_sign

        digest = digest_to_sign(kind, struct, decision, self.model.address, self.model.chain_id)
        return Wallet(answer, digest, b"signed by the owners of a wallet")

    def _keys(self, organisation: bytes) -> list[str]:
        return [key for key in self.signers(organisation) if self.cast.can_sign(key)]

    def _standing(self, subject: bytes, organisation: bytes, citing: bool) -> dict[str, bytes]:
        found = {}
        for signatory in self.signers(organisation):
            decision = self.given.get((subject, signatory))
            if decision is not None and (citing or decision == ZERO):
                found[signatory] = decision
        return found

    def _group(self, signatories: Sequence[str]) -> list[str] | None:
        """Just as many of them as bind, ascending."""
        chosen: list[str] = []
        for signatory in self.some(signatories, len(signatories)):
            chosen.append(signatory)
            if self._binds(chosen):
                break
        ordered = sorted(chosen)
        for count in range(1, len(ordered) + 1):
            if self._binds(ordered[:count]):
                return ordered[:count]
        return None

    def _binds(self, group: Sequence[str]) -> bool:
        return len(group) >= min(self.model.mandates[signatory].together for signatory in group)
