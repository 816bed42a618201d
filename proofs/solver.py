"""Answers one question of Halmos: `solver.py FILE.smt2`. scripts/prove.py has it called for each.

Yices answers most in a moment; on what is about many hashes and mappings at once it may never end, and Z3 does. So
Yices has a few seconds, and then Z3 as long as it takes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

YICES_SECONDS = 2
TOOLS = Path(sys.executable).parent


def main(question: str) -> int:
    """Prints what the solver says: sat with a model, or unsat."""
    yices = [str(TOOLS / "yices-smt2"), f"--timeout={YICES_SECONDS}", "--smt2-model-format", "--bvconst-in-decimal"]
    said = subprocess.run([*yices, question], capture_output=True, text=True, check=False).stdout
    if not said.startswith(("sat", "unsat")):
        said = subprocess.run([str(TOOLS / "z3"), question], capture_output=True, text=True, check=False).stdout
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
