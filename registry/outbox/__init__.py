"""What was signed by others is accepted, kept, and carried to the chain exactly once; knows no HTTP."""

from registry.outbox.carrying import Pace
from registry.outbox.contents import (
    ActApproval,
    Confirming,
    Deciding,
    Enacting,
    Handed,
    Moving,
    Proposal,
    Recording,
    Reporting,
    Vote,
    identity,
)
from registry.outbox.outbox import Outbox
from registry.outbox.records import State, Submission

__all__ = [
    "ActApproval",
    "Confirming",
    "Deciding",
    "Enacting",
    "Handed",
    "Moving",
    "Outbox",
    "Pace",
    "Proposal",
    "Recording",
    "Reporting",
    "State",
    "Submission",
    "Vote",
    "identity",
]
