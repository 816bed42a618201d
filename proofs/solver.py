"""Answers one question of Halmos: `solver.py FILE.smt2`. scripts/prove.py has it called for each.

Bitwuzla, because its answers come in a moment each: on what is about many hashes and mappings at once Yices may never
end, and Z3 takes minutes.
"""

from __future__ import annotations

import sys

import bitwuzla


def main(question: str) -> int:
    """Prints what the solver says: sat with a model, or unsat."""
    options = bitwuzla.Options()
    options.set(bitwuzla.Option.PRODUCE_MODELS, True)
    bitwuzla.Parser(bitwuzla.TermManager(), options).parse(question)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
