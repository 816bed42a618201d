"""Where compiled contracts come from: the npm packages of the neighbours, and our own Solidity beside this file."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError

from registry.errors import UnavailableError
from scripts.compile import SOLC_VERSION, prepare_compiler

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE_MODULES = HERE / "node_modules"
_KEPT = ROOT / ".cache" / "benchmarks-gas.json"

#: As the register is compiled, so that no neighbour of our own writing is at a disadvantage.
_SETTINGS: Mapping[str, Any] = {
    "optimizer": {"enabled": True, "runs": 10_000},
    "viaIR": True,
    "evmVersion": "shanghai",
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
}


class NotInstalledError(UnavailableError):
    """A package or tool of the benchmark is missing."""


@dataclass(frozen=True, slots=True)
class Code:
    """A contract ready to be deployed."""

    abi: list[dict[str, Any]]
    bytecode: str


def require_installed() -> None:
    """NotInstalledError unless every neighbour's package is there: better now than after a minute of measuring."""
    eas("EAS")
    safe("Safe")
    document_store()


def eas(name: str) -> Code:
    """A contract of the Ethereum Attestation Service, as it was published."""
    return _artifact(f"@ethereum-attestation-service/eas-contracts/artifacts/contracts/{name}.sol/{name}.json")


def safe(path: str) -> Code:
    """A contract of Safe, as it was published; ``path`` without suffix, under its contracts folder."""
    return _artifact(f"@safe-global/safe-contracts/build/artifacts/contracts/{path}.sol/{Path(path).name}.json")


def document_store() -> Code:
    """The document store of OpenAttestation; its package ships the code inside a JavaScript module, without JSON."""
    module = _read("@govtechsg/document-store/dist/contracts/factories/contracts/DocumentStore__factory.js")
    found = re.search(r'_bytecode = "(0x[0-9a-f]+)"', module)
    if found is None:
        raise NotInstalledError("the package @govtechsg/document-store is not the version that was pinned", hint=_HINT)
    hashed = [{"name": "document", "type": "bytes32"}]
    named = [{"name": "_name", "type": "string"}, {"name": "owner", "type": "address"}]
    issued = [{"name": "", "type": "bool"}]
    abi: list[dict[str, Any]] = [
        {"type": "constructor", "inputs": named, "stateMutability": "nonpayable"},
        {"type": "function", "name": "issue", "inputs": hashed, "outputs": [], "stateMutability": "nonpayable"},
        {"type": "function", "name": "isIssued", "inputs": hashed, "outputs": issued, "stateMutability": "view"},
    ]
    return Code(abi, found[1])


def own() -> dict[str, Code]:
    """The contracts in ``contracts/`` by name, compiled unless they were; NotInstalledError if that cannot be."""
    sources = {path.name: {"content": path.read_text("utf-8")} for path in sorted((HERE / "contracts").glob("*.sol"))}
    remapping = f"@ethereum-attestation-service/={NODE_MODULES.relative_to(ROOT)}/@ethereum-attestation-service/"
    request = {
        "language": "Solidity",
        "sources": sources,
        "settings": {**_SETTINGS, "remappings": [remapping]},
    }
    output = _compiled(request)
    return {
        name: Code(contract["abi"], "0x" + contract["evm"]["bytecode"]["object"])
        for source in sources
        for name, contract in output["contracts"][source].items()
    }


def _compiled(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the compiler answers, or answered to the same request before: it takes half a minute where it is slow."""
    asked = json.dumps([SOLC_VERSION, request, _installed()], sort_keys=True)
    try:
        kept: dict[str, Any] = json.loads(_KEPT.read_text("utf-8"))
        if kept["asked"] == asked:
            return dict(kept["answered"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing there, or nothing of use: it is made anew
    if shutil.which("node") is None:
        raise NotInstalledError("Node.js is not installed: the compiler runs on it", hint=_HINT)
    prepare_compiler()
    try:
        output: dict[str, Any] = solcx.compile_standard(dict(request), solc_version=SOLC_VERSION, base_path=str(ROOT))
    except (SolcError, OSError) as error:
        raise NotInstalledError(
            f"the compiler did not do its work: {_first_line(error)}", hint="is Node.js there? run: make gas"
        ) from error
    _KEPT.parent.mkdir(exist_ok=True)
    _KEPT.write_text(json.dumps({"asked": asked, "answered": output}), "utf-8")
    return output


def _installed() -> str:
    """Which versions are imported from: the lock file."""
    return (HERE / "package-lock.json").read_text("utf-8")


_HINT = "run `make gas`, which installs what the benchmark compares with (it needs Node.js 18 or newer)"


def _artifact(path: str) -> Code:
    data = json.loads(_read(path))
    return Code(data["abi"], data["bytecode"])


def _read(path: str) -> str:
    try:
        return (NODE_MODULES / path).read_text("utf-8")
    except OSError as error:
        package = "/".join(path.split("/")[:2])
        raise NotInstalledError(f"the npm package {package} is not installed for the benchmark", hint=_HINT) from error


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
