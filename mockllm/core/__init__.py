"""The pure part: no Flask, YAML, clock, socket or global randomness."""
