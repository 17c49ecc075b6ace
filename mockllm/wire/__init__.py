"""Encodings shared by dialects. Pure."""
