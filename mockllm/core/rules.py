"""A validated configuration, ready to answer: built once at load, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Literal

from msgspec import Struct

from mockllm.core.conditions import Condition
from mockllm.core.expect import Expectation
from mockllm.core.faults import Fault
from mockllm.core.index import Index
from mockllm.core.lazy import lazy
from mockllm.core.model import ChatReply, ErrorReply, Finish, Reply, ToolCall
from mockllm.core.problems import Location
from mockllm.core.timing import Timing

MatchMode = Literal["exact", "normalized"]
SessionBy = Literal["header", "api_key"]
Validation = Literal["ignore", "warn", "reject"]
UnknownIds = Literal["refuse", "invent"]
Lifecycle = Literal["active", "deprecated", "retired"]
Capability = Literal["tools", "vision", "audio", "files", "json_schema", "reasoning"]
Pick = Literal["one", "in_order", "by_step", "drawn"]
LimitPer = Literal["api_key", "model", "session"]
WhenExhausted = Literal["repeat_last", "loop", "next_rule", "fail"]

DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024
DEFAULT_MATCH_LIMIT = 256 * 1024
DEFAULT_MAX_STALL_S = 600.0


class Canned(Struct, frozen=True, gc=False):
    """A reply that is the same for everybody, an error too."""

    reply: Reply


class Templated(Struct, frozen=True):
    """A chat reply in whose texts and arguments templates are filled in when a request comes.

    `parts` is the reply's parts as plain data, with `Template` for each text that is one.
    """

    parts: tuple[TemplatedPart, ...]


class TemplatedPart(Struct, frozen=True):
    """`kind` is `text`, `reasoning`, `refusal`, `json` or `tool_call` (then `name` is the tool's,
    and `call_id` the call's if the rule gives one).

    `value` is a template, or data with templates in it for `json` and `tool_call`.
    """

    kind: Literal["text", "reasoning", "refusal", "json", "tool_call"]
    value: Any
    name: str = ""
    call_id: str = ""


class Automatic(Struct, frozen=True):
    """What the request itself forces: a tool call, or JSON for its schema; else a text."""


class Echo(Struct, frozen=True):
    """The prompt back again."""


class Lorem(Struct, frozen=True):
    """So many tokens of filler."""

    tokens: int


class Vector(Struct, frozen=True):
    """An embedding: `values` as given, else the vector near that of the text `like`."""

    values: tuple[float, ...] = ()
    like: str = ""
    similarity: float = 1.0


class Moderation(Struct, frozen=True):
    """What a moderation says; `scores` by category."""

    flagged: tuple[str, ...] = ()
    scores: Mapping[str, float] = {}


Making = Canned | Templated | Automatic | Echo | Lorem | Vector | Moderation


class Recipe(Struct, frozen=True, dict=True):
    """How one answer is made.

    `finish` None is what follows from the answer. `usage` overrides the counts it names.
    `weight` is for drawing, `times` for sequences.
    """

    making: Making
    finish: Finish | None = None
    usage: Mapping[str, int] = {}
    headers: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0
    times: int = 1
    timing: Timing | None = None
    fault: Fault | None = None

    @lazy
    def operations(self) -> tuple[str, ...] | None:
        """The operations that can carry it, None when all can."""
        match self.making:
            case Vector():
                return ("embedding",)
            case Moderation():
                return ("moderation",)
            case Canned(ErrorReply()) | Automatic():
                return None
            case _:
                return ("chat",) if _calls_tools(self.making) else ("chat", "completion")


def _calls_tools(making: Making) -> bool:
    match making:
        case Canned(ChatReply(parts)):
            return any(isinstance(part, ToolCall) for part in parts)
        case Templated(parts=templated):
            return any(part.kind == "tool_call" for part in templated)
        case _:
            return False


class Rule(Struct, frozen=True, dict=True):
    """Conditions and answers.

    `name` is its name, its prompt, or the key it stands under; `location` is None for what is
    built in. `identity` tells it from the others through reloads: its state is kept under it.
    `yields_to_results` means that it is passed over while a tool's result is the newest message.
    `expect` None expects nothing of the requests that it answers.
    """

    name: str
    location: Location | None
    recipes: tuple[Recipe, ...]
    when: tuple[Condition, ...] = ()
    pick: Pick = "one"
    when_exhausted: WhenExhausted = "repeat_last"
    times: int | None = None
    goto: str | None = None
    identity: str = ""
    yields_to_results: bool = False
    expect: Expectation | None = None

    @lazy
    def is_stateful(self) -> bool:
        """Whether its answer depends on what else its session has sent."""
        return self.times is not None or self.pick == "in_order"

    @lazy
    def is_counted(self) -> bool:
        """Whether something depends on how often it has matched in a session."""
        templated = any(isinstance(recipe.making, Templated) for recipe in self.recipes)
        return templated or self.is_stateful

    @lazy
    def place(self) -> str | None:
        """Where it stands, `file:line`; None for what is built in."""
        return self.location.short if self.location else None


def counted(rules: int, answers: int) -> str:
    """Return how much there is in words, without what there is none of.

    >>> counted(2, 1), counted(0, 3), counted(0, 0)
    ('2 rules, 1 answer', '3 answers', '0 answers')
    """
    counts = [(rules, "rule"), (answers, "answer")]
    shown = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return ", ".join(shown) or "0 answers"


class Model(Struct, frozen=True):
    """A model that is offered, and what is known of it.

    `provider` "" means that each provider has it; None for the others means that nothing is
    known, and all is allowed. Token counts are bounds. A retired one is listed and not served.
    """

    name: str
    provider: str = ""
    aliases: tuple[str, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[Capability, ...] | None = None
    lifecycle: Lifecycle = "active"
    timing: Timing | None = None


class Chaos(Struct, frozen=True):
    """A fault that happens to a share of the requests that meet all of `when`: from `from_s`
    after the entry was first loaded on, for `for_s`. `identity` tells it
    from other entries through reloads."""

    fault: Fault
    when: tuple[Condition, ...] = ()
    probability: float = 1.0
    from_s: float = 0.0
    for_s: float = inf
    identity: str = ""


class Quota(Struct, frozen=True):
    """So much in a period, refilled continuously."""

    amount: float
    per_s: float


class Limit(Struct, frozen=True):
    """How much one API key, model or session may ask; None is without end. `identity` tells it
    from other limits through reloads."""

    per: LimitPer
    requests: Quota | None = None
    tokens: Quota | None = None
    concurrent: int | None = None
    identity: str = ""


class Settings(Struct, frozen=True):
    """The `settings` of the YAML. `seed` None means that ids are unique in every run.

    `api_keys` () means that none is asked for. `models` maps names and aliases to models; None
    means that every name is one.
    `prefixes` have no slash at the end; the longest comes first. `timing` and `fault` are those
    of `defaults`, for replies and models that have none. `state_file` None means that state is
    kept where it is kept unless said.
    """

    lag_enabled: bool = False
    lag_factor: float = 10.0
    match: MatchMode = "exact"
    seed: int | None = None
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    match_limit: int = DEFAULT_MATCH_LIMIT
    session_by: SessionBy = "header"
    require_session: bool = False
    strict: bool = False
    echo_prompts: bool = False
    auto_tools: bool = False
    validation: Validation = "warn"
    unknown_ids: UnknownIds = "refuse"
    api_keys: tuple[str, ...] = ()
    models: Mapping[str, Model] | None = None
    cors: bool = True
    prefixes: tuple[str, ...] = ()
    openai_extras: tuple[str, ...] = ()
    timing: Timing | None = None
    fault: Fault | None = None
    chaos: tuple[Chaos, ...] = ()
    limits: tuple[Limit, ...] = ()
    max_stall_s: float = DEFAULT_MAX_STALL_S
    state_file: str | None = None


class Layer(Struct, frozen=True):
    """Rules that were sent while the server runs, by their numbers in `index`, the first to be
    tried first. Numbers that are not there are of rules that no longer hold."""

    rules: Mapping[int, Rule]
    index: Index
    uses_state: bool = False


class Ruleset(Struct, frozen=True, weakref=True):
    """Everything that answers requests.

    `rules` are tried in order, before `answers`, which maps a prompt as written to its rule;
    `normalized` maps the normalized prompt to the same (the first of several), for
    `match: normalized` and for near misses. `uses_state` tells whether any rule reads the
    session's state; `files` are those that replies were read from; `profiles` are the timings that
    have names. `before` are the rules that were sent while the server runs, which go before all.
    """

    rules: tuple[Rule, ...]
    index: Index
    answers: Mapping[str, Rule]
    normalized: Mapping[str, Rule]
    unknown: Rule
    settings: Settings = Settings()
    uses_state: bool = False
    files: tuple[str, ...] = ()
    profiles: Mapping[str, Timing] = {}
    before: tuple[Layer, ...] = ()

    def each_rule(self) -> Iterator[Rule]:
        """Yield the rules in the order in which they are tried, without `answers`."""
        for layer in self.before:
            yield from layer.rules.values()
        yield from self.rules

    @property
    def content(self) -> str:
        """How much there is in it, in words."""
        return counted(len(self.rules), len(self.answers))
