"""Acts and proposals as they came, in SQLite: it kept these long rows in a tree by their hash, few to a page."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MADE = sa.text(
    "SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL ORDER BY type DESC, name"
)


def upgrade() -> None:
    """Makes both tables anew with the same rows and keys."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for name in ("acts", "proposals"):
        made = connection.execute(_MADE, {"name": name}).all()
        op.rename_table(name, f"{name}_before")
        [table] = [one.sql for one in made if one.type == "table"]
        op.execute(table.replace("WITHOUT ROWID", ""))
        op.execute(f"INSERT INTO {name} SELECT * FROM {name}_before ORDER BY block, log_index")  # noqa: S608 - see above
        op.drop_table(f"{name}_before")
        for one in made:
            if one.type == "index":
                op.execute(one.sql)
