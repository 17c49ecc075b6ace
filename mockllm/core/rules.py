"""A validated configuration, ready to answer: built once at load, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from mockllm.core.model import ChatReply
from mockllm.core.problems import Location

MatchMode = Literal["exact", "normalized"]

DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024


class Rule(Struct, frozen=True, gc=False):
    """One answer. `name` is its prompt, or the key it stands under.

    `location` is None for what is built in.
    """

    name: str
    location: Location | None
    reply: ChatReply


class Settings(Struct, frozen=True):
    """The `settings` of the YAML. `seed` None means that ids are unique in every run."""

    lag_enabled: bool = False
    lag_factor: float = 10.0
    match: MatchMode = "exact"
    seed: int | None = None
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES


class Ruleset(Struct, frozen=True):
    """Everything that answers requests.

    `answers` maps a prompt as written to its rule; `normalized` maps the normalized prompt to
    the same rules (the first of several), for `match: normalized` and for near misses.
    """

    answers: Mapping[str, Rule]
    normalized: Mapping[str, Rule]
    unknown: Rule
    settings: Settings = Settings()
