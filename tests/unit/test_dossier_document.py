"""docs/dossier.md does what it says: its example builds, and its commands recompute a leaf and a root."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.dossier import Kind, Manifest, Organ, Role, Store, build
from registry.dossier.leaves import write_leaves

PAGE = (Path(__file__).parents[2] / "docs" / "dossier.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def dossier(tmp_path):
    """The example of the page, built."""
    source = tmp_path / "source"
    (source / "bijlagen").mkdir(parents=True)
    (source / "manifest.yaml").write_text(blocks("yaml")[0], "utf-8")
    (source / "convenant.pdf").write_bytes(b"%PDF-1.7\nconvenant")
    (source / "bijlagen" / "besluit-ede.pdf").write_bytes(b"%PDF-1.7\nbesluit")
    return build(source, Store(tmp_path / "store"))


def test_the_size_of_what_is_erased_while_it_is_looked_at_is_that_of_nothing(dossier, monkeypatch):
    assert dossier.size(1) == len(b"%PDF-1.7\nconvenant")
    dossier.path(1).unlink()
    assert dossier.size(1) is None
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    assert dossier.size(1) is None


def run(script, folder):
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.split()


@pytest.mark.parametrize("sha256sum", ["sha256sum", "shasum -a 256"])
@pytest.mark.parametrize("unhex", ["xxd", "perl"])
def test_the_commands_of_the_page_recompute_a_leaf_and_the_root(dossier, sha256sum, unhex):
    for tool in (sha256sum.split()[0], unhex):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    commands, substitute = blocks("sh")
    script = (substitute if unhex == "perl" else "") + commands.replace("sha256sum", sha256sum)
    assert run(script, dossier.folder) == [dossier.leaves[1].leaf.hex(), dossier.root.hex()]


def test_the_layout_of_leaves_json_on_the_page_is_the_real_one(dossier):
    written = write_leaves(dossier.leaves[:1]).decode()
    assert re.sub(r'"[0-9a-f]{64}"', '"<64 hexadecimal digits>"', written) == blocks("json")[0]


def test_every_field_and_choice_is_on_the_page():
    for field in Manifest.model_fields.values():
        assert f"| `{field.alias}` |" in PAGE
    for choice in (*Kind, *Organ, *Role):
        assert f"`{choice}`" in PAGE
