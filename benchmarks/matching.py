"""What it costs to find the rule for a prompt. Every prompt is distinct and 2,000 characters long.

Of the rules 60 % are exact, 30 % look for a text and 10 % for a regular expression. Half of the
prompts meet some rule, half meet none.
"""

from __future__ import annotations

import random
import statistics
import time

from mockllm.config.build import build
from mockllm.config.load import read_document
from mockllm.core import match
from mockllm.core.model import Message, Request, Text
from mockllm.core.raw import Raw
from mockllm.core.rules import Ruleset
from mockllm.core.subject import Subject

PROMPTS = 1_000
CHARACTERS = 2_000


def main() -> None:
    """Print the cost for each number of rules."""
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9)))
             for _ in range(20_000)]  # fmt: skip
    print(f"{'rules':>7} {'median':>9} {'p99':>9}")
    for count in (10, 1_000, 10_000):
        needles = [" ".join(draw.choices(words, k=3)) for _ in range(count)]
        ruleset = rules(needles)
        times_s = [timed_s(ruleset, prompt(draw, words, needles)) for _ in range(PROMPTS)]
        p99_s = statistics.quantiles(times_s, n=100)[98]
        print(f"{count:7} {statistics.median(times_s) * 1e6:6.0f} µs {p99_s * 1e6:6.0f} µs")


def rules(needles: list[str]) -> Ruleset:
    """Return a ruleset whose rules look for these needles."""
    lines = []
    for number, needle in enumerate(needles):
        kind = number % 10
        if kind < 6:
            when = f'equals: "{needle}"'
        elif kind < 9:
            when = f'contains: "{needle}"'
        else:
            when = f"regex: '{needle} [0-9]+'"
        lines.append(f"  - {{when: {{{when}}}, reply: a}}\n")
    document, problems = read_document("rules.yml", ("rules:\n" + "".join(lines)).encode())
    assert document is not None
    assert list(problems) == []
    return build([document])


def prompt(draw: random.Random, words: list[str], needles: list[str]) -> str:
    """Return a prompt that nobody has sent before; every other one holds a needle."""
    text = " ".join(draw.choices(words, k=CHARACTERS // 4))[: CHARACTERS - 40]
    return f"{text} {draw.choice(needles)} 42" if draw.random() < 0.5 else text


def timed_s(ruleset: Ruleset, text: str) -> float:
    """Return how long it takes to find the first rule for a prompt."""
    request = Request("chat", "openai", "m", (Message("user", (Text(text),)),))
    raw = Raw("POST", "/v1/chat/completions", "", {}, b"{}")
    started_s = time.perf_counter()
    next(match.matching(ruleset, Subject(request, raw)), None)
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()
