"""The register as plain Python: a second opinion on the contract, written from the NatSpec of its interfaces.

State is dictionaries; each function of the contract is a method that takes the sender first, changes the state and adds
its events to `happened`, or raises Refused with the error and the values of the contract and changes nothing. `now` is
set by whoever calls. The parts are in reference_organisations, reference_council and reference_agreements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_agreements import Commitments


class Register(Commitments):
    """IRegister."""

    def act_on(self, function: str, sender: str, arguments: tuple[Any, ...]) -> Any:
        """Call a function by the name the contract gives it; returns what it returns."""
        method: Callable[..., Any] = getattr(self, FUNCTIONS[function])
        return method(sender, *arguments)


#: Every function that changes something, and the method that stands for it here.
FUNCTIONS = {
    "appoint": "appoint",
    "dismiss": "dismiss",
    "handOver": "hand_over",
    "takeOver": "take_over",
    "announce": "announce",
    "propose": "propose",
    "proposeFor": "propose_for",
    "approve": "approve",
    "approveFor": "approve_for",
    "record": "record",
    "decline": "decline",
    "move": "move",
    "moveFor": "move_for",
    "vote": "vote",
    "voteFor": "vote_for",
    "decide": "decide",
    "enact": "enact",
    "veto": "veto",
    "report": "report",
    "confirm": "confirm",
}
