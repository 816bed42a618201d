"""An audit of the register that believes nothing: it reads the chain afresh and checks all that stands there."""

from registry.audit.auditing import audit
from registry.audit.node import Node
from registry.audit.report import AuditReport, Basis, Check, Deviation, Tally, Unchecked

__all__ = ["AuditReport", "Basis", "Check", "Deviation", "Node", "Tally", "Unchecked", "audit"]
