"""Reading OpenAI's chat requests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    Message,
    Part,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Usage,
)
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.openai import chat, chat_message, chat_usage, dialect
from tests.core.builders import raw

SCHEMA = {"type": "object"}
CUSTOM_INPUT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}


def parsed(**members: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}
    return chat.parse(raw(body=body))


def test_tools_that_have_a_name_are_read() -> None:
    tools = [
        {"type": "function", "function": {"name": "f", "description": "F.", "parameters": SCHEMA}},
        {"type": "function", "function": {"name": "g"}},
        {"type": "custom", "custom": {"name": "c", "description": "C."}},
        {"type": "new"},
    ]

    assert parsed(tools=tools).tools == (
        Tool("f", "F.", SCHEMA),
        Tool("g"),
        Tool("c", "C.", CUSTOM_INPUT),
    )


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ("new", ToolChoice()),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice("named", "f")),
        ({"type": "custom", "custom": {"name": "c"}}, ToolChoice("named", "c")),
        ({"type": "allowed_tools"}, ToolChoice()),
    ],
)
def test_tool_choice(choice: Any, found: ToolChoice) -> None:
    assert parsed(tool_choice=choice).tool_choice == found


@pytest.mark.parametrize(("sent", "found"), [(True, True), (False, False), (None, True)])
def test_parallel_calls_may_be_forbidden(sent: bool | None, found: bool) -> None:
    for choice in ("auto", "required", None):
        asked = parsed(tool_choice=choice, parallel_tool_calls=sent)

        assert asked.tool_choice.parallel is found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, ResponseFormat()),
        ({"type": "text"}, ResponseFormat()),
        ({"type": "json_object"}, ResponseFormat("json_object")),
        (
            {"type": "json_object", "schema": {"type": "object"}},
            ResponseFormat("json_object", schema={"type": "object"}),
        ),
        (
            {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}},
            ResponseFormat("json_schema", "s", SCHEMA),
        ),
        ({"type": "json_schema"}, ResponseFormat()),
        ({"type": "new"}, ResponseFormat()),
    ],
)
def test_response_format(sent: Any, found: ResponseFormat) -> None:
    assert parsed(response_format=sent).response_format == found


def test_history_of_an_assistant_is_read_whole() -> None:
    message = {
        "role": "assistant",
        "content": "text",
        "reasoning_content": "hm",
        "refusal": "no",
        "tool_calls": [
            {"id": "c1", "function": {"name": "f", "arguments": "{broken"}},
            {"id": "c2", "custom": {"name": "g", "input": "ls"}},
            {"id": "c3"},
        ],
    }

    assert parsed(messages=[message]).messages == (
        Message(
            "assistant",
            (
                Reasoning("hm"),
                Text("text"),
                Refusal("no"),
                ToolCall("c1", "f", "{broken"),
                ToolCall("c2", "g", "ls"),
                ToolCall("c3", "", ""),
            ),
        ),
    )


def test_number_out_of_bounds_is_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(max_tokens=-1)

    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    body = chat.render_error(caught.value, exchange).body

    assert msgspec.json.decode(body)["error"]["message"] == (
        "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got -1"
        " instead."
    )


@pytest.mark.parametrize(("sent", "found"), [(None, 1), (1, 1), (128, 128)])
def test_choices(sent: int | None, found: int) -> None:
    assert parsed(n=sent).choices == found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({}, None),
        ({"logprobs": False}, None),
        ({"logprobs": False, "top_logprobs": 0}, None),
        ({"logprobs": True}, 0),
        ({"logprobs": True, "top_logprobs": 20}, 20),
    ],
)
def test_logprobs(members: dict[str, Any], found: int | None) -> None:
    assert parsed(**members).sampling.logprobs == found


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice(parallel=False)),
        ("auto", ToolChoice(parallel=False)),
        ("none", ToolChoice("none", parallel=False)),
        ({"name": "f"}, ToolChoice("named", "f", parallel=False)),
    ],
)
def test_functions_are_tools_of_which_one_is_called(choice: Any, found: ToolChoice) -> None:
    asked = parsed(functions=[{"name": "f", "parameters": SCHEMA}], function_call=choice)

    assert asked.tools == (Tool("f", "", SCHEMA),)
    assert asked.tool_choice == found


def test_functions_beside_tools_are_passed_over() -> None:
    tools = [{"type": "function", "function": {"name": "g"}}]

    assert parsed(functions=[{"name": "f"}], tools=tools).tools == (Tool("g"),)


@pytest.mark.parametrize(
    ("mode", "found"), [("auto", ToolChoice()), ("required", ToolChoice("required"))]
)
def test_only_allowed_tools_are_offered(mode: str, found: ToolChoice) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in "fgh"]
    allowed = {"mode": mode, "tools": [tools[0], tools[2], {"type": "mcp", "server_label": "x"}]}

    asked = parsed(tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": allowed})

    assert asked.tools == (Tool("f"), Tool("h"))
    assert asked.tool_choice == found


def test_history_of_functions_is_one_of_tools() -> None:
    messages = [
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "done"},
    ]

    call, result = parsed(messages=messages).messages

    assert call == Message("assistant", (ToolCall("function f", "f", "{}"),))
    assert result == Message("tool", (ToolResult("function f", (Text("done"),)),))


@pytest.mark.parametrize(
    ("members", "param", "code"),
    [
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"n": 129}, "n", "integer_above_max_value"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
        ({"top_logprobs": 1}, "top_logprobs", None),
        ({"modalities": ["audio"]}, "audio", "missing_required_parameter"),
        (
            {"modalities": ["audio"], "audio": {"voice": "ash", "format": "midi"}},
            "audio.format",
            "invalid_value",
        ),
        (
            {"modalities": ["audio"], "audio": {"voice": "ash", "format": "mp3"}, "stream": True},
            "audio.format",
            "unsupported_value",
        ),
        (
            {"messages": [{"role": "robot", "content": ""}]},
            "messages[0].role",
            "invalid_value",
        ),
        ({"metadata": {"a": 1}}, "metadata", "invalid_type"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "invalid_value"),
    ],
)
def test_what_does_not_go_is_refused(members: dict[str, Any], param: str, code: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        parsed(**members)

    error = dialect.error_body(caught.value)["error"]
    assert (error["param"], error["code"]) == (param, code)


def test_audio_that_is_not_asked_for_is_not_looked_at() -> None:
    assert parsed(modalities=["text"], audio={"voice": "ash", "format": "midi"}, stream=True)


def completion(reply: ChatReply, **members: Any) -> dict[str, Any]:
    """Return the choice that a reply becomes for a request with these members."""
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    answered = structs.replace(exchange, request=parsed(**members), replies=(reply,))
    choice: dict[str, Any] = msgspec.json.decode(chat.render(answered))["choices"][0]
    return choice


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('{"input":"ls -l"}', "ls -l"),
        ('{"input":5}', '{"input":5}'),
        ('{"input":"a","more":1}', '{"input":"a","more":1}'),
        ('{"input":"cut of', '{"input":"cut of'),
        ("[]", "[]"),
    ],
)
def test_input_of_a_custom_tool_is_its_text(arguments: str, said: str) -> None:
    reply = ChatReply((ToolCall("c1", "shell", arguments), ToolCall("c2", "f", arguments)))
    tools = [{"type": "custom", "custom": {"name": "shell"}}]

    custom, function = completion(reply, tools=tools)["message"]["tool_calls"]

    assert custom == {"id": "c1", "type": "custom", "custom": {"name": "shell", "input": said}}
    assert function["function"] == {"name": "f", "arguments": arguments}


def test_many_tokens_are_told_with_fewer_alternatives() -> None:
    text = "a " * 20_000
    reply = ChatReply((Text(text),), usage=Usage(output_tokens=20_000))

    choice = completion(reply, logprobs=True, top_logprobs=20)

    assert len(choice["logprobs"]["content"][0]["top_logprobs"]) == 5


def test_positions_of_tokens_go_on_from_part_to_part() -> None:
    parted = ChatReply((Text("a"), ToolCall("c", "f", "{}"), Text("a")))
    first, second = completion(parted, logprobs=True)["logprobs"]["content"]

    assert first["logprob"] != second["logprob"]


@pytest.mark.parametrize(
    ("parts", "content", "refusal"),
    [
        ((), "", None),
        ((Text(""),), "", None),
        ((Refusal(""),), None, ""),
        ((Reasoning("hm"), Text("")), None, None),
        ((Text("a"), Refusal("b")), "a", "b"),
    ],
)
def test_what_is_not_said_is_null(
    parts: tuple[Part, ...], content: str | None, refusal: str | None
) -> None:
    message = completion(ChatReply(parts))["message"]

    assert (message["content"], message["refusal"]) == (content, refusal)


def test_tool_call_is_not_spoken() -> None:
    spoken = {"modalities": ["audio"], "audio": {"voice": "ash", "format": "wav"}}

    message = completion(ChatReply((ToolCall("c1", "f", "{}"),)), **spoken)["message"]

    assert "audio" not in message


def test_prediction_may_be_in_parts() -> None:
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    content = [{"type": "text", "text": "one two "}, {"type": "text", "text": "six"}]
    request = parsed(prediction={"type": "content", "content": content})
    answered = structs.replace(
        exchange, request=request, replies=(ChatReply((Text("one two three"),)),)
    )

    details = chat_usage.usage(answered)["completion_tokens_details"]

    assert details["accepted_prediction_tokens"] == 2
    assert details["rejected_prediction_tokens"] == 1


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["gpt-4o", 'a"b', "\x1a{}"]),
    st.sampled_from([None, "flex", "auto"]),
    st.builds(Usage, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
)
def test_completion_of_any_text_is_as_if_it_were_encoded_anew(
    text: str, model: str, tier: str | None, usage: Usage
) -> None:
    request = parsed(model=model, service_tier=tier)
    replies = (ChatReply((Text(text),), usage=usage),)
    exchange = Exchange("x", 7.9, 0.0, 1, raw(), Draws(b"k"), request=request, replies=replies)

    assert chat.render(exchange) == msgspec.json.encode(chat_message.completion(exchange))


@pytest.mark.parametrize("members", [
    {},
    {"n": 2},
    {"logprobs": True},
    {"service_tier": "flex"},
    {"prediction": {"type": "content", "content": "a b"}},
    {"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": "wav"}},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("reply", [
    ChatReply((Text("a"),)),
    ChatReply((Text("a"),), "length"),
    ChatReply((Text("a"),), usage=Usage(3, 4)),
    ChatReply((Refusal("a"),)),
    ChatReply((Text("a"), ToolCall("1", "f", "{}"))),
    ChatReply(()),
], ids=repr)  # fmt: skip
def test_completion_is_as_if_it_were_encoded_anew(
    members: dict[str, Any], reply: ChatReply
) -> None:
    request = parsed(**members)
    exchange = Exchange("x", 7.9, 0.0, 1, raw(), Draws(b"k"), request=request)
    answered = structs.replace(exchange, replies=(reply,) * request.choices)

    assert chat.render(answered) == msgspec.json.encode(chat_message.completion(answered))
