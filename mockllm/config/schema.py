"""The table: which keys there are, where, and what each takes.

These are Cerberus schemas, one for each kind of mapping in a file (`PLACES`). `text` is any
scalar, taken as written. A mapping inside a mapping is a place of its own and validated by
itself, because Cerberus is quadratic in the errors of one run (10,000 wrong keys took 156 s in
one run and 0.5 s in one run for each, Cerberus 1.3.8); so there is no `*of` rule, no `valuesrules`
and no sub-schema on anything that repeats. `meta` holds what the manual says.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, dict[str, Any]]

MIN_LAG_FACTOR = 0.01
MAX_LAG_FACTOR = 1_000_000
MAX_SEED = 2**63 - 1
MAX_COUNT = 1_000_000
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
PROVIDERS = ["openai", "anthropic", "gemini"]
OPERATIONS = ["chat", "completion", "embedding", "moderation"]
MODERATION_CATEGORIES = [
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
]  # fmt: skip


def _text(about: str, **rules: Any) -> dict[str, Any]:
    return {"type": "text", "meta": {"about": about}, **rules}


def _texts(about: str, **rules: Any) -> dict[str, Any]:
    """One text or a list of them; neither may be empty."""
    return {
        "type": ["text", "list"],
        "empty": False,
        "schema": {"type": "text", "empty": False, **rules},
        "meta": {"about": about},
        **rules,
    }


def _flag(about: str) -> dict[str, Any]:
    return {"type": "boolean", "meta": {"about": about}}


def _only_true(about: str) -> dict[str, Any]:
    return {"type": "boolean", "allowed": [True], "meta": {"about": about}}


def _count(about: str, low: int = 1, high: int = MAX_COUNT) -> dict[str, Any]:
    return {"type": "integer", "min": low, "max": high, "meta": {"about": about}}


def _place(about: str, *types: str, empty: bool = True) -> dict[str, Any]:
    """A key whose value is one or more places of their own."""
    return {"type": list(types), "meta": {"about": about}} | ({} if empty else {"empty": False})


def _not_yet(about: str) -> dict[str, Any]:
    return {"check_with": "not_yet", "meta": {"about": about}}


WHEN: Schema = {
    "always": _only_true("matches every request; stands alone"),
    "equals": _texts("the prompt is this text"),
    "contains": _texts("the prompt contains this text"),
    "contains_all": {
        "type": "list",
        "empty": False,
        "schema": {"type": "text", "empty": False},
        "meta": {"about": "the prompt contains every one of these texts"},
    },
    "starts_with": _texts("the prompt starts with this text"),
    "ends_with": _texts("the prompt ends with this text"),
    "regex": _texts("this RE2 expression is found in the prompt"),
    "system_contains": _texts("the system or developer message contains this text"),
    "any_message_contains": _texts("some message contains this text"),
    "tool_result_contains": _texts("a tool result that has just come contains this text"),
    "model": _texts("the model asked for, a glob"),
    "provider": _texts("whose API was called", allowed=PROVIDERS),
    "operation": _texts("what was called; `chat` for every vendor's chat", allowed=OPERATIONS),
    "path": _texts("the path of the URL, a glob"),
    "stream": _flag("whether a stream was asked for"),
    "response_format": _texts(
        "what the answer must be", allowed=["text", "json_object", "json_schema"]
    ),
    "schema": _texts("the name of the JSON Schema asked for, a glob"),
    "has": _texts("the request holds an image, audio or a file", allowed=HAS),
    "params": _place(
        "members of the body by dotted path, each with a value or a list", "dict", empty=False
    ),
    "tool_offered": _texts("a tool of this name is offered, a glob"),
    "tool_choice": _texts("`auto`, `none`, `required`, or the name of the forced tool, a glob"),
    "tool_result": _texts("the result of a tool of this name has just come, a glob"),
    "turn": _texts("which user prompt this is, from 1: `3`, `3+` or `3-5`"),
    "step": _texts("which step of the agent's loop, from 1: `3`, `3+`, `3-5`"),
    "input_tokens": _texts("the size of the input in tokens, tools included: `3`, `3+` or `3-5`"),
    "headers": _place(
        "request headers by name, each with a glob or a list of them", "dict", empty=False
    ),
    "api_key": _texts("the key sent, a glob"),
    "session": _texts("the session's name, a glob"),
    "state": _texts("the session's state, set by `goto`; `start` at first; a glob"),
}
WHEN["not"] = _place("one mapping of the same keys; each of them must fail", "dict")

NOT: Schema = {key: rules for key, rules in WHEN.items() if key not in ("not", "always")}

REPLY: Schema = {
    "text": _text("the answer"),
    "template": _text("the answer as a Jinja template"),
    "json": {"nullable": True, "meta": {"about": "the answer as data, sent as JSON text"}},
    "tool_calls": _place("calls of tools, each with `name` and `arguments`", "list", empty=False),
    "parts": _place("texts, reasoning, refusals and tool calls in this order", "list", empty=False),
    "refusal": _text("the answer, as a refusal"),
    "error": _place("an error of the provider: a kind, or a mapping", "text", "dict"),
    "embedding": _place("a vector: a list of numbers, or `like` and `similarity`", "list", "dict"),
    "moderation": _place("what a moderation flags", "dict"),
    "file": _text("the answer stands in this file, beside the YAML"),
    "lorem": _place("filler of so many tokens", "dict"),
    "echo": _only_true("the prompt back again"),
    "auto": _only_true("what the request forces: a tool call or JSON for its schema"),
    "reasoning": _text("what the model thinks before it answers"),
    "finish": _text("why the answer ends", allowed=FINISHES),
    "usage": _place("token counts to report instead of the estimate", "dict"),
    "headers": _place("response headers besides the vendor's", "dict"),
    "render": _flag("every text in `json`, `tool_calls` or `parts` is a template"),
    "timing": _not_yet("when the pieces come"),
    "fault": _not_yet("what goes wrong on the way"),
}
KINDS = [
    "text", "template", "json", "tool_calls", "parts", "refusal", "error", "embedding",
    "moderation", "file", "lorem", "echo", "auto",
]  # fmt: skip
"""A reply has exactly one of these; `text` may stand beside `tool_calls`."""

SEQUENCE_ITEM: Schema = {**REPLY, "times": _count("how often this item answers")}
DRAWN_ITEM: Schema = {
    **REPLY,
    "weight": {
        "type": "number",
        "min": 0.000001,
        "max": MAX_COUNT,
        "meta": {"about": "how likely this item is, compared with the others"},
    },
}
STEPS: Schema = {"steps": _place("item n answers step n of the agent's loop", "list", empty=False)}

RULE: Schema = {
    "name": _text("names the rule in logs; its state is kept under it", empty=False),
    "when": _place("the conditions; all of them must hold", "dict") | {"required": True},
    "reply": _place("the answer", "text", "dict"),
    "replies": _place("answers in order, counted per session", "list", empty=False),
    "steps": STEPS["steps"],
    "one_of": _place("answers to draw from", "list", empty=False),
    "times": _count("matches so often per session, then steps aside"),
    "when_exhausted": _text(
        "what follows the last of `replies`",
        allowed=["repeat_last", "loop", "next_rule", "fail"],
    ),
    "goto": _text("the state that the session is in after this answer", empty=False),
    "expect": _not_yet("how often the rule must be used"),
}
CHOICES = ["reply", "replies", "steps", "one_of"]
"""A rule has exactly one of these."""

TOOL_CALL: Schema = {
    "name": _text("the tool's name", required=True, empty=False),
    "arguments": _place("the arguments; {} unless given", "dict"),
    "id": _text("the call's id; made up unless given", empty=False),
}
PART: Schema = {
    "text": REPLY["text"],
    "template": REPLY["template"],
    "reasoning": REPLY["reasoning"],
    "refusal": REPLY["refusal"],
    "tool_call": _place("a call of a tool", "dict"),
}
ERROR: Schema = {
    "kind": _text("what went wrong", allowed=list(ERROR_KINDS)),
    "status": _count("the HTTP status", 400, 599),
    "message": _text("the message; the vendor's words unless given"),
    "retry_after": _text("when to try again, such as `2s`", check_with="duration"),
}
EMBEDDING: Schema = {
    "like": _text("a text whose vector this one is near", required=True),
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
LOREM: Schema = {"tokens": _count("how many", 0, MAX_LOREM_TOKENS) | {"required": True}}
USAGE: Schema = {
    f"{name}_tokens": _count(f"{about} tokens", 0, 2**53)
    for name, about in (
        ("input", "input"),
        ("output", "output"),
        ("cached", "cached"),
        ("reasoning", "reasoning"),
        ("cache_write", "newly cached"),
    )
}

DEFAULTS: Schema = {
    "unknown_response": _place("what every message gets that nothing else answers", "text", "dict"),
    "timing": REPLY["timing"],
    "fault": REPLY["fault"],
}

SETTINGS: Schema = {
    "lag_enabled": _flag("answer at the speed of a model"),
    "lag_factor": {
        "type": "number",
        "min": MIN_LAG_FACTOR,
        "max": MAX_LAG_FACTOR,
        "meta": {"about": "ten times this many characters a second"},
    },
    "match": _text("how prompts are compared", allowed=["exact", "normalized"]),
    "match_limit": _text("how much of a prompt's end is looked at", check_with="size"),
    "seed": _count("makes ids, timing and draws repeatable", 0, MAX_SEED),
    "max_body": _text("the largest request body", check_with="size"),
    "session_by": _text(
        "what tells sessions apart when neither header nor URL does",
        allowed=["header", "api_key"],
    ),
    "require_session": _flag("a request without a session is refused"),
    "strict": _flag("a request that no rule answers gets a 404 that says why"),
    "echo_prompts": _flag("that 404 may quote the request"),
    "auto_tools": _flag("the one tool that clearly fits is called, unasked"),
    "prefixes": {
        "type": "list",
        "check_with": "prefix_count",
        "schema": {"type": "text", "empty": False, "check_with": "prefix"},
        "meta": {"about": "what may stand in place of `/v1` in a URL, such as `/gateway/openai`"},
    },
    "cors": _flag("web pages may call the vendors' APIs"),
    "chaos": _not_yet("what goes wrong at random"),
    "limits": _not_yet("how much a client may ask"),
}

TOP: Schema = {
    "responses": _place("prompts and their answers", "dict"),
    "rules": _place("tried in order, before `responses`", "list"),
    "defaults": {"type": "dict", "schema": DEFAULTS, "meta": {"about": "what applies to all"}},
    "settings": {"type": "dict", "schema": SETTINGS, "meta": {"about": "how the server behaves"}},
}

PLACES: dict[str, tuple[Schema, str]] = {
    "top": (TOP, "at the top level"),
    "rule": (RULE, "in a rule"),
    "when": (WHEN, "in 'when'"),
    "not": (NOT, "in 'not'"),
    "reply": (REPLY, "in a reply"),
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
        ("at the top level", TOP),
    )
    for key in schema
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
