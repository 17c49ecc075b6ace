"""The table of `settings`."""

from __future__ import annotations

from mockllm.config import schema_keys as keys
from mockllm.config.schema_delivery import DELIVERY
from mockllm.config.schema_keys import PROVIDERS, Schema

MIN_LAG_FACTOR = 0.01
MAX_LAG_FACTOR = 1_000_000
MAX_SEED = 2**63 - 1
MAX_TOKENS = 2**53
OPENAI_EXTRAS = ["openrouter", "groq", "deepseek", "mistral", "vllm"]
LIFECYCLES = ["active", "deprecated", "retired"]
CAPABILITIES = ["tools", "vision", "audio", "files", "json_schema", "reasoning"]

SETTINGS: Schema = {
    "lag_enabled": keys.flag("answer at the speed of a model"),
    "lag_factor": {
        "type": "number",
        "min": MIN_LAG_FACTOR,
        "max": MAX_LAG_FACTOR,
        "meta": {"about": "ten times this many characters a second"},
    },
    "match": keys.text("how prompts are compared", allowed=["exact", "normalized"]),
    "match_limit": keys.text("how much of a prompt's end is looked at", check_with="size"),
    "seed": keys.count("makes ids, timing and draws repeatable", 0, MAX_SEED),
    "max_body": keys.text("the largest request body", check_with="size"),
    "session_by": keys.text(
        "what tells sessions apart when neither header nor URL does",
        allowed=["header", "api_key"],
    ),
    "require_session": keys.flag("a request without a session is refused"),
    "strict": keys.flag("a request that no rule answers gets a 404 that says why"),
    "echo_prompts": keys.flag("that 404 may quote the request"),
    "auto_tools": keys.flag("the one tool that clearly fits is called, unasked"),
    "prefixes": {
        "type": "list",
        "check_with": "prefix_count",
        "schema": {"type": "text", "empty": False, "check_with": "prefix"},
        "meta": {"about": "what may stand in place of `/v1` in a URL, such as `/gateway/openai`"},
    },
    "validation": keys.text(
        "what becomes of a request that the real API would refuse",
        allowed=["ignore", "warn", "reject"],
    ),
    "unknown_ids": keys.text(
        "what becomes of the id of an object that was never made",
        allowed=["refuse", "invent"],
    ),
    "api_keys": keys.listed("the keys that are let in; any and none unless given"),
    "models": keys.place(
        "the models there are, each a name or a mapping; every name is one unless given",
        "list",
        empty=False,
    ),
    "openai_extras": {
        **keys.listed("whose members OpenAI's chat has besides its own", allowed=OPENAI_EXTRAS),
        "empty": True,
    },
    "cors": keys.flag("web pages may call the vendors' APIs"),
    "profiles": keys.place("timings by name", "dict"),
    "chaos": keys.place("what goes wrong at random; the first entry that hits counts", "list"),
    "limits": keys.place("how much clients may ask", "list"),
    "max_stall": keys.text("the longest that a fault holds a connection", check_with="duration"),
    "state": keys.place("where what is remembered between requests is kept", "dict"),
}

STATE: Schema = {
    "sqlite": keys.text(
        "a file, relative to the YAML, that outlasts the server", required=True, empty=False
    ),
}

MODEL: Schema = {
    "name": keys.text("what clients ask for", required=True, empty=False),
    "provider": keys.text("whose model it is; everyone's unless given", allowed=PROVIDERS),
    "aliases": keys.listed("other names of it"),
    "context_tokens": keys.count("how much it takes in", 1, MAX_TOKENS),
    "max_output_tokens": keys.count("how much it says at most", 1, MAX_TOKENS),
    "lifecycle": keys.text("a retired one is listed and not served", allowed=LIFECYCLES),
    "capabilities": {
        **keys.listed("what it can do; everything unless given", allowed=CAPABILITIES),
        "empty": True,
    },
    "timing": DELIVERY["timing"],
}
