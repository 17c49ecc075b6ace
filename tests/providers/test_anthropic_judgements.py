"""What Anthropic's API refuses: each mistake, its error, its warning, and what is no mistake."""

from __future__ import annotations

from typing import Any, Literal, get_type_hints

import pytest
from anthropic import transform_schema
from anthropic.types import message_create_params
from anthropic.types.beta import message_create_params as beta_create_params
from pydantic import BaseModel

from mockllm.providers.anthropic.judgements import MAX_SCHEMAS, PARAMETERS
from tests.conftest import MakeApp
from tests.providers.judged import MODELS, Json, ask, judged, warned

MESSAGES = "/v1/messages"
USER: Json = {"role": "user", "content": "hello"}
TOOL: Json = {"name": "look", "input_schema": {"type": "object"}}
THINKING: Json = {"type": "enabled", "budget_tokens": 1024}
IMAGE: Json = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "aGk="},
}
DOCUMENT: Json = {"type": "document", "source": {"type": "url", "url": "https://e.com/a.pdf"}}
OPEN: Json = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CLOSED: Json = OPEN | {"additionalProperties": False}
DOCS = (
    " Please consult our documentation at"
    " https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
)


def body(*messages: Json, **members: Any) -> Json:
    shared = {"model": "claude-opus-4-7", "max_tokens": 2048}
    return shared | {"messages": list(messages or [USER])} | members


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def assistant(*blocks: Json) -> Json:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: Json) -> Json:
    return {"role": "user", "content": list(blocks)}


def use(call_id: str) -> Json:
    return {"type": "tool_use", "id": call_id, "name": "look", "input": {}}


def result(call_id: str, content: Any = "4") -> Json:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def unanswered(place: int, ids: str) -> str:
    return (
        f"messages.{place}: `tool_use` ids were found without `tool_result` blocks immediately"
        f" after: {ids}. Each `tool_use` block must have a corresponding `tool_result` block in"
        " the next message."
    )


def unasked(place: str, ids: str) -> str:
    return (
        f"messages.{place}: unexpected `tool_use_id` found in `tool_result` blocks: {ids}. Each"
        " `tool_result` block must have a corresponding `tool_use` block in the previous message."
    )


def schema(found: Json) -> Json:
    return {"format": {"type": "json_schema", "schema": found}}


MISTAKES: dict[str, tuple[Json, str]] = {
    "no limit": (
        {"model": "claude-opus-4-7", "messages": [USER]},
        "max_tokens: Field required",
    ),
    "unknown parameter": (body(n=1), "n: Extra inputs are not permitted"),
    "temperature": (body(temperature=1.5), "temperature: range: 0..1"),
    "top_p": (body(top_p=-0.5), "top_p: range: 0..1"),
    "top_k": (body(top_k=-1), "top_k: Input should be greater than or equal to 0"),
    "temperature and top_p": (
        body(temperature=0.5, top_p=0.5),
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    ),
    "role": (
        body(USER, {"role": "developer", "content": "x"}),
        'messages: Unexpected role "developer". Allowed roles are "user" or "assistant".',
    ),
    "role of a tool": (
        body(USER, {"role": "tool", "content": "4"}),
        'messages: Unexpected role "tool". Allowed roles are "user" or "assistant".',
    ),
    "assistant first": (
        body(assistant(text("hi")), USER),
        'messages: first message must use the "user" role',
    ),
    "block without text": (
        body(user(text(""), text("hello"))),
        "messages: text content blocks must be non-empty",
    ),
    "system without text": (
        body(system=[text("")]),
        "system: text content blocks must be non-empty",
    ),
    "block of spaces": (
        body(user(text(" \n"), text("hello"))),
        "messages: text content blocks must contain non-whitespace text",
    ),
    "empty message": (
        body({"role": "user", "content": ""}, USER),
        "messages.0: all messages must have non-empty content except for the optional final"
        " assistant message",
    ),
    "message without blocks": (
        body(USER, assistant(), USER),
        "messages.1: all messages must have non-empty content except for the optional final"
        " assistant message",
    ),
    "space at the end": (
        body(USER, {"role": "assistant", "content": "I am "}),
        "messages: final assistant content cannot end with trailing whitespace",
    ),
    "use without result": (
        body(USER, assistant(use("a"), use("b")), user(result("a"), text("hello"))),
        unanswered(1, "b"),
    ),
    "use without result below a system prompt": (
        body(USER, assistant(use("a")), USER, system="Be brief."),
        unanswered(1, "a"),
    ),
    "use at the end": (body(USER, assistant(use("a"))), unanswered(1, "a")),
    "result without use": (
        body(USER, assistant(use("a")), user(result("a"), result("b"))),
        unasked("2.content.1", "b"),
    ),
    "one id for two": (
        body(
            USER,
            assistant(use("a")),
            user(result("a")),
            assistant(text("hm"), use("a")),
            user(result("a")),
        ),
        "messages.3.content.1: `tool_use` ids must be unique",
    ),
    "name of a tool": (
        body(tools=[TOOL, {"name": "a.b", "input_schema": {}}]),
        "tools.1.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ),
    "two tools of one name": (body(tools=[TOOL, TOOL]), "tools: Tool names must be unique."),
    "choice of no tool": (
        body(tools=[TOOL], tool_choice={"type": "tool", "name": "seek"}),
        "Tool 'seek' not found in provided tools",
    ),
    "choice without tools": (
        body(tool_choice={"type": "any"}),
        "tool_choice.any may only be specified while providing tools",
    ),
    "no budget": (
        body(thinking={"type": "enabled"}),
        "thinking.enabled.budget_tokens: Field required",
    ),
    "small budget": (
        body(thinking={"type": "enabled", "budget_tokens": 1023}),
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    "large budget": (
        body(thinking={"type": "enabled", "budget_tokens": 2048}),
        f"`max_tokens` must be greater than `thinking.budget_tokens`.{DOCS}"
        "#max-tokens-and-context-window-size",
    ),
    "thinking and forced": (
        body(thinking=THINKING, tools=[TOOL], tool_choice={"type": "tool", "name": "look"}),
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    "thinking and temperature": (
        body(thinking={"type": "adaptive"}, temperature=0),
        "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode." + DOCS,
    ),
    "thinking and top_k": (
        body(thinking=THINKING, top_k=5),
        "`top_k` must be unset when thinking is enabled or in adaptive mode." + DOCS,
    ),
    "open schema": (
        body(output_config=schema(CLOSED | {"$defs": {"A": {"anyOf": [OPEN]}}})),
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly"
        " set to false",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_rejected_as_the_api_does(mistake: str, make_app: MakeApp) -> None:
    request, message = MISTAKES[mistake]

    answer = ask(judged(make_app, "reject"), MESSAGES, request)

    assert answer.status_code == 400
    assert answer.json
    assert answer.json["type"] == "error"
    assert answer.json["error"] == {"type": "invalid_request_error", "message": message}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_served_with_one_warning(mistake: str, make_app: MakeApp) -> None:
    request, message = MISTAKES[mistake]

    assert warned(ask(judged(make_app, "warn"), MESSAGES, request)) == message


@pytest.mark.parametrize("mistake", MISTAKES)
def test_not_looked_at(mistake: str, make_app: MakeApp) -> None:
    request, _ = MISTAKES[mistake]

    assert warned(ask(judged(make_app, "ignore"), MESSAGES, request)) is None


OF_MODELS: dict[str, tuple[Json, str]] = {
    "prompt too long": (
        body({"role": "user", "content": "one two three " * 20}, model="small", max_tokens=9),
        "prompt is too long: 61 tokens > 20 maximum",
    ),
    "max_tokens too large": (
        body(model="small", max_tokens=101),
        "max_tokens: 101 > 100, which is the maximum allowed number of output tokens for small",
    ),
    "tools": (body(model="plain", tools=[TOOL]), "tools: 'plain' does not support tools."),
    "reasoning": (
        body(model="plain", thinking=THINKING),
        "thinking: 'plain' does not support thinking.",
    ),
    "json_schema": (
        body(model="plain", output_config=schema(CLOSED)),
        "output_config: 'plain' does not support output format.",
    ),
    "vision": (body(user(IMAGE), model="plain"), "messages: 'plain' does not support vision."),
    "vision in a result": (
        body(USER, assistant(use("a")), user(result("a", [IMAGE])), model="plain"),
        "messages: 'plain' does not support vision.",
    ),
    "files": (body(user(DOCUMENT), model="plain"), "messages: 'plain' does not support files."),
}


@pytest.mark.parametrize("mistake", OF_MODELS)
def test_rejected_for_the_sake_of_the_model(mistake: str, make_app: MakeApp) -> None:
    request, message = OF_MODELS[mistake]

    answer = ask(judged(make_app, "reject", MODELS), MESSAGES, request)

    assert answer.status_code == 400
    assert answer.json
    assert answer.json["error"] == {"type": "invalid_request_error", "message": message}


@pytest.mark.parametrize("mistake", OF_MODELS)
@pytest.mark.parametrize("model", ["full", "whole"])
def test_model_of_which_nothing_is_known_can_all(
    mistake: str, model: str, make_app: MakeApp
) -> None:
    request = OF_MODELS[mistake][0] | {"model": model}

    assert warned(ask(judged(make_app, "warn", MODELS), MESSAGES, request)) is None


@pytest.mark.parametrize(
    "request_body",
    [
        body(user(IMAGE, DOCUMENT), model="able", tools=[TOOL], thinking=THINKING),
        body(model="able", output_config=schema(CLOSED)),
        body(model="plain", thinking={"type": "disabled"}),
        body(model="small", max_tokens=100),
    ],
)
def test_what_the_model_can_is_silent(request_body: Json, make_app: MakeApp) -> None:
    assert warned(ask(judged(make_app, "warn", MODELS), MESSAGES, request_body)) is None


class Address(BaseModel):
    street: str
    kind: Literal["home", "work"]


class Person(BaseModel):
    name: str
    address: Address
    others: list[Address]
    at_work: Address | None


SEARCHED = (
    {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "x"}},
    {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []},
)
THOUGHT: Json = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
CACHED: Json = {"cache_control": {"type": "ephemeral"}}

LEGAL: dict[str, Json] = {
    "results in another order": body(
        USER,
        assistant(text("hm"), use("a"), use("b")),
        user(result("b"), result("a"), text("and?")),
        tools=[TOOL],
    ),
    "results in two messages": body(
        USER, assistant(use("a"), use("b")), user(result("b")), user(result("a"))
    ),
    "calls in two messages": body(
        USER,
        assistant(text("hm")),
        assistant(use("a")),
        assistant(use("b")),
        user(result("b"), result("a")),
    ),
    "empty result": body(
        USER, assistant(use("a")), user({"type": "tool_result", "tool_use_id": "a"})
    ),
    "result of an empty text": body(USER, assistant(use("a")), user(result("a", [text("")]))),
    "neighbours of one role": body(USER, USER, assistant(text("a")), assistant(text("b")), USER),
    "prefill": body(USER, assistant(text("I am"))),
    "empty prefill": body(USER, {"role": "assistant", "content": ""}),
    "system in blocks": body(system=[text("Be brief.") | CACHED]),
    "empty system": body(system=""),
    "system of no blocks": body({"role": "system", "content": "Be brief."}, USER, system=[]),
    "system among the messages": body(
        USER, assistant(use("a")), {"role": "system", "content": "Be brief."}, user(result("a"))
    ),
    "system first among the messages": body(
        {"role": "system", "content": "Be brief."}, USER, system=""
    ),
    "cache": body(user(text("hello") | CACHED), tools=[TOOL | CACHED], **CACHED),
    "thinking": body(
        USER,
        assistant(THOUGHT, {"type": "redacted_thinking", "data": "x"}, use("a")),
        user(result("a")),
        thinking=THINKING,
        tools=[TOOL],
        tool_choice={"type": "auto"},
    ),
    "adaptive thinking": body(
        thinking={"type": "adaptive"},
        output_config={"effort": "high"},
        tools=[TOOL],
        tool_choice={"type": "any"},
    ),
    "no thinking": body(thinking={"type": "disabled"}, temperature=0.2),
    "servers' tools": body(
        USER,
        assistant(*SEARCHED, text("found")),
        USER,
        tools=[
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 1},
            {"type": "bash_20250124", "name": "bash"},
            TOOL,
        ],
    ),
    "MCP": body(
        mcp_servers=[{"type": "url", "url": "https://e.com", "name": "e"}],
        tools=[{"type": "mcp_toolset", "mcp_server_name": "e"}],
        tool_choice={"type": "tool", "name": "theirs"},
    ),
    "toolset": body(
        tools=[{"type": "mcp_toolset", "mcp_server_name": "e"}],
        tool_choice={"type": "tool", "name": "theirs"},
    ),
    "compacted": body(
        assistant({"type": "compaction", "content": "So far, so good."}),
        USER,
        context_management={"edits": [{"type": "compact_20260112"}]},
    ),
    "images and documents": body(user(IMAGE, DOCUMENT, text("what?"))),
    "no choice": body(tools=[TOOL], tool_choice={"type": "none"}),
    "bounds": body(temperature=1, top_k=0, stop_sequences=["x"]),
    "top_p alone": body(top_p=0.5),
    "temperature and top_p of an older model": body(
        model="claude-sonnet-4-20250514", temperature=0.5, top_p=0.5
    ),
    "schema of the SDK": body(output_config=schema(transform_schema(Person))),
    "schema with values that look like schemas": body(
        output_config=schema(CLOSED | {"default": {"type": "object"}, "enum": [{"type": "object"}]})
    ),
    "null members": body(system=None, tools=None, thinking=None, tool_choice=None),
    "Claude Code": body(
        system=[text("You are.") | CACHED],
        metadata={"user_id": "u"},
        stream=False,
        service_tier="auto",
        container=None,
        speed="fast",
        fallbacks=[],
    ),
}


@pytest.mark.parametrize("case", LEGAL)
def test_legal_request_is_served_without_a_word(case: str, make_app: MakeApp) -> None:
    assert warned(ask(judged(make_app, "reject"), MESSAGES, LEGAL[case])) is None


def test_huge_schema_is_looked_at_up_to_a_bound(make_app: MakeApp) -> None:
    huge = CLOSED | {"properties": {"a": {"type": "object"}, "b": {"anyOf": [{}] * MAX_SCHEMAS}}}

    answer = ask(judged(make_app, "warn"), MESSAGES, body(output_config=schema(huge)))

    assert warned(answer) is None


def test_many_mistakes_are_told_in_a_header_of_bounded_length(make_app: MakeApp) -> None:
    request = body(*(assistant(use("x" * 500)) for _ in range(30)), **{"y" * 500: 1, "z": 2})

    warning = ask(judged(make_app, "warn"), MESSAGES, request).headers["x-mockllm-warning"]

    assert warning.endswith("; and 15 more")
    assert len(warning) < 2_500


def test_interleaved_thinking_may_have_a_larger_budget(make_app: MakeApp) -> None:
    request = body(thinking={"type": "enabled", "budget_tokens": 9000})
    beta = "fine-grained-tool-streaming-2025-05-14,interleaved-thinking-2025-05-14"

    answer = ask(judged(make_app, "reject"), f"{MESSAGES}?beta=true", request, anthropic_beta=beta)

    assert answer.status_code == 200


OLDER = {"temperature", "top_k", "top_p", "output_format"}


def test_parameters_are_those_of_the_sdk() -> None:
    stable = set(get_type_hints(message_create_params.MessageCreateParamsStreaming))
    beta = set(get_type_hints(beta_create_params.MessageCreateParamsStreaming))

    assert stable | beta - {"betas"} == PARAMETERS - OLDER
