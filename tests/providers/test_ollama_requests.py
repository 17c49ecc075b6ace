"""What Ollama's requests are read as."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.model import (
    Image,
    Message,
    Reasoning,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from mockllm.errors import RequestError
from mockllm.providers.ollama import chat, embed, embeddings, generate
from tests.core.builders import raw


def chat_of(*messages: dict[str, Any], **members: Any) -> Request:
    body = {"model": "m", "messages": [*messages], **members}
    return chat.parse(raw(body=body))


def asked(**members: Any) -> Request:
    return chat_of({"role": "user", "content": "hi"}, **members)


def generated(**members: Any) -> Request:
    body = {"model": "m", "prompt": "hi", **members}
    return generate.parse(raw(body=body))


@pytest.mark.parametrize(("stream", "streams"), [(None, True), (True, True), (False, False)])
def test_streams_unless_it_is_told_not_to(stream: bool | None, streams: bool) -> None:
    request = asked(stream=stream)

    assert (request.stream, request.encoding) == (streams, "ndjson")


def test_roles_may_be_in_capitals() -> None:
    assert chat_of({"role": "System", "content": "Be kind."}).messages[0].role == "system"


def test_images_become_data_urls_of_their_kind() -> None:
    request = chat_of({"role": "user", "images": ["iVBORw0KGgo=", "/9j/4AAQ", "AAAA"]})

    assert request.messages[0].parts == (
        Image("data:image/png;base64,iVBORw0KGgo="),
        Image("data:image/jpeg;base64,/9j/4AAQ"),
        Image("data:application/octet-stream;base64,AAAA"),
    )


def test_history_may_hold_thinking_and_calls() -> None:
    calls = [{"function": {"name": "f", "arguments": {"x": 1}}}, {"function": {"name": "g"}}]
    message = {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": calls}

    assert chat_of(message).messages == (
        Message(
            "assistant",
            (
                Reasoning("Hm."),
                Text(""),
                ToolCall("call 0 0", "f", '{"x":1}'),
                ToolCall("call 0 1", "g", "{}"),
            ),
        ),
    )


def result_ids(*results: dict[str, Any]) -> list[str]:
    """Return which calls results answer; `f`, `g` and `f` again are called."""
    calls = [{"id": f"{name}{n}", "function": {"name": name}} for n, name in enumerate("fgf")]
    messages = [{"role": "tool", "content": "a", **result} for result in results]
    request = chat_of({"role": "assistant", "tool_calls": calls}, *messages)
    return [
        part.call_id
        for message in request.messages
        for part in message.parts
        if isinstance(part, ToolResult)
    ]


@pytest.mark.parametrize(
    ("results", "ids"),
    [
        ([{}, {}, {}], ["f0", "g1", "f2"]),
        ([{"tool_name": "g"}, {"tool_name": "f"}, {"name": "f"}], ["g1", "f0", "f2"]),
        ([{"tool_call_id": "f2"}, {"tool_name": "f"}], ["f2", "f0"]),
        ([{"tool_name": "h"}], [""]),
        ([{"tool_call_id": "x"}], [""]),
        ([{"tool_name": "g"}, {"tool_name": "g"}], ["g1", ""]),
    ],
)
def test_results_answer_the_calls_before_them(
    results: list[dict[str, Any]], ids: list[str]
) -> None:
    assert result_ids(*results) == ids


def test_tools_have_schemas_and_other_kinds_are_let_through() -> None:
    function = {"name": "f", "description": "Does.", "parameters": {"type": "object"}}
    request = asked(tools=[{"type": "function", "function": function}, {"type": "new"}])

    assert request.tools == (Tool("f", "Does.", {"type": "object"}),)


@pytest.mark.parametrize(
    ("options", "sampling"),
    [
        (None, Sampling()),
        ({"num_ctx": 8192, "temperature": 0.5}, Sampling()),
        ({"num_predict": 5, "stop": ["x", ""]}, Sampling(5, ("x",))),
        ({"num_predict": 5.0}, Sampling(5)),
        ({"num_predict": 0}, Sampling()),
        ({"num_predict": -1}, Sampling()),
        ({"num_predict": -2}, Sampling()),
    ],
)
def test_options_limit_and_stop(options: Any, sampling: Sampling) -> None:
    assert asked(options=options).sampling == sampling
    assert generated(options=options).sampling == sampling


@pytest.mark.parametrize(
    ("members", "logprobs"),
    [
        ({}, None),
        ({"logprobs": True}, 0),
        ({"logprobs": True, "top_logprobs": 3}, 3),
        ({"top_logprobs": 3}, None),
    ],
)
def test_log_probabilities(members: dict[str, Any], logprobs: int | None) -> None:
    assert asked(**members).sampling.logprobs == logprobs


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, ResponseFormat()),
        ("", ResponseFormat()),
        ("json", ResponseFormat("json_object")),
        ({"type": "object"}, ResponseFormat("json_schema", schema={"type": "object"})),
    ],
)
def test_format(wanted: Any, found: ResponseFormat) -> None:
    assert asked(format=wanted).response_format == found
    assert generated(format=wanted).response_format == found


def test_prompt_has_a_system_message_and_images() -> None:
    request = generated(system="Be kind.", images=["/9j/4AAQ"])

    assert request.messages == (
        Message("system", (Text("Be kind."),)),
        Message("user", (Text("hi"), Image("data:image/jpeg;base64,/9j/4AAQ"))),
    )


def test_images_alone_are_a_prompt() -> None:
    assert generated(prompt="", images=["/9j/4AAQ"]).messages[0].role == "user"


@pytest.mark.parametrize(
    ("model", "length"),
    [("nomic-embed-text", 768), ("all-minilm:latest", 384), ("mxbai-embed-large:335m", 1_024)],
)
def test_vectors_are_as_long_as_the_models(model: str, length: int) -> None:
    new = embed.parse(raw(body={"model": model, "input": ["a", "b"]}))
    old = embeddings.parse(raw(body={"model": model, "prompt": "a"}))

    assert (new.dimensions, len(new.inputs)) == (length, 2)
    assert (old.dimensions, len(old.inputs)) == (length, 1)


def test_dimensions_of_the_request_count() -> None:
    body = {"model": "m", "input": "a", "dimensions": 1_000, "truncate": False}

    assert embed.parse(raw(body=body)).dimensions == 1_000


def test_too_many_numbers_are_refused() -> None:
    body = {"model": "m", "input": ["a"] * 2_000, "dimensions": 4_096}

    with pytest.raises(RequestError, match=r"^input takes a value of at most 1536 items$"):
        embed.parse(raw(body=body))
