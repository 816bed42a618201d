"""Long rows as they came, in SQLite: it kept them in a tree by their hash, few to a page."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LONG = {
    "acts": "block, log_index",
    "commitments": "block, act_hash, label",
    "dossiers": "root",
    "proposals": "block, log_index",
}
"""The tables, and in which order a new index would come to have their rows."""

_MADE = sa.text(
    "SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL ORDER BY type DESC, name"
)


def upgrade() -> None:
    """Makes their tables anew with the same rows; the keys that are walked get the hash that a tree by it gave them."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _make_anew(connection)
    # A first catching up may not have made them yet.
    present = {one["name"] for one in sa.inspect(connection).get_indexes("acts")}
    for name, column in (("acts_by_kind", "kind"), ("acts_by_verb", "verb")):
        if name in present:
            op.drop_index(name, "acts")
            op.create_index(name, "acts", [column, "agreement_number", "act_hash"], unique=False)


def _make_anew(connection: sa.Connection) -> None:
    for name, order in _LONG.items():
        made = connection.execute(_MADE, {"name": name}).all()
        op.rename_table(name, f"{name}_before")
        [table] = [one.sql for one in made if one.type == "table"]
        op.execute(table.replace("WITHOUT ROWID", ""))
        op.execute(f"INSERT INTO {name} SELECT * FROM {name}_before ORDER BY {order}")  # noqa: S608 - see above
        op.drop_table(f"{name}_before")
        for one in made:
            if one.type == "index":
                op.execute(one.sql)
