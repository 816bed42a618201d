"""The package as users get it: built, installed alone in an empty environment, and at work far from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from world import ROOT, SAMPLES, Desk, Region

from registry import __version__
from registry.dossier import build

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("wheel")]  # built and installed once

BUILT_FROM = ("registry", "pyproject.toml", "README.md", "LICENSE")


def call(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(one) for one in words], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that a build leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in BUILT_FROM:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, copy / name)
    target = copy / "dist"
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, copy)
    (built,) = target.glob("*.whl")
    return built


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"foodvalley_registry-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        about = next(archive.read(name).decode() for name in names if name.endswith("/METADATA"))
    assert {name.partition("/")[0] for name in names} == {"registry", f"foodvalley_registry-{__version__}.dist-info"}
    inside = {name.removeprefix("registry/") for name in names if name.startswith("registry/")}
    here = {path.relative_to(ROOT / "registry").as_posix() for path in (ROOT / "registry").rglob("*") if path.is_file()}
    assert inside == {name for name in here if "__pycache__" not in name}
    assert "artifacts/Register.json" in inside
    assert not any("test" in name or name.endswith((".sol", ".pyc")) for name in inside)
    for unwanted in ("brownie", "solc", "pytest", "hypothesis"):
        assert not any(unwanted in line for line in about.splitlines() if line.startswith("Requires-Dist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs of an environment that holds the wheel and what it needs to run."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    call(*pip, "--require-hashes", "-r", ROOT / "requirements" / "run.lock")
    call(*pip, "--no-deps", "--no-index", wheel)
    return programs


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed program in a folder that has nothing to do with the checkout."""
    folder = tmp_path / "elders"
    folder.mkdir()
    dropped = ("FOODVALLEY_", "PYTHON", "VIRTUAL_ENV")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    environ["FOODVALLEY_HOME"] = str(tmp_path / "home")

    def run(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        program = [str(installed / "foodvalley"), *map(str, words)]
        done = subprocess.run(program, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_environment_holds_what_runs_and_not_what_builds(installed: Path) -> None:
    listed = json.loads(call(installed / "python", "-m", "pip", "list", "--format", "json").stdout)
    names = {one["name"].lower() for one in listed}
    assert {"foodvalley-registry", "web3", "typer", "pydantic"} <= names
    assert not names & {"eth-brownie", "py-solc-x", "pytest", "hypothesis", "mypy", "ruff"}
    call(installed / "python", "-m", "pip", "check")


def test_installed_program_introduces_itself(elsewhere: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert elsewhere("--version").stdout == f"foodvalley {__version__}\n"
    shown = elsewhere("--help").stdout
    for word in ("demo", "verify", "propose", "dossier", "key", "council"):
        assert word in shown


def test_installed_program_verifies_a_document(
    elsewhere: Callable[..., subprocess.CompletedProcess[str]], region: Region, desk: Desk
) -> None:
    sample = SAMPLES / "dienstverlening-veenendaal-renswoude"
    dossier = build(sample, desk.service.store)
    desk.agree(desk.service.draft(desk.view, dossier))
    where = ("--node", region.url, "--register", region.deployment.address)
    document = sample / "overeenkomst.pdf"
    unknown = json.loads(elsewhere("verify", document, *where, "--json", code=1).stdout)
    assert unknown["outcome"] == "unknown"
    found = json.loads(elsewhere("verify", document, *where, "--dossier", dossier.folder, "--json").stdout)
    assert found["accepted"] is True
    assert found["act"]["title"] == dossier.manifest.title
