"""How fast the audit is, and how much of its time goes into recovering signatures."""
