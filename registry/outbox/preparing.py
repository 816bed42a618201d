"""From what was handed in to the call that carries it: the history that the contract wants, approvals in its order.

The quick way looks at nothing but whose key is whose. Only where the contract then refuses, for an approval too few or
one to spare, is it looked up who must approve, what stands on the chain besides, and who is bound by how many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from registry.chain.transacting import Node
from registry.chain.words import values_of
from registry.errors import ContractError, NotFoundError, RefusedError
from registry.model import Act, Approval, Mandate
from registry.organisations import Directory
from registry.outbox.checking import with_usual_v
from registry.outbox.contents import Confirming, Deciding, Enacting, Handed, Recording, Reporting
from registry.progress import binding_approvals, progress_of
from registry.statements import organisation_of

Witness = Callable[[bytes, int], Sequence[Act]]
"""The acts of an agreement that the contract wants to see for a moment, latest first; NotFoundError if none is."""

_ABOUT_APPROVALS = frozenset(
    ("ApprovalsMissing", "ApprovalNotRequired", "ApprovalsNotAscending", "EntersNothingNew", "NoMajority", "NotVoting")
)


class Preparing:
    """Makes calls for one register; used by one thread."""

    def __init__(self, node: Node, witness: Witness, directory: Directory) -> None:
        self._node = node
        self._witness = witness
        self._directory = directory
        #: A key stays that of its organisation for ever.
        self._organisations: dict[str, bytes] = {}

    def know(self, signatories: Iterable[str]) -> None:
        """Looks up of which organisations these keys are, all of them at once."""
        unknown = sorted(set(signatories) - self._organisations.keys())
        if unknown:
            found = self._node.organisations_of(unknown)
            self._organisations |= {one: word for one, word in found.items() if word is not None}

    def require_mandate(self, signatory: str) -> bytes:
        """The organisation of a key, as its 16 bytes; RefusedError if it has none. To be called after ``know``."""
        word = self._organisations.get(signatory)
        if word is None:
            raise RefusedError(
                f"{signatory} is a signatory of no organisation", hint="let its administrator appoint it"
            )
        return word

    def call(self, content: Handed, now: int) -> bytes:
        """The quick way. RefusedError or NotFoundError if no call can be made of it."""
        if isinstance(content, (Recording, Deciding)):
            return self._with(content, self._ordered(content.approvals), now)
        if isinstance(content, (Reporting, Confirming)):
            return content.call(self._acts_of(content.report.agreement, now))
        return content.call()

    def call_anew(self, content: Handed, refused: ContractError, block: int, now: int) -> bytes | None:
        """The other way, after a refusal; None if that would not help. RefusedError that names who is missing."""
        if refused.name not in _ABOUT_APPROVALS:
            return None
        if isinstance(content, Recording):
            return self._with(content, self._binding(content, block, now), now)
        if isinstance(content, Deciding):
            return self._with(content, self._majority(content, block, now), now)
        return None

    def _with(self, content: Recording | Deciding, approvals: Sequence[Approval], now: int) -> bytes:
        if isinstance(content, Recording):
            return content.call(self._history(content.act), approvals)
        organisations = sorted({self.require_mandate(one.signatory) for one in approvals})
        return content.call([organisation_of(one) for one in organisations], approvals)

    def _history(self, act: Act) -> Sequence[Act]:
        return () if act.concludes else self._acts_of(act.agreement, act.valid_from)

    def _acts_of(self, agreement: bytes, moment: int) -> Sequence[Act]:
        try:
            return self._witness(agreement, moment)
        except NotFoundError as error:
            raise RefusedError(
                f"agreement 0x{agreement.hex()} is not in this register, or was recorded a moment ago",
                hint="is it the hash of its concluding act? then try again in a few seconds",
            ) from error

    def _ordered(self, approvals: Iterable[Approval]) -> list[Approval]:
        return sorted(
            map(with_usual_v, approvals),
            key=lambda one: (self.require_mandate(one.signatory), int(one.signatory, 16)),
        )

    def _binding(self, content: Recording, block: int, now: int) -> Sequence[Approval]:
        given = self._given("Approved", content, block)
        mandates = self._mandates(given)
        required = self._node.register.required_for(content.act, self._history(content.act))
        # Only where somebody signs who is not required itself: anybody may ask this, and each look costs a request.
        strangers = {one.organisation for one in mandates} - set(required)
        heirs = {one: self._heir_of(one) if strangers else one for one in required}
        progress = progress_of(
            required,
            given,
            lambda one: heirs[one],
            lambda one: [mandate for mandate in mandates if mandate.organisation == one],
            now,
        )
        if progress.missing:
            names = ", ".join(f"{self._directory.name(one)} ({one})" for one in progress.missing)
            raise RefusedError(
                f"these organisations have not approved (enough of their signatories): {names}",
                hint="let them sign, and hand in their approvals with the act or ahead of it",
            )
        return progress.approvals

    def _majority(self, content: Deciding, block: int, now: int) -> Sequence[Approval]:
        given = self._given("Voted", content, block)
        mandates = self._mandates(given)
        found: list[Approval] = []
        for organisation in sorted({one.organisation for one in mandates}):
            member = self._node.register.member_of(organisation)
            if organisation == content.motion.organisation or (member is not None and member.votes):
                mine = [one for one in mandates if one.organisation == organisation]
                found += binding_approvals(mine, given, now)
        return found

    def _given(self, event: str, content: Recording | Deciding, block: int) -> dict[str, Approval]:
        """Approvals by signatory: those handed in, and those that stand on the chain."""
        given = {one.signatory: with_usual_v(one) for one in content.approvals}
        for log in self._node.logs(event, [content.subject], block):
            values = values_of(log.topics, log.data)
            given[values["signatory"]] = Approval(values["signatory"], values["decision"])
        self.know(given)
        return given

    def _mandates(self, signatories: Iterable[str]) -> list[Mandate]:
        found = [self._node.register.mandate_of(one) for one in signatories]
        return [one for one in found if one is not None]

    def _heir_of(self, organisation: str) -> str:
        heir = organisation
        while (member := self._node.register.member_of(heir)) is not None and member.successor:
            heir = member.successor
        return heir


def normal(content: Handed) -> Handed:
    """The same with signatures as the contract takes them."""
    if isinstance(content, (Recording, Deciding, Enacting)):
        return content
    return replace(content, approval=with_usual_v(content.approvals[0]))
