"""What docs/providers/openai.md says is what the program does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from flask import Flask

from mockllm.providers.openai import (
    completions,
    completions_schema,
    dialect,
    embeddings,
    embeddings_schema,
    inputs,
    moderations_schema,
    responses_schema,
    schema,
)
from mockllm.providers.registry import OPERATIONS
from mockllm.state import memory
from tests.conftest import MakeApp
from tests.contract.cases import sse_events
from tests.contract.every_case import CHATS, SPOKEN
from tests.contract.test_operations import ask
from tests.contract.test_replies import ERRORS

TEXT = (Path(__file__).parents[2] / "docs" / "providers" / "openai.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"`([^`]+)`")
SHARED = "/v1/models"
VARIABLE = re.compile(r"<(?:path:)?(\w+)>")


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    level = heading.partition(" ")[0]
    rest = TEXT.split(f"\n{heading}\n")[1]
    return re.split(rf"^#{{2,{len(level)}}} ", rest, flags=re.MULTILINE)[0]


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables below a heading, without the tables' heads."""
    lines = section(heading).splitlines()
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("| ") and not is_head:
            yield [cell.strip() for cell in line.strip("|").split(" |")]


def written(route: str) -> str:
    """Return a route as the page has it."""
    return VARIABLE.sub(r"{\1}", route).replace("{name}", "{model}")


def test_routes_are_those_of_the_application(app: Flask) -> None:
    served = {
        f"{method} {written(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if str(rule.endpoint).startswith("openai.")
        or (str(rule.endpoint).startswith("shared.") and rule.rule.startswith(SHARED))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {QUOTED.findall(row[0])[0] for row in rows("## Routes")} == served


def test_operations_are_those_of_the_registry() -> None:
    told = [[cell.strip("`") for cell in row[1:]] for row in rows("## Routes") if len(row) == 4]

    assert told == [
        [name, operation.NAME, "yes" if operation.stream else "no"]
        for name, operation in OPERATIONS.items()
        if name.startswith("openai.")
    ]


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("### Chat completions", schema.ChatRequest),
        ("### Responses", responses_schema.ResponsesRequest),
        ("### Completions", completions_schema.CompletionRequest),
        ("### Embeddings", embeddings_schema.EmbeddingRequest),
        ("### Moderations", moderations_schema.ModerationRequest),
    ],
)
def test_members_are_those_that_are_read(heading: str, struct: type[msgspec.Struct]) -> None:
    told = [member for row in rows(heading) for member in QUOTED.findall(row[0])]

    assert sorted(told) == sorted(struct.__struct_fields__)


def test_finishes_are_those_of_the_contract() -> None:
    names = ("openai.chat", "openai.responses", "openai.completions")
    told = {
        row[0].strip("`"): [cell.strip("` ") for cell in row[1:]]
        for row in rows("## How answers end")
    }

    finishes = [SPOKEN[name].finishes for name in names]
    assert told == {
        finish: [each[finish] for each in finishes] for finish in CHATS[names[0]].finishes
    }


ITEMS: Mapping[str, str] = {
    "text": '"hello"',
    "refusal": "{refusal: No way.}",
    "reasoning": "{reasoning: Hm hm., tool_calls: [{name: f, arguments: {a: b}}]}",
    "function call": "{tool_calls: [{name: f, arguments: {a: b}}]}",
    "custom call": "{tool_calls: [{name: shell, arguments: {input: ls -l}}]}",
}


@pytest.mark.parametrize("item", ITEMS)
def test_events_of_a_response_are_those_that_come(item: str, make_app: MakeApp) -> None:
    app = make_app(f"responses: {{go: {ITEMS[item]}}}")
    tools = {"tools": [{"type": "custom", "name": "shell"}], "stream": True}
    case = CHATS["openai.responses"]

    streamed = ask(app, case, {**case.body("go"), **tools})
    names = [event["type"].removeprefix("response.") for event in sse_events(streamed.data)]
    came = [name for number, name in enumerate(names) if name != names[number - 1]]

    told = {row[0]: QUOTED.findall(row[1]) for row in rows("## Streams")}
    assert came[:2] == ["created", "in_progress"]
    assert came[2:][: len(told[item])] == told[item]
    assert names[-1] == "completed"
    assert list(told) == list(ITEMS)


def test_errors_are_those_of_the_contract() -> None:
    told = {
        row[0].strip("`"): (int(row[1]), row[2].strip("`"), row[3].strip("` ") or None)
        for row in rows("## Errors")
        if len(row) == 4
    }

    assert told == ERRORS["openai"]


def test_codes_are_those_that_errors_have() -> None:
    told = {code for row in rows("## Errors") if len(row) == 3 for code in QUOTED.findall(row[2])}
    modules = Path(dialect.__file__).parent.glob("*.py")
    sources = "".join(module.read_text(encoding="utf-8") for module in modules)

    assert told <= set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', sources))


@pytest.mark.parametrize(
    "bound",
    [
        1_000,
        schema.MAX_MESSAGES,
        schema.MAX_STOPS,
        schema.MAX_CHOICES,
        completions.MAX_PROMPTS,
        schema.MAX_TOP_LOGPROBS,
        completions_schema.MAX_LOGPROBS,
        embeddings_schema.MAX_INPUTS,
        embeddings.MAX_TOKENS,
        inputs.MAX_TOKENS_EACH,
        embeddings_schema.MAX_DIMENSIONS,
        embeddings.MAX_NUMBERS,
        completions.MAX_ECHOED_CHARACTERS,
        memory.MAX_SESSIONS,
        memory.MAX_CELLS_PER_KIND,
        memory.MAX_BYTES,
    ],
)
def test_bounds_are_those_of_the_program(bound: int) -> None:
    assert re.search(rf"(?<![\d,]){bound:,}(?!,?\d)", section("## Bounds"))


def test_other_limits_are_alike() -> None:
    assert moderations_schema.MAX_INPUTS == embeddings_schema.MAX_INPUTS
    assert responses_schema.MAX_ITEMS == schema.MAX_MESSAGES
    assert completions_schema.MAX_CHOICES == schema.MAX_CHOICES
