"""Everything that Anthropic's clients may send, through the official SDK."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic.types import (
    Message,
    RawMessageDeltaEvent,
    RawMessageStreamEvent,
    TextBlock,
    ToolUseBlock,
)
from anthropic.types.raw_message_delta_event import Delta
from flask import Flask
from pydantic import TypeAdapter

from tests.conftest import MakeApp
from tests.contract.cases import sse_events
from tests.sdk.conftest import MakeAnthropic

YAML = """\
responses:
  "hi": "Hello."
rules:
- when: {contains: look, step: 1}
  reply:
    parts:
    - reasoning: "One."
    - tool_call: {name: f, arguments: {x: 1}}
    - reasoning: "Two."
    - "Text."
    - tool_call: {name: g}
- {when: {tool_result_contains: found}, reply: "It was found."}
- {when: {contains: wait}, reply: {text: "I am searching.", finish: pause}}
- {when: {contains: no}, reply: {refusal: "I cannot."}}
"""
PNG = "iVBORw0KGgo="
TEXT: dict[str, Any] = {"type": "text", "text": "hi"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(app: Flask, anthropic_of: MakeAnthropic) -> anthropic.Anthropic:
    return anthropic_of(app)


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


BLOCKS: list[dict[str, Any]] = [
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
    {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
    {
        "type": "document",
        "title": "A",
        "context": "About it.",
        "citations": {"enabled": True},
        "source": {"type": "text", "media_type": "text/plain", "data": "x"},
    },
    {"type": "document", "source": {"type": "content", "content": [TEXT]}},
    {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="},
    },
    {"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}},
    {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
    {
        "type": "search_result",
        "source": "https://example.org",
        "title": "A",
        "content": [TEXT],
        "citations": {"enabled": True},
    },
    {"type": "container_upload", "file_id": "file_1"},
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: str(block["type"]))
def test_content_of_every_kind(client: anthropic.Anthropic, block: dict[str, Any]) -> None:
    message = client.messages.create(model="m", max_tokens=9, messages=user([block, TEXT]))

    assert text_of(message) == "Hello."


HISTORY: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
    {"type": "redacted_thinking", "data": "x"},
    {
        "type": "text",
        "text": "See.",
        "citations": [
            {
                "type": "char_location",
                "cited_text": "x",
                "document_index": 0,
                "document_title": None,
                "start_char_index": 0,
                "end_char_index": 1,
            }
        ],
    },
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    {
        "type": "code_execution_tool_result",
        "tool_use_id": "srvtoolu_2",
        "content": {
            "type": "code_execution_result",
            "stdout": "",
            "stderr": "",
            "return_code": 0,
            "content": [],
        },
    },
]


def test_history_of_every_kind(client: anthropic.Anthropic) -> None:
    said: Any = {"role": "assistant", "content": HISTORY}

    message = client.messages.create(
        model="m", max_tokens=9, messages=[*user("first"), said, *user("hi")]
    )

    assert text_of(message) == "Hello."


def test_search_results_of_a_tool_are_found(client: anthropic.Anthropic) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "search", "input": {}}
    found = {"type": "text", "text": "It was found there."}
    result = {"type": "search_result", "source": "s", "title": "t", "content": [found]}
    messages: Any = [
        *user("search"),
        {"role": "assistant", "content": [call]},
        *user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": [result]}]),
    ]

    message = client.messages.create(model="m", max_tokens=9, messages=messages)

    assert text_of(message) == "It was found."


def test_parameters_of_every_kind(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="m",
        max_tokens=2000,
        messages=user("hi"),
        metadata={"user_id": "u"},
        service_tier="auto",
        inference_geo="us",
        container="container_1",
        thinking={"type": "adaptive"},
        output_config={"effort": "low"},
        tool_choice={"type": "none"},
        tools=[
            {"type": "web_search_20250305", "name": "web_search"},
            {"name": "f", "input_schema": {"type": "object"}, "strict": True},
        ],
    )

    assert text_of(message) == "Hello."
    assert message.usage.service_tier == "standard"
    assert message.usage.inference_geo == "us"
    assert message.container is not None
    assert message.container.id == "container_1"


def test_parts_keep_their_order_whole_and_streamed(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="m", max_tokens=100, messages=user("look"))
    with client.messages.stream(model="m", max_tokens=100, messages=user("look")) as stream:
        final = stream.get_final_message()

    kinds = ["thinking", "tool_use", "thinking", "text", "tool_use"]
    assert [block.type for block in message.content] == kinds
    assert [block.type for block in final.content] == kinds
    assert final.usage.output_tokens_details == message.usage.output_tokens_details


def test_no_parallel_calls_where_they_are_forbidden(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="m",
        max_tokens=100,
        messages=user("look"),
        tools=[{"name": "f", "input_schema": {"type": "object"}}],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )

    calls = [block for block in message.content if isinstance(block, ToolUseBlock)]
    assert [call.name for call in calls] == ["f"]


def test_forced_tool_is_called_unruled(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="m",
        max_tokens=100,
        messages=user("anything"),
        tools=[{"name": "f", "input_schema": {"type": "object"}}],
        tool_choice={"type": "tool", "name": "f"},
    )

    (call,) = message.content
    assert isinstance(call, ToolUseBlock)


def test_pause_may_be_sent_back(client: anthropic.Anthropic) -> None:
    paused = client.messages.create(model="m", max_tokens=100, messages=user("wait"))
    said: Any = {"role": "assistant", "content": paused.content}

    again = client.messages.create(model="m", max_tokens=100, messages=[*user("wait"), said])

    assert paused.stop_reason == again.stop_reason == "pause_turn"


def test_count_tokens(client: anthropic.Anthropic) -> None:
    counted = client.messages.count_tokens(model="m", messages=user("hi"), system="Be kind.")

    assert counted.input_tokens == 4


@pytest.mark.parametrize("prompt", ["hi", "look", "wait", "no", "anything"])
@pytest.mark.parametrize("thinking", [{}, {"thinking": {"type": "adaptive", "display": "omitted"}}])
def test_every_event_is_as_the_types_have_it(app: Flask, prompt: str, thinking: Any) -> None:
    body = {"model": "m", "stream": True, "messages": user(prompt), **thinking}
    data = app.test_client().post("/v1/messages", json=body).data

    events = [event for event in sse_events(data) if event["type"] != "ping"]

    adapter: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
    for event in events:
        adapter.validate_python(event)
    assert set(Message.model_fields) <= set(events[0]["message"])
    assert set(RawMessageDeltaEvent.model_fields) <= set(events[-2])
    assert set(Delta.model_fields) <= set(events[-2]["delta"])


def test_models_are_paged(client: anthropic.Anthropic) -> None:
    first = client.models.list(limit=3)
    last = client.models.list(limit=3, after_id=first.data[-1].id)
    before = client.models.list(limit=2, before_id=first.data[-1].id)

    assert (first.has_more, last.has_more) == (True, False)
    assert len(list(first)) == len(first.data) + len(last.data)
    assert [model.id for model in before.data] == [model.id for model in first.data[:2]]


def test_models_tell_what_they_can(client: anthropic.Anthropic) -> None:
    model = client.models.retrieve("claude-opus-5-5")

    assert (model.lifecycle, model.line) == ("active", "opus")
    assert model.capabilities is not None
    assert model.capabilities.thinking.types.adaptive.supported


@pytest.mark.parametrize(("stage", "found"), [("active", True), ("retired", False)])
def test_models_by_stage(client: anthropic.Anthropic, stage: Any, found: bool) -> None:
    assert bool(client.models.list(lifecycle=[stage]).data) is found


def test_beta_models(client: anthropic.Anthropic) -> None:
    listed = list(client.beta.models.list())

    assert client.beta.models.retrieve(listed[0].id) == listed[0]
