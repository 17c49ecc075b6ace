"""Small values for tests of the core."""

from __future__ import annotations

from mockllm.core.compose import canned
from mockllm.core.model import Message, Part, Request, Sampling, Text
from mockllm.core.problems import Location
from mockllm.core.rules import MatchMode, Rule, Ruleset, Settings
from mockllm.core.text import normalize


def request(*messages: Message, sampling: Sampling | None = None) -> Request:
    return Request("chat", "openai", "gpt-4o", messages, sampling or Sampling())


def user(*parts: str | Part) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def ruleset(answers: dict[str, str], match: MatchMode = "exact") -> Ruleset:
    rules = {
        prompt: Rule(prompt, Location("r.yml", line, 3), canned(answer))
        for line, (prompt, answer) in enumerate(answers.items(), start=2)
    }
    return Ruleset(
        rules,
        {normalize(prompt): rule for prompt, rule in rules.items()},
        Rule("unknown_response", None, canned("?")),
        Settings(match=match),
    )
