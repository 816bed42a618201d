"""What the pages say is so: the README's commands are run and compared, commands are documented, links lead somewhere.

Every ```console block of README.md and docs/council.md is run, in order, in one shell for each page, in a folder of its
own with a chain of its own.
Expected output is compared word by word, with white space and line breaks of any width. Only this may differ:

- a hash, digest or address: another of the same length; and the same one wherever the page repeats it (a command
  that names a hash is run with the one that was seen in its place; an address in a command stays as it is)
- a port, process number, block number or amount of gas: another number
- a moment (23 november 2026 om 11:43 uur): another moment; a day alone must be that day
- ``…`` on a line of its own, or at the end of one: any text; inside a line: one word
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer

from registry.cli import commands

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "samples/**/*.md", "contracts/**/*.md", "tests/**/*.md")
    for page in ROOT.glob(pattern)
)
COUNCIL = ROOT / "docs" / "council.md"
HANDBOOKS = [ROOT / "docs" / name for name in ("users.md", "auditors.md", "developers.md", "council.md", "api.md")]
NOT_RUN = {"sh", "text"}  # blocks that only show something
SESSION_SECONDS = 600

_ADDRESS_LENGTH = len("0x") + 40
_HEX = re.compile(r"0x[0-9a-fA-F]{8,64}|\b[0-9a-f]{64}\b")
_MOMENT = r"\d{1,2} [a-z]+ \d{4} om \d\d:\d\d uur"
_FREE = [
    (re.compile(_MOMENT), _MOMENT),
    (re.compile(r"(?<=127\.0\.0\.1:)\d+"), r"\d+"),
    (re.compile(r"(?<=proces )\d+"), r"\d+"),
    (re.compile(r"(?<=blok )\d+"), r"\d+"),
    (re.compile(r"(?<=gas )[\d.]+"), r"[\d.]+"),
    (re.compile(r"^⋮$"), r".*"),
    (re.compile(r"^⋮ "), r"(?:.*? )?"),
    (re.compile(r" ⋮ "), r" (?:.*? )?"),
    (re.compile(r" ⋮$"), r"(?: .*)?"),
    (re.compile(r"(?<=[^ ])⋮ "), r"\S* (?:.*? )?"),
    (re.compile(r"(?<=[^ ])⋮$"), r".*"),
    (re.compile(r"…"), r"\S+"),
]


@dataclass
class Step:
    """One command of a page, what it should print, and its exit code."""

    command: str
    line: int
    expected: list[str] = field(default_factory=list)
    exit_code: int = 0


def fenced_blocks(page: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Every fenced block of a page: the line it begins on, its info string, its lines."""
    info: str | None = None
    start, lines = 0, []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if not line.startswith("```"):
            lines.append(line)
        elif info is None:
            info, start, lines = line[3:].strip(), number, []
        else:
            yield start, info, lines
            info = None
    assert info is None, f"{page.name}:{start}: the block is never closed"


def steps_of(page: Path) -> list[Step]:
    steps: list[Step] = []
    for start, info, lines in fenced_blocks(page):
        if info != "console":
            continue
        assert lines[0].startswith("$ "), f"{page.name}:{start}: a console block begins with a command"
        for number, line in enumerate(lines, start + 1):
            if line.startswith("$ "):
                steps.append(Step(line[2:], number))
            elif stated := re.fullmatch(r"\[exit (\d+)\]", line):
                steps[-1].exit_code = int(stated[1])
            else:
                steps[-1].expected.append(line)
    return steps


def flat(text: str) -> str:
    return " ".join(text.split())


class Comparison:
    """Compares output with what is expected, and remembers which hash stands for which."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def translated(self, command: str) -> str:
        """The command with the hashes of this run; those that no output showed yet stay as they are."""
        return _HEX.sub(self._of_this_run, command)

    def _of_this_run(self, match: re.Match[str]) -> str:
        stated = match[0]
        return stated if len(stated) == _ADDRESS_LENGTH else self.seen.get(stated[:12], stated)

    def check(self, expected: Sequence[str], printed: str) -> str | None:
        """What is wrong with the output; None if nothing is."""
        wanted = flat("\n".join(re.sub(r"…$", "⋮", line.rstrip()) for line in expected))
        wanted = re.sub(r"⋮( ⋮)+", "⋮", wanted)
        hashes = _HEX.findall(wanted)
        match = re.fullmatch(_pattern(wanted), flat(printed))
        if match is None:
            return f"expected:\n  {wanted}\nprinted:\n  {flat(printed)}"
        for stated, found in zip(hashes, match.groups(), strict=True):
            if self.seen.setdefault(stated[:12], found[:12]) != found[:12]:
                return f"{stated[:12]} stands for {self.seen[stated[:12]]} elsewhere, and for {found[:12]} here"
        if len(set(self.seen.values())) != len(self.seen):
            return f"different hashes of the page stand for one: {self.seen}"
        return None


def _pattern(wanted: str) -> str:
    """A regular expression for the text, with one group per hash."""
    pieces: list[str] = []
    at = 0
    places = [(match.start(), match.end(), _same_form(match[0])) for match in _HEX.finditer(wanted)]
    for free, pattern in _FREE:
        places += [(match.start(), match.end(), pattern) for match in free.finditer(wanted)]
    for start, end, pattern in sorted(places):
        pieces += [re.escape(wanted[at:start]), pattern]
        at = end
    return "".join([*pieces, re.escape(wanted[at:])])


def _same_form(stated: str) -> str:
    digits = len(stated.removeprefix("0x"))
    return f"({'0x' if stated.startswith('0x') else ''}[0-9a-fA-F]{{{digits}}})"


class Shell:
    """One bash that runs command after command, its output and errors together."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,  # so that a command that hangs can be ended with the shell
        )
        self._watchdog = threading.Timer(SESSION_SECONDS, self._kill)
        self._watchdog.start()

    def run(self, command: str) -> tuple[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Standard input is the script itself: a command that read it would eat the next one.
        self._process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\nend-of-step %d\\n' $?\n")
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            if ended := re.fullmatch(r"end-of-step (\d+)\n", line):
                return "".join(printed), int(ended[1])
            printed.append(line)
        raise AssertionError(f"the shell ended during {command!r}:\n{''.join(printed)}")

    def close(self) -> None:
        self._watchdog.cancel()
        self._kill()
        self._process.wait()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the commands of the pages need of a checkout, in a folder of this test."""
    shutil.copy(ROOT / "foodvalley.toml", tmp_path)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment of a newcomer: no settings, no colours, a terminal of 100 columns."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")}
    for name in ("FORCE_COLOR", "PYTHONPATH"):
        kept.pop(name, None)
    return kept | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}


@pytest.fixture
def warm(environ: dict[str, str]) -> Iterator[str]:
    """What makes `foodvalley` start at once in a shell (tests/warm.py)."""
    folder = tempfile.TemporaryDirectory(dir="/tmp")  # the address of a socket is short
    path = Path(folder.name) / "s"
    program = [sys.executable, str(ROOT / "tests" / "warm.py")]
    server = subprocess.Popen(
        [*program, "serve", str(path)], cwd=ROOT, env=environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        # -S: the client needs nothing but what comes with Python.
        yield f'foodvalley() {{ {shlex.join([program[0], "-S", "-E", program[1], str(path)])} "$@"; }}'
    finally:
        server.kill()
        server.wait()
        folder.cleanup()


@pytest.mark.parametrize("page", [README, pytest.param(COUNCIL, marks=pytest.mark.long)], ids=lambda page: page.name)
def test_the_steps_of_a_page_go_as_it_says(page: Path, checkout: Path, environ: dict[str, str], warm: str) -> None:
    shell, comparison = Shell(checkout, environ), Comparison()
    try:
        if page != README:  # that one is run with the program itself, as people do
            assert shell.run(warm)[1] == 0
        for step in steps_of(page):
            printed, code = shell.run(comparison.translated(step.command))
            fault = comparison.check(step.expected, printed)
            assert fault is None, f"{page.name}:{step.line}: $ {step.command}\n{fault}"
            assert code == step.exit_code, f"{page.name}:{step.line}: $ {step.command}: exit {code}\n{printed}"
    finally:
        shell.close()
        _end_chains(checkout, environ)


def _end_chains(checkout: Path, environ: dict[str, str]) -> None:
    """The chain of the page, and that of a folder in which it practises."""
    command = [sys.executable, "-c", "from registry.cli import main; main()", "chain", "down"]
    for folder in (checkout, *checkout.glob(".foodvalley/*/")):
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, cwd=folder, env=environ, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("gas 58.088 (blok 22)", "gas  49.676\n(blok 3)"),
        ("op 23 november 2026 om 11:43 uur.", "op 1 mei 2027 om 08:00 uur."),
        ("een …\ntwee", "een en nog wat\nmeer twee"),
        ("een\n…\ntwee", "een\ntwee"),
        ("een … drie", "een twee drie"),
        ("…\ntwee", "een\ntwee"),
        ("een…\ntwee", "eenmaal, andermaal\ntwee"),
        ("…", "een\ntwee"),
    ],
)
def test_the_comparison_allows_what_may_differ(expected: str, printed: str) -> None:
    assert Comparison().check(expected.splitlines(), printed) is None


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("van kracht", "niet van kracht"),
        ("vanaf 1 januari 2026", "vanaf 2 januari 2026"),
        ("een … vier", "een twee drie vier"),
        ("handeling 0x013c2fdc4a", "handeling 0x013c2fdc4a31"),
        ("180 dagen", "181 dagen"),
        ("0x013c2fdc4a en 0x013c2fdc4a", "0x1111111111 en 0x2222222222"),
        ("0x013c2fdc4a en 0x19e57db724", "0x1111111111 en 0x1111111111"),
    ],
)
def test_the_comparison_refuses_what_may_not(expected: str, printed: str) -> None:
    assert Comparison().check(expected.splitlines(), printed) is not None


def test_an_address_in_a_command_stays_as_it_is() -> None:
    comparison = Comparison()
    assert comparison.check([f"beheerder 0x{'ab' * 20}"], f"beheerder 0x{'ab' * 20}") is None
    assert comparison.translated(f"foodvalley appoint 0x{'ab' * 20}") == f"foodvalley appoint 0x{'ab' * 20}"


def test_a_command_is_run_with_the_hash_that_was_seen() -> None:
    comparison = Comparison()
    assert comparison.check([f"act 0x{'ab' * 32}"], f"act 0x{'cd' * 32}") is None
    assert comparison.translated("foodvalley show 0xababababab") == "foodvalley show 0xcdcdcdcdcd"


@pytest.mark.parametrize("page", [README, COUNCIL], ids=lambda page: page.name)
def test_every_block_is_run_or_says_that_it_is_not(page: Path) -> None:
    infos = {info for _, info, _ in fenced_blocks(page)}
    assert infos <= NOT_RUN | {"console"}
    assert "console" in infos


def test_every_make_target_that_a_page_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        (page.name, target)
        for page in PAGES
        for code in _code_of(page)
        for target in re.findall(r"\bmake ([a-z][a-z-]*)", code)
    }
    assert {"demo", "test"} <= {target for page, target in named if page == README.name}
    assert sorted((page, target) for page, target in named if target not in targets) == []


def _code_of(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    return [*re.findall(r"`([^`\n]+)`", text), *("\n".join(lines) for _, _, lines in fenced_blocks(page))]


def command_tree() -> dict[str, list[str]]:
    """Every command, as people type it, with its options."""
    app = typer.Typer()
    commands.add_to(app)
    found: dict[str, list[str]] = {}

    def walk(name: str, command: object) -> None:
        children = getattr(command, "commands", None)
        if children is not None:
            for child_name, child in children.items():
                walk(f"{name} {child_name}", child)
            return
        options = [one for param in command.params for one in param.opts if one.startswith("--")]  # type: ignore[attr-defined]
        found[name] = options

    walk("foodvalley", typer.main.get_command(app))
    return found


def test_every_command_is_documented() -> None:
    text = flat(" ".join(page.read_text("utf-8") for page in HANDBOOKS))
    tree = command_tree()
    assert len(tree) > 10
    assert [name for name in tree if not re.search(rf"{re.escape(name)}(?![\w-])", text)] == []


def test_every_option_is_documented() -> None:
    text = flat(" ".join(page.read_text("utf-8") for page in HANDBOOKS))
    missing = {
        f"{name} {option}"
        for name, options in command_tree().items()
        for option in options
        if not re.search(rf"{re.escape(option)}(?![\w-])", text)
    }
    assert sorted(missing) == []


def test_every_documented_command_exists() -> None:
    tree = set(command_tree())
    groups = {name.rpartition(" ")[0] for name in tree}
    unknown = set()
    for page in PAGES:
        for code in _code_of(page):
            for first, second in re.findall(r"\bfoodvalley ([a-z]+)(?: ([a-z]+))?", code):
                name = f"foodvalley {first}"
                known = name in tree or (name in groups and (not second or f"{name} {second}" in tree))
                if not known:
                    unknown.add(f"{page.name}: {name} {second}".strip())
    assert sorted(unknown) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        known = place.exists() and (not anchor or place.suffix != ".md" or anchor in _anchors(place))
        if not known or not place.is_relative_to(ROOT):
            broken.append(target)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """The names that headings get on the web: small letters, no punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
