"""Three services of three municipalities on one chain: killed, lied to, and in agreement."""
