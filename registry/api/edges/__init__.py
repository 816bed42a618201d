"""What stands around every endpoint: headers, limits, counting, and an answer where nothing was foreseen."""
