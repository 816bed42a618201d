"""How fast one service carries acts to the chain, beside the same transactions pushed raw to the same node."""
