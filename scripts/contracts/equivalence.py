"""Whether a mutant is a mistake at all: compiled by itself and compared with the original."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mutant import Mutant
from source import ROOT, BuildError, Source, compile_sources, errors_of


class Equivalence:
    """Whether the bytecode of a mutant is that of the original."""

    def __init__(self, texts: Mapping[str, bytes], sources: Sequence[Source], store: Path) -> None:
        self.texts = dict(texts)
        self.store = store
        self.lock = threading.Lock()
        self.known: dict[str, str] = json.loads(store.read_text()) if store.exists() else {}
        self.selection = {
            source.path: {
                node["name"]: ["evm.bytecode.object"]
                for node in source.tree["nodes"]
                if node["nodeType"] == "ContractDefinition"
                and node["contractKind"] == "contract"
                and not node.get("abstract")
            }
            for source in sources
        }
        self.selection = {path: names for path, names in self.selection.items() if names}

    def __call__(self, mutant: Mutant) -> bool:
        """Compile it and compare."""
        changed = self.texts | {mutant.path: mutant.apply(self.texts[mutant.path])}
        return self.bytecode(changed) == self.bytecode(self.texts)

    def bytecode(self, texts: dict[str, bytes]) -> str:
        """A hash of the bytecode of all contracts that can be deployed; of the errors if it does not compile."""
        name = digest(texts, {"selection": json.dumps(self.selection)})
        if name not in self.known:
            answer = compile_sources(ROOT, texts, self.selection)
            problems = errors_of(answer)
            if problems:
                raise BuildError("a mutant does not compile by itself:\n" + str(problems[0]["formattedMessage"]))
            codes = [
                answer["contracts"][path][contract]["evm"]["bytecode"]["object"]
                for path, names in sorted(self.selection.items())
                for contract in sorted(names)
            ]
            with self.lock:
                self.known[name] = hashlib.sha256("\n".join(codes).encode()).hexdigest()
                self.store.write_text(json.dumps(self.known))
        return self.known[name]


def digest(*texts: Mapping[str, Any]) -> str:
    """A hash over files and their names."""
    whole = hashlib.sha256()
    for files in texts:
        for name, text in sorted(files.items()):
            content: bytes = text.encode() if isinstance(text, str) else text
            whole.update(f"{name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()
