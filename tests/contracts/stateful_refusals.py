"""What must be refused: for each error of the contract one or more ways to run into it."""

from __future__ import annotations

import stateful_wrong_acts
import stateful_wrong_approvals
import stateful_wrong_motions
import stateful_wrong_organisations
import stateful_wrong_reports
from stateful_spoiling import RECIPES

SUBJECTS = (
    stateful_wrong_organisations,
    stateful_wrong_approvals,
    stateful_wrong_acts,
    stateful_wrong_motions,
    stateful_wrong_reports,
)

__all__ = ["RECIPES", "SUBJECTS"]
