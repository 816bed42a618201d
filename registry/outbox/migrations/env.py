"""What Alembic runs for each upgrade of an outbox."""

from registry.database import run_migrations

run_migrations()
