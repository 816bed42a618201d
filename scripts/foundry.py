"""What the static analysis and the proofs have in common: their tools, and a forge build of the contracts.

Standard library only, so that it runs in the environment of those tools (proofs/.venv), apart from the project's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROOFS = ROOT / "proofs"
TOOLS = Path(sys.executable).parent
COMPILER = ROOT / "scripts" / "solc" / "solc-v0.8.30"


def environment() -> dict[str, str]:
    """That of a tool: with forge and the tools in front of the path, and without settings from outside for forge."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDRY_", "DAPP_", "HALMOS_"))}
    # The program itself: what npm puts in .bin starts it too, but ends with 0 where it fails.
    forge = [str(path.parent) for path in sorted((PROOFS / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge"))]
    if not forge:
        raise SystemExit("forge is missing for this kind of machine; run: rm -rf proofs/.venv, then make again")
    paths = [str(TOOLS), *forge, kept.get("PATH", "")]
    return kept | {"PATH": os.pathsep.join(paths), "FOUNDRY_SOLC": str(COMPILER), "NO_COLOR": "1"}


def build(
    folder: Path,
    *,
    extra: Mapping[str, str] | None = None,
    proofs: bool = False,
    without: Collection[str] = (),
    base: Path | None = None,
) -> None:
    """Lays out a forge project in `folder` and builds it, if anything changed since.

    It has the contracts, the proofs if asked for, and `extra` files to add or replace, `without` some. What is the same
    in `base`, a folder that was built before, is taken from there.
    """
    wanted: dict[str, bytes] = {"foundry.toml": (PROOFS / "foundry.toml").read_bytes()}
    sources = [*(ROOT / "contracts").rglob("*.sol"), *(PROOFS.glob("*.sol") if proofs else [])]
    wanted |= {source.relative_to(ROOT).as_posix(): source.read_bytes() for source in sources}
    wanted |= {name: text.encode() for name, text in (extra or {}).items()}
    wanted = {name: content for name, content in wanted.items() if name not in without}
    present = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in [
            folder / "foundry.toml",
            *(folder / "contracts").rglob("*.sol"),
            *(folder / "proofs").glob("*.sol"),
        ]
        if path.exists()
    }
    built = folder / ".built"
    if wanted == present and built.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    if base:
        shutil.copytree(base, folder, symlinks=True)
        built.unlink()
        for name in without:
            (folder / name).unlink()
    for name, content in wanted.items():
        target = folder / name
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if not base:
        (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    command = ["forge", "build", "--build-info", "--quiet"]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"forge could not build the contracts:\n{done.stdout}{done.stderr}".rstrip())
    built.touch()


def is_deployed_code(folder: Path) -> bool:
    """Whether the build gave exactly the code that the package deploys."""
    built = json.loads((folder / "out" / "Register.sol" / "Register.json").read_text(encoding="utf-8"))
    shipped = json.loads((ROOT / "registry" / "artifacts" / "Register.json").read_text(encoding="utf-8"))
    return bool(built["bytecode"]["object"] == shipped["bytecode"])
