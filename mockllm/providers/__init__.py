"""The vendors' dialects, a folder each."""
