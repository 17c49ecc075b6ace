"""The parts of `core/schema_value.py`: reading a JSON Schema, and finding a value for it."""
