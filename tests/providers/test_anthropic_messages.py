"""Reading Anthropic's messages, and its words for what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import structs

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    File,
    Image,
    Part,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
    Unknown,
    Usage,
)
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.anthropic import message_object, messages
from tests.conftest import MakeApp
from tests.core.builders import raw

SCHEMA = {"type": "object"}


def parsed(**members: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}
    return messages.parse(raw(body=body))


def test_client_tools_are_read_and_server_tools_are_let_through() -> None:
    tools = [
        {"name": "f", "description": "F.", "input_schema": SCHEMA},
        {"name": "g", "input_schema": {}},
        {"type": "web_search_20250305", "name": "web_search"},
    ]

    assert parsed(tools=tools).tools == (Tool("f", "F.", SCHEMA), Tool("g"))


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice()),
        ({"type": "auto"}, ToolChoice()),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "f"}, ToolChoice("named", "f")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "new"}, ToolChoice()),
        (
            {"type": "any", "disable_parallel_tool_use": True},
            ToolChoice("required", None, parallel=False),
        ),
    ],
)
def test_tool_choice(choice: Any, found: ToolChoice) -> None:
    assert parsed(tool_choice=choice).tool_choice == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, ResponseFormat()),
        ({}, ResponseFormat()),
        ({"format": {"type": "new"}}, ResponseFormat()),
        (
            {"format": {"type": "json_schema", "schema": SCHEMA}},
            ResponseFormat("json_schema", None, SCHEMA),
        ),
    ],
)
def test_output_format(sent: Any, found: ResponseFormat) -> None:
    assert parsed(output_config=sent).response_format == found


def message_of(error: RequestError) -> str:
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    return str(json.loads(messages.render_error(error, exchange).body)["error"]["message"])


def test_number_out_of_bounds_is_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(max_tokens=-1)

    assert message_of(caught.value) == "max_tokens: Input should be greater than or equal to 0"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("messages",), "messages: at least one message is required"),
        (("tools",), "tools: List should have at least 1 item after validation, not 0"),
    ],
)
def test_empty_list_is_named(path: tuple[str, ...], words: str) -> None:
    assert message_of(InvalidRequest("empty", path, "array")) == words


def test_mistake_inside_a_tool_result_is_named_with_its_whole_path() -> None:
    result = {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text"}]}
    with pytest.raises(InvalidRequest) as caught:
        parsed(messages=[{"role": "user", "content": [result]}])

    assert caught.value.path == ("messages", 0, "content", 0, "content", 0, "text")


@pytest.mark.parametrize(
    ("reply", "output_tokens"),
    [
        ("{refusal: I cannot help.}", 0),
        ("{refusal: I cannot help., usage: {output_tokens: 7}}", 7),
        ('""', 1),
    ],
)
def test_explanation_of_a_refusal_is_no_output(
    reply: str, output_tokens: int, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{a: {reply}}}")
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}]}

    message = app.test_client().post("/v1/messages", json=body).json

    assert message is not None
    assert message["usage"]["output_tokens"] == output_tokens


def parts_of(*blocks: Any) -> tuple[Part, ...]:
    return parsed(messages=[{"role": "user", "content": list(blocks)}]).messages[0].parts


TEXT = {"type": "text", "text": "Found."}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ({"type": "base64", "media_type": "image/png", "data": "AA"}, "data:image/png;base64,AA"),
        ({"type": "url", "url": "https://example.org/a.png"}, "https://example.org/a.png"),
        ({"type": "file", "file_id": "file_1"}, "file_1"),
        ({"type": "new"}, ""),
    ],
)
def test_image_from_anywhere(source: Any, found: str) -> None:
    assert parts_of({"type": "image", "source": source}) == (Image(found),)


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ({"source": {"type": "text", "media_type": "text/plain", "data": "Hi."}}, File("", "Hi.")),
        ({"source": {"type": "content", "content": "Hi."}, "title": "A"}, File("A", "Hi.")),
        ({"source": {"type": "content", "content": [TEXT, TEXT]}}, File("", "Found.\nFound.")),
        ({"source": {"type": "base64", "media_type": "application/pdf", "data": "AA"}}, File("")),
        ({"source": {"type": "url", "url": "https://example.org/a"}}, File("https://example.org/a")),
        ({"source": {"type": "file", "file_id": "file_1"}, "citations": {"enabled": True}},
         File("file_1")),
    ],
)  # fmt: skip
def test_document_from_anywhere(block: Any, found: File) -> None:
    assert parts_of({"type": "document", **block}) == (found,)


RESULT = {"type": "search_result", "source": "https://example.org", "content": [TEXT]}


@pytest.mark.parametrize(
    ("title", "name"), [({"title": "A page"}, "A page"), ({}, "https://example.org")]
)
def test_search_result_is_a_file_with_its_text(title: dict[str, str], name: str) -> None:
    assert parts_of({**RESULT, **title}) == (File(name, "Found."),)


def test_search_result_of_a_tool_is_its_text() -> None:
    block = {"type": "tool_result", "tool_use_id": "c1", "content": [RESULT]}

    assert parts_of(block) == (ToolResult("c1", (Text("Found."),)),)


SERVER_BLOCKS: list[dict[str, Any]] = [
    {"type": "redacted_thinking", "data": "x"},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    {"type": "code_execution_tool_result", "tool_use_id": "srvtoolu_1", "content": {}},
    {"type": "mcp_tool_use", "id": "m", "name": "f", "server_name": "s", "input": {}},
    {"type": "mcp_tool_result", "tool_use_id": "m", "content": [5]},
    {"type": "container_upload", "file_id": "file_1"},
    {"type": "compaction", "content": None},
    {"type": "new_kind", "whatever": 1},
]


@pytest.mark.parametrize("block", SERVER_BLOCKS, ids=lambda block: str(block["type"]))
def test_blocks_of_servers_are_let_through(block: Any) -> None:
    assert parts_of(block) == (Unknown(block["type"], block),)


def test_output_format_of_the_beta() -> None:
    sent = {"type": "json_schema", "schema": SCHEMA}

    assert parsed(output_format=sent).response_format == ResponseFormat("json_schema", None, SCHEMA)


@pytest.mark.parametrize("mark", [{}, {"cache_control": {"type": "ephemeral"}}])
@pytest.mark.parametrize(
    "inside",
    [
        lambda block: {"type": "tool_result", "tool_use_id": "c1", "content": [block]},
        lambda block: {"type": "document", "source": {"type": "content", "content": [block]}},
        lambda block: {"type": "search_result", "content": [block]},
    ],
    ids=["result", "document", "search"],
)
def test_blocks_may_be_nested_as_deep_as_json(inside: Callable[[Any], Any], mark: Any) -> None:
    block: Any = {"type": "text", "text": "hi"}
    for _ in range(250):
        block = inside(block)

    assert len(parts_of({**block, **mark})) == 1


@pytest.mark.parametrize("members", [
    {},
    {"max_tokens": 0},
    {"container": ""},
    {"context_management": {}},
    {"inference_geo": "eu"},
    {"speed": "fast"},
    {"cache_control": {"type": "ephemeral"}},
    {"thinking": {"type": "enabled", "budget_tokens": 1024, "display": "omitted"}},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("reply", [
    ChatReply((Text("a"),)),
    ChatReply((Text('"b"'),), usage=Usage(3, 4, 1)),
    ChatReply((Text(""),), "length"),
    ChatReply((Reasoning("a"), Text("a"))),
    ChatReply((Refusal("a"),), "refusal"),
    ChatReply(()),
], ids=repr)  # fmt: skip
def test_message_is_as_if_it_were_encoded_anew(members: dict[str, Any], reply: ChatReply) -> None:
    for model in ("claude", "other"):
        for key in (b"k", b"l"):
            request = parsed(model=model, **members)
            exchange = Exchange("x", 7.9, 0.0, 1, raw(), Draws(key), request=request)
            answered = structs.replace(exchange, replies=(reply,))

            assert messages.render(answered) == msgspec.json.encode(message_object.whole(answered))
