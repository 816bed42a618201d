"""What Alembic runs for each upgrade of an index."""

from registry.database import run_migrations

run_migrations()
