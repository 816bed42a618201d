"""How fast the index catches up, how much memory that takes, and what it survives."""
