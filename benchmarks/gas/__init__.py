"""The gas benchmark: what a whole agreement costs here, and with what others offer, on one chain in one run."""
