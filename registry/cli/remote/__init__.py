"""Commands that ask a service instead of a node: its answers on the screen, and what is signed made up here."""
