"""The table: which keys there are, where, and what each takes.

These are Cerberus schemas. `text` is any scalar, taken as written. Answers are validated one at a
time and not under a `valuesrules` here, because Cerberus is quadratic in the errors of one run
(10,000 wrong keys took 156 s in one run and 0.5 s in one run for each, Cerberus 1.3.8).
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, dict[str, Any]]

MIN_LAG_FACTOR = 0.01
MAX_LAG_FACTOR = 1_000_000
MAX_SEED = 2**63 - 1

ANSWER: Schema = {"text": {"type": "text", "required": True}}

DEFAULTS: Schema = {"unknown_response": {}}  # an answer

SETTINGS: Schema = {
    "lag_enabled": {"type": "boolean"},
    "lag_factor": {"type": "number", "min": MIN_LAG_FACTOR, "max": MAX_LAG_FACTOR},
    "match": {"type": "string", "allowed": ["exact", "normalized"]},
    "seed": {"type": "integer", "min": 0, "max": MAX_SEED},
    "max_body": {"type": "text", "check_with": "size"},
}

TOP: Schema = {
    "responses": {"type": "dict"},
    "defaults": {"type": "dict", "schema": DEFAULTS},
    "settings": {"type": "dict", "schema": SETTINGS},
}

HOMES = {
    key: home
    for home, schema in (
        ("under 'defaults'", DEFAULTS),
        ("under 'settings'", SETTINGS),
        ("at the top level", TOP),
    )
    for key in schema
}
"""Where a key belongs, for those who put it elsewhere."""

TYPE_WORDS = {
    "text": "text",
    "string": "text",
    "dict": "a mapping",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}
