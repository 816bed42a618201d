"""What manifests say, put into an index directly: for histories whose dossiers are nowhere on disk."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select, update

from registry.dossier import Manifest
from registry.dossier.terms import start_of_next_day
from registry.index import Index, schema
from registry.index.buffer import insert
from registry.index.words import words
from registry.statements import commitment_id

_ACTS = schema.acts
_TELL = (
    update(_ACTS)
    .where(_ACTS.c.act_hash == bindparam("key"))
    .values({name: bindparam(f"to_{name}") for name in ("title", "summary", "kind", "policy_area")})
)


def take_in(index: Index, manifest_of: Callable[[bytes], Manifest | None]) -> None:
    """Joins what the manifests say to the rows of every act whose dossier has one."""
    columns = (_ACTS.c.act_hash, _ACTS.c.agreement, _ACTS.c.agreement_number, _ACTS.c.dossier, _ACTS.c.block)
    after = b""
    while True:
        with index.reading() as connection:
            query = select(*columns).where(_ACTS.c.act_hash > after).order_by(_ACTS.c.act_hash).limit(20_000)
            rows = list(connection.execute(query))
        if not rows:
            return
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
