"""The table of how answers travel: timing, faults, limits."""

from __future__ import annotations

from mockllm.config import schema_keys as keys
from mockllm.config.schema_keys import Schema
from mockllm.core.faults import FAULTS

MAX_SLOWDOWN = 1000

DELIVERY: Schema = {
    "timing": keys.place("when the pieces come: a profile's name, or a mapping", "text", "dict"),
    "fault": keys.place("what goes wrong on the way: a kind, or a mapping", "text", "dict"),
}

TIMING: Schema = {
    "profile": keys.text("the profile that the other keys change", empty=False),
    "first_token": keys.place(
        "the time before the first piece: a time, or percentiles", "text", "dict"
    )
    | {"check_with": "duration_or_mapping"},
    "rate": keys.text("how fast it goes on; all at once unless given", check_with="rate"),
    "jitter": keys.text("how much longer or shorter an interval may be", check_with="percent"),
    "chunk": keys.text(
        "what a stream says at a time; `token` unless given",
        allowed=["character", "token", "word", "sentence"],
    ),
    "per_prompt_token": keys.text("the time that reading one token takes", check_with="duration"),
    "load": keys.place("how answers slow each other down", "dict"),
}
PERCENTILES: Schema = {
    name: keys.text(f"{name[1:]} % are not longer than this", check_with="duration")
    for name in ("p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99", "p99.9")
}
LOAD: Schema = {
    "max_concurrent": keys.count("how many answers are under way at most") | {"required": True},
    "slowdown": {
        "type": "number",
        "min": 1,
        "max": MAX_SLOWDOWN,
        "meta": {"about": "how many times as long it takes with so many under way; 1 unless given"},
    },
    "beyond": keys.text(
        "what becomes of more: they wait, or get a 429; `queue` unless given",
        allowed=["queue", "reject"],
    ),
}
FAULT: Schema = {
    "kind": keys.text("what goes wrong", required=True, allowed=list(FAULTS)),
    "after": keys.text("where in the answer", check_with="after"),
    "for": keys.text("how long it lasts; without end unless given", check_with="duration"),
    "status": keys.error_status("the HTTP status of an error or a page"),
    "retry_after": keys.text("when to try again", check_with="told_duration"),
    "message": keys.text("the error's message; the vendor's words unless given"),
}
CHAOS: Schema = {
    "when": keys.place("the conditions; every request unless given", "dict"),
    "probability": keys.text("how likely it is; `100%` unless given", check_with="percent"),
    "error": keys.place("an error of the provider: a kind, or a mapping", "text", "dict"),
    "fault": DELIVERY["fault"],
    "from": keys.text("how long after it was first loaded it begins", check_with="duration"),
    "for": keys.text("how long it goes on; without end unless given", check_with="duration"),
}
LIMIT: Schema = {
    "per": keys.text("whose it is", required=True, allowed=["api_key", "model", "session"]),
    "requests": keys.text("how many requests", check_with="quota"),
    "tokens": keys.text("how many tokens, of input and output", check_with="quota"),
    "concurrent": keys.count("how many answers at once"),
}
