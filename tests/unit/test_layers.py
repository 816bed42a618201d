"""Each part of the package imports only from parts below it in this list, and few things from outside."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "registry"

# From the ground up; parts on one line know nothing of each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "hashing", "journal"),
    ("organisations",),
    ("model",),
    ("statements",),
    ("fingerprint", "membership", "commitments"),
    ("timeline", "progress", "dossier", "settings", "localnet", "database"),
    ("moments",),
    ("keys",),
    ("carried",),
    ("chain",),
    ("index",),
    ("verification", "audit"),
    ("finding",),
    ("service",),
    ("governing", "promises", "looking"),
    ("dutch",),
    ("documents",),
    ("outbox", "access"),
    ("client",),
    ("exchange",),
    ("exports", "api"),
    ("cli",),
)
HEIGHT = {part: height for height, parts in enumerate(LAYERS) for part in parts}
NOWHERE = ("brownie", "solcx", "scripts", "tests")
ONLY_IN = {
    "web3": ("chain",),
    "sqlalchemy": ("database", "index", "outbox"),
    "alembic": ("database", "index", "outbox"),
    "psycopg": ("database", "index", "outbox"),
    "psutil": ("localnet",),
    "typer": ("cli",),
    "rich": ("cli",),
    "xlsxwriter": ("exports",),
    "typst": ("exports",),
    "fastapi": ("api",),
    "starlette": ("api",),
    "uvicorn": ("api",),
    "prometheus_client": ("api",),
    "structlog": ("api",),
    "limits": ("api",),
    "httpx": ("client", "exchange"),
    "siwe": ("access",),
}


def violations(package: Path) -> list[str]:
    """What the modules of a package import and must not, one sentence each."""
    return [sentence for path in sorted(package.rglob("*.py")) for sentence in _violations_in(path, package)]


def _violations_in(path: Path, package: Path) -> Iterator[str]:
    inside = path.relative_to(package)
    part = inside.parts[0].removesuffix(".py")
    if part != "__init__" and part not in HEIGHT:
        yield f"{inside}: the part {part} has no layer: give it one in LAYERS"
        return
    tree = ast.parse(path.read_text("utf-8"))
    for line, module in _imports(tree, path, package):
        outside, _, rest = module.partition(".")
        if outside != package.name:
            if outside in NOWHERE:
                yield f"{inside}:{line}: imports {module}, which the package must do without"
            elif part not in ONLY_IN.get(outside, (part,)):
                allowed = " and ".join(f"{package.name}.{one}" for one in ONLY_IN[outside])
                yield f"{inside}:{line}: imports {module}, which only {allowed} may"
            continue
        used = rest.partition(".")[0]
        if not used or used == part or (used not in HEIGHT and not _is_module(package, used)):
            continue
        if used not in HEIGHT or part == "__init__" or HEIGHT[used] >= HEIGHT[part]:
            yield f"{inside}:{line}: {part} imports {used}, which does not stand below it"


def _imports(tree: ast.AST, path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Every import anywhere in the module, also within functions, as full names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                folder = path.parent.parts[len(package.parent.parts) :]
                base = folder[: len(folder) - node.level + 1]
                start = ".".join((*base, start)).rstrip(".")
            # `from registry import keys` is about registry.keys
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def _is_module(package: Path, name: str) -> bool:
    return (package / name).is_dir() or (package / f"{name}.py").is_file()


def test_every_part_imports_only_what_stands_below_it() -> None:
    assert violations(PACKAGE) == []


def test_local_chains_and_settings_start_without_web3() -> None:
    code = "import sys, registry.localnet, registry.settings, registry.dossier; sys.exit('web3' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent)


def test_the_dossier_package_imports_nothing_of_the_chain() -> None:
    program = (
        "import sys, registry.dossier;"
        "above = ('web3', 'brownie', 'typer', 'rich', 'eth_account');"
        "print([m for m in sys.modules if m.split('.')[0] in above"
        " or m.startswith('registry.') and not m.startswith(('registry.dossier', 'registry.errors',"
        " 'registry.organisations'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("model.py", "from registry.service import Service", "model imports service, which does not stand below it"),
        ("model.py", "from registry import timeline", "model imports timeline, which does not stand below it"),
        ("model.py", "import registry.chain.connect", "model imports chain, which does not stand below it"),
        ("dossier/store.py", "from ..cli import app", "dossier imports cli, which does not stand below it"),
        ("dossier/store.py", "from .. import service", "dossier imports service, which does not stand below it"),
        ("timeline.py", "from registry.dossier import Store", "timeline imports dossier"),
        ("model.py", "def f():\n    from registry.cli import app", "model.py:2: model imports cli"),
        ("__init__.py", "from registry.service import Service", "__init__ imports service"),
        ("service.py", "from web3 import Web3", "imports web3.Web3, which only registry.chain may"),
        ("localnet/process.py", "import web3", "imports web3, which only registry.chain may"),
        ("service.py", "import typer", "imports typer, which only registry.cli may"),
        ("cli/app.py", "from brownie import accounts", "which the package must do without"),
        ("chain/deploy.py", "import solcx", "which the package must do without"),
        ("cli/app.py", "from scripts.compile import main", "which the package must do without"),
        ("helpers.py", "", "the part helpers has no layer"),
    ],
)
def test_checker_finds_a_planted_import(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    package = _package(tmp_path)
    assert violations(package) == []
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(line + "\n")
    found = violations(package)
    assert len(found) == 1
    assert complaint in found[0]
    assert found[0].startswith(file)


def test_checker_lets_a_part_import_itself_and_what_stands_below(tmp_path: Path) -> None:
    package = _package(tmp_path)
    (package / "chain" / "events.py").write_text(
        "import web3\nfrom registry.chain import connect\nfrom .connect import chain\n"
        "from registry import __version__\nfrom registry.model import Act\n"
        "from registry import errors, statements\nimport json\n"
    )
    assert violations(package) == []


def _package(folder: Path) -> Path:
    """A package with an empty module or folder for each part."""
    package = folder / "registry"
    for part in HEIGHT:
        if (PACKAGE / part).is_dir():
            (package / part).mkdir(parents=True)
            (package / part / "__init__.py").touch()
        else:
            package.mkdir(exist_ok=True)
            (package / f"{part}.py").touch()
    (package / "__init__.py").write_text('__version__ = "1"\n')
    return package
