"""The table: which keys there are, where, and what each takes.

These are Cerberus schemas, one for each kind of mapping in a file (`PLACES`). `text` is any
scalar, taken as written. A mapping inside a mapping is a place of its own and validated by
itself, because Cerberus is quadratic in the errors of one run (10,000 wrong keys took 156 s in
one run and 0.5 s in one run for each, Cerberus 1.3.8); so there is no `*of` rule, no `valuesrules`
and no sub-schema on anything that repeats. `meta` holds what the manual says.
"""

from __future__ import annotations

from mockllm.config import schema_keys as keys
from mockllm.config.schema_delivery import CHAOS, DELIVERY, FAULT, LIMIT, LOAD, PERCENTILES, TIMING
from mockllm.config.schema_keys import MAX_COUNT, PROVIDERS, Schema
from mockllm.config.schema_settings import MODEL, SETTINGS, STATE

MAX_LOREM_TOKENS = 1_000_000

ERROR_KINDS = {
    "rate_limit": 429,
    "overloaded": 529,
    "auth": 401,
    "permission": 403,
    "not_found": 404,
    "invalid": 400,
    "context_length": 400,
    "content_filter": 400,
    "server": 500,
}
"""The kinds of errors, with the status of the common case."""

FINISHES = [
    "stop", "stop_sequence", "length", "tool_calls", "content_filter", "refusal", "pause",
    "context_length",
]  # fmt: skip
HAS = ["image", "audio", "file"]
OPERATIONS = ["chat", "completion", "embedding", "moderation"]
MODERATION_CATEGORIES = [
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
]  # fmt: skip


WHEN: Schema = {
    "always": keys.only_true("matches every request; stands alone"),
    "equals": keys.texts("the prompt is this text"),
    "contains": keys.texts("the prompt contains this text"),
    "contains_all": {
        "type": "list",
        "empty": False,
        "schema": {"type": "text", "empty": False},
        "meta": {"about": "the prompt contains every one of these texts"},
    },
    "starts_with": keys.texts("the prompt starts with this text"),
    "ends_with": keys.texts("the prompt ends with this text"),
    "regex": keys.texts("this RE2 expression is found in the prompt"),
    "system_contains": keys.texts("the system or developer message contains this text"),
    "any_message_contains": keys.texts("some message contains this text"),
    "tool_result_contains": keys.texts("a tool result that has just come contains this text"),
    "model": keys.texts("the model asked for, a glob"),
    "provider": keys.texts("whose API was called", allowed=PROVIDERS),
    "operation": keys.texts("what was called; `chat` for every vendor's chat", allowed=OPERATIONS),
    "path": keys.texts("the path of the URL, a glob"),
    "stream": keys.flag("whether a stream was asked for"),
    "response_format": keys.texts(
        "what the answer must be", allowed=["text", "json_object", "json_schema"]
    ),
    "schema": keys.texts("the name of the JSON Schema asked for, a glob"),
    "has": keys.texts("the request holds an image, audio or a file", allowed=HAS),
    "params": keys.place(
        "members of the body by dotted path, each with a value or a list", "dict", empty=False
    ),
    "tool_offered": keys.texts("a tool of this name is offered, a glob"),
    "tool_choice": keys.texts("`auto`, `none`, `required`, or the name of the forced tool, a glob"),
    "tool_result": keys.texts("the result of a tool of this name has just come, a glob"),
    "turn": keys.texts("which user prompt this is, from 1: `3`, `3+` or `3-5`"),
    "step": keys.texts("which step of the agent's loop, from 1: `3`, `3+`, `3-5`"),
    "input_tokens": keys.texts(
        "the size of the input in tokens, tools included: `3`, `3+` or `3-5`"
    ),
    "headers": keys.place(
        "request headers by name, each with a glob or a list of them", "dict", empty=False
    ),
    "api_key": keys.texts("the key sent, a glob"),
    "session": keys.texts("the session's name, a glob"),
    "state": keys.texts("the session's state, set by `goto`; `start` at first; a glob"),
}
WHEN["not"] = keys.place("one mapping of the same keys; each of them must fail", "dict")

NOT: Schema = {key: rules for key, rules in WHEN.items() if key not in ("not", "always")}

REPLY: Schema = {
    "text": keys.text("the answer"),
    "template": keys.text("the answer as a Jinja template"),
    "json": {"nullable": True, "meta": {"about": "the answer as data, sent as JSON text"}},
    "tool_calls": keys.place(
        "calls of tools, each with `name` and `arguments`", "list", empty=False
    ),
    "parts": keys.place(
        "texts, reasoning, refusals and tool calls in this order", "list", empty=False
    ),
    "refusal": keys.text("the answer, as a refusal"),
    "error": keys.place("an error of the provider: a kind, or a mapping", "text", "dict"),
    "embedding": keys.place(
        "a vector: a list of numbers, or `like` and `similarity`", "list", "dict"
    ),
    "moderation": keys.place("what a moderation flags", "dict"),
    "file": keys.text("the answer stands in this file, beside the YAML"),
    "lorem": keys.place("filler of so many tokens", "dict"),
    "echo": keys.only_true("the prompt back again"),
    "auto": keys.only_true("what the request forces: a tool call or JSON for its schema"),
    "reasoning": keys.text("what the model thinks before it answers"),
    "finish": keys.text("why the answer ends", allowed=FINISHES),
    "usage": keys.place("token counts to report instead of the estimate", "dict"),
    "headers": keys.place("response headers besides the vendor's", "dict"),
    "render": keys.flag("every text in `json`, `tool_calls` or `parts` is a template"),
    **DELIVERY,
}
KINDS = [
    "text", "template", "json", "tool_calls", "parts", "refusal", "error", "embedding",
    "moderation", "file", "lorem", "echo", "auto",
]  # fmt: skip
"""A reply has exactly one of these; `text` may stand beside `tool_calls`."""

SEQUENCE_ITEM: Schema = {**REPLY, "times": keys.count("how often this item answers")}
DRAWN_ITEM: Schema = {
    **REPLY,
    "weight": {
        "type": "number",
        "min": 0.000001,
        "max": MAX_COUNT,
        "meta": {"about": "how likely this item is, compared with the others"},
    },
}
STEPS: Schema = {
    "steps": keys.place("item n answers step n of the agent's loop", "list", empty=False)
}

RULE: Schema = {
    "name": keys.text("names the rule in logs; its state is kept under it", empty=False),
    "when": keys.place("the conditions; all of them must hold", "dict") | {"required": True},
    "reply": keys.place("the answer", "text", "dict"),
    "replies": keys.place("answers in order, counted per session", "list", empty=False),
    "steps": STEPS["steps"],
    "one_of": keys.place("answers to draw from", "list", empty=False),
    "times": keys.count("matches so often per session, then steps aside"),
    "when_exhausted": keys.text(
        "what follows the last of `replies`",
        allowed=["repeat_last", "loop", "next_rule", "fail"],
    ),
    "goto": keys.text("the state that the session is in after this answer", empty=False),
    "expect": keys.place("what `mockllm verify` expects of its requests", "dict", empty=False),
}
CHOICES = ["reply", "replies", "steps", "one_of"]
"""A rule has exactly one of these."""

EXPECT: Schema = {
    "exactly": keys.count("this many requests", 0),
    "at_least": keys.count("this many requests or more; 1 where no number is given"),
    "at_most": keys.count("this many requests or fewer", 0),
    "after_rule": keys.text(
        "the session has used the rule of this name before each of them", empty=False
    ),
    "each": keys.place("conditions, as in `when`, that each of them meets", "dict"),
}

TOOL_CALL: Schema = {
    "name": keys.text("the tool's name", required=True, empty=False),
    "arguments": keys.place("the arguments; {} unless given", "dict"),
    "id": keys.text("the call's id; made up unless given", empty=False),
}
PART: Schema = {
    "text": REPLY["text"],
    "template": REPLY["template"],
    "reasoning": REPLY["reasoning"],
    "refusal": REPLY["refusal"],
    "tool_call": keys.place("a call of a tool", "dict"),
}
ERROR: Schema = {
    "kind": keys.text("what went wrong", allowed=list(ERROR_KINDS)),
    "status": keys.error_status("the HTTP status"),
    "message": keys.text("the message; the vendor's words unless given"),
    "retry_after": keys.text("when to try again, such as `2s`", check_with="told_duration"),
}
EMBEDDING: Schema = {
    "like": keys.text("a text whose vector this one is near", required=True),
    "similarity": {
        "type": "number",
        "min": -1,
        "max": 1,
        "meta": {"about": "the cosine between the two; 1 unless given"},
    },
}
MODERATION: Schema = {
    "flagged": {
        "type": "list",
        "schema": {"type": "text", "allowed": MODERATION_CATEGORIES},
        "required": True,
        "meta": {"about": "the categories that are flagged"},
    }
}
LOREM: Schema = {"tokens": keys.count("how many", 0, MAX_LOREM_TOKENS) | {"required": True}}
USAGE: Schema = {
    f"{name}_tokens": keys.count(f"{about} tokens", 0, 2**53)
    for name, about in (
        ("input", "input"),
        ("output", "output"),
        ("cached", "cached"),
        ("reasoning", "reasoning"),
        ("cache_write", "newly cached"),
    )
}

DEFAULTS: Schema = {
    "unknown_response": keys.place(
        "what every message gets that nothing else answers", "text", "dict"
    ),
    **DELIVERY,
}

TOP: Schema = {
    "responses": keys.place("prompts and their answers", "dict"),
    "rules": keys.place("tried in order, before `responses`", "list"),
    "defaults": {"type": "dict", "schema": DEFAULTS, "meta": {"about": "what applies to all"}},
    "settings": {"type": "dict", "schema": SETTINGS, "meta": {"about": "how the server behaves"}},
}

PLACES: dict[str, tuple[Schema, str]] = {
    "top": (TOP, "at the top level"),
    "rule": (RULE, "in a rule"),
    "when": (WHEN, "in 'when'"),
    "not": (NOT, "in 'not'"),
    "reply": (REPLY, "in a reply"),
    "expect": (EXPECT, "in 'expect'"),
    "steps": (STEPS, "in an answer"),
    "sequence item": (SEQUENCE_ITEM, "in an item of 'replies'"),
    "drawn item": (DRAWN_ITEM, "in an item of 'one_of'"),
    "part": (PART, "in a part"),
    "tool call": (TOOL_CALL, "in a tool call"),
    "error": (ERROR, "in 'error'"),
    "embedding": (EMBEDDING, "in 'embedding'"),
    "moderation": (MODERATION, "in 'moderation'"),
    "lorem": (LOREM, "in 'lorem'"),
    "usage": (USAGE, "in 'usage'"),
    "model": (MODEL, "in a model"),
    "timing": (TIMING, "in 'timing'"),
    "percentiles": (PERCENTILES, "in percentiles"),
    "load": (LOAD, "in 'load'"),
    "fault": (FAULT, "in 'fault'"),
    "chaos": (CHAOS, "in 'chaos'"),
    "limit": (LIMIT, "in 'limits'"),
    "state": (STATE, "in 'state'"),
}
"""Each kind of mapping: its schema, and words for where a key of it stands."""

HOMES = {
    key: home
    for home, schema in (
        ("in a reply", REPLY),
        ("in a rule", RULE),
        ("under 'when'", WHEN),
        ("under 'defaults'", DEFAULTS),
        ("under 'settings'", SETTINGS),
        ("at the top level of a file", TOP),
    )
    for key in schema
} | {
    **dict.fromkeys(DELIVERY, "in a reply or under 'defaults'"),
    "state": "under 'when' or 'settings'",
}
"""Where a key belongs, for those who put it elsewhere."""

TYPE_WORDS = {
    "text": "text",
    "string": "text",
    "dict": "a mapping",
    "list": "a list",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}
