"""What Alembic runs for each upgrade, on the connection that :func:`registry.database.migrate` hands it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
