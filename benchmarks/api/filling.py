"""An index with many agreements, and dossiers to some of them, in a folder that the service then works in."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import delete, select, update

from benchmarks.api.server import IDENTITY
from benchmarks.queries.fill import fill, join_manifests
from benchmarks.queries.generate import ORGANISATIONS, Register, manifest_of
from registry.dossier import Store, build
from registry.dossier.manifest import Visibility
from registry.errors import UnavailableError
from registry.index import Index, schema
from registry.index.buffer import insert
from registry.index.manifests import WHOLE, take_in
from registry.model import Verb
from registry.organisations import DIRECTORY

_DIRECTORY = DIRECTORY.extended({one: f"organisatie {one}" for one in ORGANISATIONS if DIRECTORY.get(one) is None})
DOSSIERS = 300
"""How many agreements get a dossier of their own, with files; the others have the rows that theirs would give."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled: the index, its dossiers, the hashes of all agreements, and the SHA-256 of parts of some."""

    index: Path
    dossiers: Path
    agreements: list[str]
    digests: list[str]


def filled(folder: Path, agreements: int, say: Callable[[str], None]) -> Filled:
    """An index with so many agreements at least, in a folder of its own for that number; filled once.

    UnavailableError if that was begun before and not finished.
    """
    here = folder / str(agreements)
    index, dossiers, told = here / "filled.sqlite", here / "dossiers", here / "filled.json"
    if not told.exists():
        if here.exists():
            raise UnavailableError(f"{here} was not filled to its end", hint="remove it, and start again")
        here.mkdir(parents=True)
        told.write_text(json.dumps(_fill(here, index, Store(dossiers), agreements, say)), "utf-8")
    hashes, digests = json.loads(told.read_text("utf-8"))
    return Filled(index, dossiers, hashes, digests)


def _fill(
    folder: Path, file: Path, store: Store, agreements: int, say: Callable[[str], None]
) -> tuple[list[str], list[str]]:
    register = Register(_acts_for(agreements))
    chance = random.Random(agreements)
    with Index.open(f"sqlite:///{file}", IDENTITY) as index:
        fill(index, register, say)
        join_manifests(index, manifest_of, say)
        digests = _with_dossiers(index, store, chance, folder)
        _with_rows(index, chance, say)
    return ["0x" + one.hex() for one in register.agreements], digests


def _with_rows(index: Index, chance: random.Random, say: Callable[[str], None]) -> None:
    """Gives every other dossier the rows that it would have if it were at hand, and open to everybody."""
    known = select(schema.dossiers.c.root)
    with index.reading() as connection:
        query = select(schema.acts.c.dossier).distinct().where(schema.acts.c.dossier.not_in(known))
        roots = sorted(connection.scalars(query))
    for start in range(0, len(roots), 20_000):
        part = roots[start : start + 20_000]
        manifests = [(root, manifest_of(root)) for root in part]
        told = [
            [root, WHOLE, one.model_copy(update={"visibility": Visibility.PUBLIC}).canonical().decode()]
            for root, one in manifests
            if one is not None
        ]
        with index.writing() as connection:
            insert(connection, schema.dossiers, told)
            insert(connection, schema.documents, sorted([chance.randbytes(32), root, 1] for root in part))
        say(f"{start + len(part):,} dossiers told of")


def _acts_for(agreements: int) -> int:
    """Of the acts that are generated some four in ten conclude an agreement."""
    return round(agreements * _ACTS_FOR_EACH)


_ACTS_FOR_EACH = 2.6


def _with_dossiers(index: Index, store: Store, chance: random.Random, folder: Path) -> list[str]:
    """Gives some concluding acts a dossier that was built for them; the SHA-256 of each agreement's text."""
    acts = schema.acts
    with index.reading() as connection:
        query = select(acts.c.act_hash, acts.c.parties).where(acts.c.verb == Verb.CONCLUDE.value).limit(20_000)
        rows = [row for row in connection.execute(query) if len(json.loads(row.parties)) > 1]
    digests, roots = [], {}
    for number, row in enumerate(chance.sample(rows, min(DOSSIERS, len(rows)))):
        text = f"%PDF-1.7 overeenkomst {number}".encode()
        source = folder / "source" / str(number)
        source.mkdir(parents=True)
        (source / "overeenkomst.pdf").write_bytes(text)
        manifest = {
            "manifest": 1,
            "title": f"Convenant nummer {number}",
            "summary": "De partijen doen iets samen.",
            "kind": "convenant",
            "policyArea": "mobiliteit",
            "visibility": "public",
            "parties": [{"organisation": one, "organ": "college"} for one in json.loads(row.parties)],
            "validFrom": "2026-01-01",
            "files": [{"path": "overeenkomst.pdf", "role": "overeenkomst"}],
        }
        (source / "manifest.yaml").write_text(json.dumps(manifest), "utf-8")
        roots[row.act_hash] = build(source, store, _DIRECTORY).root
        digests.append(sha256(text).hexdigest())
    with index.writing() as connection:
        for act_hash, root in roots.items():
            for table in (schema.terms, schema.commitments):
                connection.execute(delete(table).where(table.c.act_hash == act_hash))
            connection.execute(update(acts).where(acts.c.act_hash == act_hash).values(dossier=root, title=None))
        take_in(connection, store)
    return digests
