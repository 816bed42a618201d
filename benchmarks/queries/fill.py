"""Filling an index: events through its own writer, manifests in bulk, and the same rows in another database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select, text, update

from benchmarks.queries.generate import Register
from registry.dossier import Manifest
from registry.dossier.terms import start_of_next_day
from registry.index import Header, Index, schema
from registry.index.buffer import insert
from registry.index.rows import told
from registry.index.words import words
from registry.index.writer import read_cursor, set_cursor, write
from registry.statements import commitment_id

Say = Callable[[str], None]

_ACTS = schema.acts
_TELL = (
    update(_ACTS)
    .where(_ACTS.c.act_hash == bindparam("key"))
    .values({name: bindparam(f"to_{name}") for name in ("title", "summary", "kind", "policy_area")})
)


def fill(index: Index, register: Register, say: Say) -> int:
    """Writes all events of a register into an empty index, its keys not yet made; how many events there were."""
    index.postpone_keys()
    done = 0
    for part in register.parts():
        headers = {one.place.block: Header(one.place.block, one.place.block_hash, one.place.timestamp) for one in part}
        events = [told(one) for one in part]
        with index.writing() as connection:
            write(connection, read_cursor(connection), events, headers, headers[part[-1].place.block])
        done += len(part)
        say(f"{done:,} events written")
    return done


def recall(index: Index, register: Register) -> None:
    """What questions can name of a register that was filled before, as making it up leaves it."""
    agreements = schema.agreements
    with index.reading() as connection:
        register.agreements[:] = connection.scalars(select(agreements.c.id).order_by(agreements.c.number))
        register.act_hashes[:] = connection.scalars(select(_ACTS.c.act_hash).order_by(_ACTS.c.block, _ACTS.c.log_index))
        as_of = read_cursor(connection)
    register.now = as_of.block_time if as_of else register.now


def join_manifests(index: Index, manifest_of: Callable[[bytes], Manifest | None], say: Say = lambda _: None) -> None:
    """Joins what the manifests say to the rows of every act whose dossier has one, and makes the keys."""
    columns = (_ACTS.c.act_hash, _ACTS.c.agreement, _ACTS.c.agreement_number, _ACTS.c.dossier, _ACTS.c.block)
    after, done = b"", 0
    while True:
        with index.reading() as connection:
            query = select(*columns).where(_ACTS.c.act_hash > after).order_by(_ACTS.c.act_hash).limit(20_000)
            rows = list(connection.execute(query))
        if not rows:
            break
        after = rows[-1].act_hash
        told, terms, promised = [], [], []
        for row in rows:
            manifest = manifest_of(row.dossier)
            if manifest is None:
                continue
            texts = {"to_title": manifest.title, "to_summary": manifest.summary}
            kinds = {"to_kind": manifest.kind.value, "to_policy_area": manifest.policy_area}
            told.append({"key": row.act_hash, **texts, **kinds})
            mine = (row.agreement_number, row.act_hash, row.block)
            terms += [[one, *mine] for one in words(manifest.title, manifest.summary)]
            for one in manifest.commitments:
                due = start_of_next_day(one.due) if one.due else None
                names = (row.act_hash, one.id, row.agreement, row.agreement_number)
                promised.append(
                    [*names, commitment_id(row.agreement, one.id), one.organisation, one.text, due, row.block]
                )
        with index.writing() as connection:
            if told:
                connection.execute(_TELL, told)
                insert(connection, schema.terms, terms)
            if promised:
                insert(connection, schema.commitments, promised)
        done += len(rows)
        say(f"{done:,} acts told of")
    say("making the keys")
    index.make_keys()


def copy(source: Index, target: Index, say: Say) -> None:
    """Writes every row of one index into another, empty one."""
    target.postpone_keys()
    for name, table in schema.metadata.tables.items():
        if table is schema.cursor:
            continue
        say(f"copying {name}")
        with source.reading() as reading, target.writing() as writing:
            query = select(table).order_by(*table.primary_key.columns)
            for part in reading.execution_options(yield_per=20_000).execute(query).partitions():
                insert(writing, table, [list(row) for row in part])
    with source.reading() as reading:
        as_of = read_cursor(reading)
    with target.writing() as writing:
        set_cursor(writing, as_of)
    say("making the keys")
    target.make_keys()
    with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
