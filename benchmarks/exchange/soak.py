"""``make soak-service``: three services on one chain, one of them killed at random, and a partner that lies to all.

Each has its own index, store and key, and is a process of ``foodvalley serve``. In each round one proposes, the others
have the dossier fetched by their services, read it, sign, and it is recorded, all through the services; in between the
liar proposes as well, and serves whatever harms. At the end all three must say the same, and the one that was killed
have the index of one that nobody disturbed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.exchange import liars
from benchmarks.exchange.valley import Municipality, Valley, until, valley
from benchmarks.targets import Target, at_least, at_most, exit_code
from registry.client import Client
from registry.dossier import Dossier, check
from registry.errors import DossierError, UnavailableError
from registry.index import Identity, Index
from registry.index.schema import metadata
from registry.model import Act
from registry.statements import hash_act

MEMBERS = (("gm0345", "veenendaal"), ("gm0339", "renswoude"), ("gm0228", "ede"))
LIAR = ("gm0203", "barneveld")
PATIENCE_SECONDS = 180.0
MOST_MEMORY_MB = 400.0


class Killer:
    """Kills one of the services at random moments until it has done so often enough, or is stopped."""

    def __init__(self, members: list[Municipality], kills: int, chance: random.Random) -> None:
        self.done = 0
        self._members, self._kills, self._chance = members, kills, chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def finished(self) -> bool:
        """Whether it has killed as often as it was told to."""
        return self.done >= self._kills

    def _run(self) -> None:
        while not self._stop.wait(self._chance.uniform(0.1, 7.0)):
            for one in self._members:
                one.look()
            if not self.finished:
                self._members[-1].kill()
                self.done += 1


class Liar:
    """A member whose service lies in another way each time; ``told`` counts how often it was asked."""

    def __init__(self, chance: random.Random) -> None:
        self.told = 0
        self._chance = chance
        self._dossiers: dict[str, Dossier] = {}

    def reply(self, connection: Any, asked: str, ranged: str) -> None:
        """One request."""
        found = next((one for root, one in self._dossiers.items() if root in asked), None)
        if found is None and self._chance.random() < 0.7:
            liars.respond(connection, b"{}", status="404 Not Found")
            return
        if found is not None and asked.endswith("/leaves") and self._chance.random() < 0.6:
            liars.honest(found)(connection, asked, ranged)  # so that it comes to the documents as well
            return
        self.told += 1
        self._chance.choice((*liars.ALL, liars.wrong_root))(connection, asked)

    def knows(self, dossier: Dossier) -> None:
        """Has a dossier to lie about."""
        self._dossiers[dossier.root.hex()] = dossier


def soak(rounds: int, kills: int, seed: int, folder: Path, say: Callable[[str], None]) -> list[Target]:
    """So many rounds, and at least so many kills; ``folder`` is empty."""
    chance = random.Random(seed)
    liar = Liar(random.Random(seed + 1))
    with ExitStack() as stack:
        home = stack.enter_context(valley(folder))
        members = [Municipality(home, *one) for one in MEMBERS]
        false = Municipality(home, *LIAR)
        false.announce(stack.enter_context(liars.listening(liar.reply)))
        for one in members:
            stack.callback(one.stop)
            one.start()
            one.announce()
        until(lambda: all(one.asked("fingerprint") for one in members), 90, "all services answer")
        agreed: list[bytes] = []
        lies: list[bytes] = []
        began = time.monotonic()
        with Killer(members, kills, chance) as killer:
            number = 0
            while number < rounds or not killer.finished:
                number += 1
                lies.append(_lie(false, liar))
                agreed.append(_round(home, members, chance))
                if number % 10 == 0 or number <= 3:
                    say(f"round {number}: {killer.done} kills, {liar.told} lies, {time.monotonic() - began:.0f} s")
            until(lambda: liar.told >= min(rounds, 3), 60, "the liar is asked for its dossiers")
        _settle(home, members)
        return [
            at_least("agreements recorded by three services", len(agreed), rounds),
            at_least("kills", killer.done, kills),
            at_least("services with the contract's fingerprint", _with_fingerprint(home, members), len(members)),
            at_most("answers in which they differ", _differences(members), 0),
            at_most("dossiers that one of them lacks or that are damaged", _lacking(members, agreed), 0),
            at_most("tables of the killed one that differ from an index built afresh", _different(home, members), 0),
            at_least("lies told", liar.told, min(rounds, 3)),
            at_most(
                "dossiers that the liar got in", sum(root in one.store.roots() for root in lies for one in members), 0
            ),
            at_most("services that died by themselves", sum(one.deaths for one in members), 0),
            at_most("most memory of a service", max(one.largest for one in members) / 1024, MOST_MEMORY_MB, unit=" MB"),
        ]


def _round(home: Valley, members: list[Municipality], chance: random.Random) -> bytes:
    """One agreement from proposal to record; the root of its dossier."""
    proposer, *others = chance.sample(members, len(members))
    parties = sorted(one.organisation for one in members)
    dossier = proposer.draft(parties, public=chance.random() < 0.5, size=chance.randrange(1, 3_000_000))
    act = proposer.service.draft(proposer.service.view(), dossier)
    domain = home.register.domain
    _carried(proposer, lambda client: client.writing.propose(domain, act, home.signer(proposer.name)))
    for one in others:
        until(partial(one.has, act.dossier), PATIENCE_SECONDS, f"{one.name} has the dossier of the proposal")
        if one.service.seen(act) is None:
            raise SystemExit(f"{one.name} has not all of the dossier that its service says it has")
        _carried(one, partial(_approve, home, act, one.name))
    _carried(chance.choice(members), lambda client: client.writing.record(act))
    if home.register.head(hash_act(act)) != hash_act(act):
        raise SystemExit("a service says that it recorded an act, and the contract knows of none")
    return act.dossier


def _approve(home: Valley, act: Act, name: str, client: Client) -> Mapping[str, Any]:
    return client.writing.approve(home.register.domain, act, home.signer(name))


def _carried(one: Municipality, hand_in: Callable[[Client], Mapping[str, Any]]) -> None:
    """Hands something in at a service until it stands on the chain; as often as the service is killed meanwhile."""
    until_ = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with Client(one.url) as client:
                client.writing.settled(hand_in(client), 30)
        except UnavailableError as error:
            if time.monotonic() > until_:
                raise SystemExit(f"{one.name} does not carry what it is given: {error.message}") from error
            time.sleep(0.3)
        else:
            return


def _lie(false: Municipality, liar: Liar) -> bytes:
    """A proposal to all of them of which the dossier is never given as it is."""
    dossier = false.draft(sorted([false.organisation, *(one for one, _ in MEMBERS)]), public=True, size=200_000)
    act: Act = false.service.draft(false.service.view(), dossier)
    liar.knows(dossier)
    false.service.propose(act, false.valley.signer(false.name))
    return dossier.root


def _settle(home: Valley, members: list[Municipality]) -> None:
    """Waits until everybody has read the whole chain."""
    expected = "0x" + home.register.fingerprint().hex()

    def all_there() -> bool:
        told = [one.asked("fingerprint") for one in members]
        return all(one is not None and one["fingerprint"] == expected for one in told)

    until(all_there, PATIENCE_SECONDS, "all services have the fingerprint of the contract")


def _with_fingerprint(home: Valley, members: list[Municipality]) -> int:
    expected = "0x" + home.register.fingerprint().hex()
    return sum((one.asked("fingerprint") or {}).get("fingerprint") == expected for one in members)


def _answers(one: Municipality, path: str) -> list[Any]:
    """All pages of a list, without the moment at which each was asked."""
    found: list[Any] = []
    after = None
    while True:
        page = until(partial(one.asked, path, after=after), 60, f"{one.name} answers {path}")
        rows = next(value for key, value in page.items() if isinstance(value, list))
        found += rows
        after = page.get("next")
        if after is None:
            return found


def _differences(members: list[Municipality]) -> int:
    """How many lists the services do not give alike."""
    lists = ("agreements", "proposals", "organisations")
    return sum(len({repr(_answers(one, path)) for one in members}) != 1 for path in lists)


def _lacking(members: list[Municipality], roots: list[bytes]) -> int:
    return sum(not _is_whole(one, root) for one in members for root in roots)


def _is_whole(one: Municipality, root: bytes) -> bool:
    try:
        return not check(one.store.place(root), root).erased and one.has(root)
    except (DossierError, UnavailableError):
        return False


def _different(home: Valley, members: list[Municipality]) -> int:
    killed = members[-1]
    killed.stop()
    register = home.register
    identity = Identity(home.chain.chain_id, register.address, register.from_block)
    (file,) = (killed.home / "index").glob("*.sqlite")
    with (
        Index.open(f"sqlite:///{file}", identity, create=False) as index,
        Index.open(f"sqlite:///{killed.home / 'afresh.sqlite'}", identity) as afresh,
    ):
        index.catch_up(register, killed.store)
        afresh.catch_up(register, killed.store)
        return sum(_digest(index, table) != _digest(afresh, table) for table in metadata.tables)


def _digest(index: Index, table: str) -> str:
    hashed = sha256()
    for row in _rows(index, table):
        hashed.update(repr(sorted(row.items())).encode())
    return hashed.hexdigest()


def _rows(index: Index, table: str) -> Iterator[Any]:
    return iter(index.rows(table))


def main() -> int:
    """Soaks and prints; 0 if every target holds."""
    parser = argparse.ArgumentParser(prog="make soak-service")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:

        def say(text: str) -> None:
            print(text, file=sys.stderr, flush=True)

        targets = soak(given.rounds, given.kills, given.seed, Path(folder), say)
    for target in targets:
        print(target.line)
    return exit_code(targets)


if __name__ == "__main__":
    sys.exit(main())
