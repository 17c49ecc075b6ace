"""Small values for tests of the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mockllm.core.compose import Occasion, canned
from mockllm.core.conditions import Condition, TextIs
from mockllm.core.draws import Draws
from mockllm.core.index import build_index
from mockllm.core.match import Match
from mockllm.core.model import (
    Message,
    Part,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from mockllm.core.problems import Location
from mockllm.core.raw import Raw
from mockllm.core.rules import Canned, MatchMode, Recipe, Rule, Ruleset, Settings
from mockllm.core.subject import MATCH_LIMIT_BYTES, START, Subject
from mockllm.core.text import normalize

UNKNOWN = Rule("unknown_response", None, (Recipe(Canned(canned("?"))),))
DRAWS = Draws(b"k")


def request(
    *messages: Message,
    sampling: Sampling | None = None,
    tools: tuple[Tool, ...] = (),
    tool_choice: ToolChoice | None = None,
    response_format: ResponseFormat | None = None,
) -> Request:
    return Request(
        "chat",
        "openai",
        "gpt-4o",
        messages,
        sampling or Sampling(),
        tools=tools,
        tool_choice=tool_choice or ToolChoice(),
        response_format=response_format or ResponseFormat(),
    )


def user(*parts: str | Part) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def system(text: str, role: str = "system") -> Message:
    return Message(role, (Text(text),))


def assistant(*parts: str | Part) -> Message:
    return Message(
        "assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts)
    )


def call(name: str, call_id: str = "c1", arguments: str = "{}") -> Message:
    return assistant(ToolCall(call_id, name, arguments))


def result(text: str, call_id: str = "c1", *beside: Part) -> Message:
    """Return a tool's result, with what stands beside it."""
    return Message("tool", (ToolResult(call_id, (Text(text),)), *beside))


def raw(
    path: str = "/v1/chat/completions",
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Raw:
    return Raw("POST", path, "", headers or {}, msgspec.json.encode(body or {}))


def subject_of(
    asked: Request | str,
    sent: Raw | None = None,
    session: str = "default",
    state: str = START,
    match_limit: int = MATCH_LIMIT_BYTES,
) -> Subject:
    """Return a subject; a text is one user message."""
    if isinstance(asked, str):
        asked = request(user(asked))
    return Subject(asked, sent or raw(), session, state, match_limit)


def occasion(subject: Subject, rule: Rule = UNKNOWN, calls: int = 1) -> Occasion:
    """Return what a recipe is made for: the first prompt of `subject`, matched by `rule`."""
    text = subject.prompts[0] if subject.prompts else None
    return Occasion(subject, Match(rule, text), calls, DRAWS, 1_700_000_000.5)


def contains(*needles: str) -> TextIs:
    return TextIs("contains", "contains", needles)


def rule(*when: Condition, name: str = "rule", answer: str = "yes") -> Rule:
    return Rule(name, Location("r.yml", 1, 3), (Recipe(Canned(canned(answer))),), when)


def ruleset(
    answers: Mapping[str, str] | None = None,
    match: MatchMode = "exact",
    rules: tuple[Rule, ...] = (),
) -> Ruleset:
    """Return a ruleset whose answers stand in lines 2, 3 and so on."""
    made = {
        prompt: Rule(prompt, Location("r.yml", line, 3), (Recipe(Canned(canned(answer))),))
        for line, (prompt, answer) in enumerate((answers or {}).items(), start=2)
    }
    return Ruleset(
        rules,
        build_index([each.when for each in rules]),
        made,
        {normalize(prompt): each for prompt, each in made.items()},
        UNKNOWN,
        Settings(match=match),
    )
