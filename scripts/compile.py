"""Compile the contracts with py-solc-x and keep the result in the package.

    python scripts/compile.py            renew registry/artifacts
    python scripts/compile.py --check    compile afresh, compare byte for byte, exit 1 on a difference

A native compiler is used where py-solc-x has one (`--native` downloads it). Otherwise the npm compiler of the same
version and commit serves (scripts/solc), pinned by hash in package-lock.json; both give the same bytecode.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "registry" / "artifacts"
SOLC_VERSION = "0.8.30"
SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 10_000},
    "viaIR": True,
    "evmVersion": "shanghai",
    "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
    # Without this the bytecode would end in a hash over comments and paths, and no two folders would agree.
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}


def prepare_compiler(*, download: bool = False) -> None:
    """Sees to it that py-solc-x finds the compiler: a native one if it has that, else the npm one."""
    import solcx

    if download:
        solcx.install_solc(SOLC_VERSION)
    if SOLC_VERSION not in {str(version) for version in solcx.get_installed_solc_versions()}:
        os.environ["SOLCX_BINARY_PATH"] = str(ROOT / "scripts" / "solc")


def compile_register() -> dict[str, Any]:
    """The artifact of the Register: ABI, creation code, runtime code and where its immutables lie."""
    import solcx

    sources = {
        path.relative_to(ROOT).as_posix(): {"content": path.read_text(encoding="utf-8")}
        for folder in ("contracts", "contracts/interfaces")
        for path in sorted((ROOT / folder).glob("*.sol"))
    }
    wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"]
    request = {
        "language": "Solidity",
        "sources": sources,
        "settings": SETTINGS | {"outputSelection": {"*": {"*": wanted}}},
    }
    output = solcx.compile_standard(request, solc_version=SOLC_VERSION, base_path=str(ROOT))
    warnings = [problem["formattedMessage"] for problem in output.get("errors", [])]
    if warnings:
        raise SystemExit("the contracts must compile without warnings:\n" + "\n".join(warnings))
    contract = output["contracts"]["contracts/Register.sol"]["Register"]
    runtime = contract["evm"]["deployedBytecode"]
    immutables = [
        [place["start"], place["length"]] for places in runtime["immutableReferences"].values() for place in places
    ]
    return {
        "contract": "Register",
        "compiler": {"version": SOLC_VERSION, "settings": SETTINGS},
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + runtime["object"],
        "immutables": sorted(immutables),
    }


def main() -> int:
    """Compiles and writes or compares; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is in the package; write nothing")
    parser.add_argument("--native", action="store_true", help="download the native compiler first")
    arguments = parser.parse_args()
    prepare_compiler(download=arguments.native)
    target = ARTIFACTS / "Register.json"
    fresh = json.dumps(compile_register(), indent=1, sort_keys=True) + "\n"
    if not arguments.check:
        ARTIFACTS.mkdir(exist_ok=True)
        target.write_text(fresh, encoding="utf-8")
        print("wrote registry/artifacts/Register.json")
        return 0
    if not target.exists() or target.read_text(encoding="utf-8") != fresh:
        print(
            f"{target.name} in registry/artifacts is not what the contracts compile to; run: make compile",
            file=sys.stderr,
        )
        return 1
    print("registry/artifacts is exactly what the contracts compile to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
