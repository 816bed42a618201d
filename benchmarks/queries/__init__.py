"""How quickly the index answers, in SQLite and in PostgreSQL, and whether that depends on how much it holds."""
