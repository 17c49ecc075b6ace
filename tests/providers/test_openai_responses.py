"""Reading requests of OpenAI's Responses API."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.draws import Draws
from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    ObjectName,
    Reasoning,
    Reference,
    Refusal,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Unknown,
)
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.openai import custom_tools, dialect, responses
from mockllm.providers.openai.response_input import with_ids
from tests.conftest import MakeApp
from tests.core.builders import assistant, raw, user

SCHEMA = {"type": "object"}
FUNCTION = {"type": "function", "name": "f", "description": "F.", "parameters": SCHEMA}
NAMELESS = {"type": "namespace", "name": "n", "tools": [{"type": "function"}]}


def parsed(**members: Any) -> Request:
    body = {"model": "m", "input": "hi", **members}
    sent = {key: value for key, value in body.items() if value is not None}
    return responses.parse(raw("/v1/responses", body=sent))


def refused(**members: Any) -> dict[str, Any]:
    """Return the error that a request is refused with, without its type."""
    with pytest.raises(RequestError) as caught:
        parsed(**members)
    error: dict[str, Any] = dialect.error_body(caught.value)["error"]
    return {key: value for key, value in error.items() if key != "type"}


def test_text_is_a_users_message() -> None:
    assert parsed(input="hi").messages == (user("hi"),)


SAID: Any = [
    ({"role": "user", "content": "a"}, user("a")),
    ({"type": "message", "role": "user", "content": "a"}, user("a")),
    ({"role": "developer", "content": "a"}, Message("developer", (Text("a"),))),
    ({"role": "assistant", "content": "a", "phase": "commentary"}, assistant("a")),
    (
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "image_url": "https://a", "detail": "low"},
                {"type": "input_image", "file_id": "file_1"},
                {"type": "input_image"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "..."},
                {"type": "input_file", "file_url": "https://a"},
                {"type": "input_file", "file_id": "file_2"},
                {"type": "input_file"},
                {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
                {"type": "new"},
            ],
        },
        user(
            Text("a"),
            Image("https://a"),
            Image("file_1"),
            Image(""),
            File("a.pdf"),
            File("https://a"),
            File("file_2"),
            File(""),
            Audio("wav"),
            Unknown("new", {"type": "new"}),
        ),
    ),
    (
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": "a", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        assistant(Text("a"), Refusal("no")),
    ),
]
CALLED: Any = [
    (
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{broken"},
        assistant(ToolCall("c", "f", "{broken")),
    ),
    (
        {"type": "custom_tool_call", "call_id": "c", "name": "sh", "input": "ls"},
        assistant(ToolCall("c", "sh", "ls")),
    ),
    (
        {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
        assistant(ToolCall("c", "shell", "")),
    ),
    (
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        assistant(ToolCall("", "web_search", "")),
    ),
    (
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "a"}],
            "content": [{"type": "reasoning_text", "text": "b"}],
            "encrypted_content": "sealed",
        },
        assistant(Reasoning("a\nb", "sealed")),
    ),
    (
        {"type": "reasoning", "summary": [], "content": None, "encrypted_content": None},
        assistant(Reasoning("")),
    ),
    ({"type": "item_reference", "id": "rs_1"}, assistant(Reference("rs_1"))),
]
RETURNED: Any = [
    (
        {"type": "function_call_output", "call_id": "c", "output": "sunny"},
        (Text("sunny"),),
    ),
    (
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [{"type": "input_text", "text": "a"}, {"type": "input_image"}],
        },
        (Text("a"), Image("")),
    ),
    ({"type": "custom_tool_call_output", "call_id": "c", "output": "a"}, (Text("a"),)),
    (
        {"type": "shell_call_output", "call_id": "c", "output": [{"stdout": "a", "stderr": ""}]},
        (Text('[{"stdout":"a","stderr":""}]'),),
    ),
    (
        {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot"}},
        (Text('{"type":"computer_screenshot"}'),),
    ),
    ({"type": "apply_patch_call_output", "call_id": "c", "status": "completed"}, ()),
]


@pytest.mark.parametrize(("item", "message"), SAID + CALLED)
def test_item_is_a_message(item: dict[str, Any], message: Message) -> None:
    assert parsed(input=[item]).messages == (message,)


@pytest.mark.parametrize(("item", "parts"), RETURNED)
def test_output_of_a_call_is_a_tools_message(item: dict[str, Any], parts: Any) -> None:
    assert parsed(input=[item]).messages == (Message("tool", (ToolResult("c", parts),)),)


def test_output_may_lack_its_call() -> None:
    item = {"type": "local_shell_call_output", "id": "lsh_1", "output": "a"}

    assert parsed(input=[item]).messages == (Message("tool", (ToolResult("", (Text("a"),)),)),)


@pytest.mark.parametrize(
    "kind", ["namespace", "additional_tools", "compaction", "mcp_list_tools", "new"]
)
def test_items_that_say_nothing_are_let_through(kind: str) -> None:
    item = {"type": kind, "content": 5, "role": 5}

    assert parsed(input=[item, {"role": "user", "content": "a"}]).messages == (user("a"),)
    assert parsed(input=[item]).messages == ()


def test_one_turn_of_the_assistant_is_one_message() -> None:
    turn = [
        {"type": "reasoning", "summary": []},
        {"role": "assistant", "content": "a"},
        {"type": "new"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
    ]
    result = {"type": "function_call_output", "call_id": "c", "output": "b"}

    found = parsed(input=[*turn, result, *turn]).messages

    said = assistant(Reasoning(""), Text("a"), ToolCall("c", "f", ""))
    assert found == (said, Message("tool", (ToolResult("c", (Text("b"),)),)), said)


def test_two_prompts_of_a_user_stay_two() -> None:
    prompts = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]

    assert parsed(input=prompts).messages == (user("a"), user("b"))


def test_very_many_items_of_one_turn_are_read_in_passing() -> None:
    items = [{"role": "assistant", "content": "a"}] * 100_000

    assert len(parsed(input=items).messages[0].parts) == 100_000


def test_instructions_come_first() -> None:
    assert parsed(instructions="Be kind.").messages == (
        Message("instructions", (Text("Be kind."),)),
        user("hi"),
    )


@pytest.mark.parametrize(
    "members",
    [
        {"instructions": "Be kind."},
        {"prompt": {"id": "pmpt_1"}},
        {"prompt": {"id": "pmpt_1"}, "model": None},
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
    ],
)
def test_input_may_be_absent_where_there_is_something_to_answer(members: dict[str, Any]) -> None:
    assert parsed(input=None, **members).operation == "chat"


CUSTOM = Tool("c", "C.", custom_tools.PARAMETERS)


def test_tools_that_clients_run_are_read() -> None:
    tools = [
        FUNCTION,
        {"type": "function", "name": "g", "parameters": None, "strict": None},
        {"type": "custom", "name": "c", "description": "C.", "format": {"type": "text"}},
        {"type": "web_search"},
        {"type": "new", "name": "x"},
    ]

    assert parsed(tools=tools).tools == (Tool("f", "F.", SCHEMA), Tool("g"), CUSTOM)


NAMESPACE = {
    "type": "namespace",
    "name": "n",
    "description": "N.",
    "tools": [FUNCTION, {"type": "custom", "name": "c", "description": "C."}],
}


ADDED = {
    "type": "additional_tools",
    "role": "developer",
    "tools": [NAMESPACE, {"type": "function", "name": "h"}],
}


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"tools": [NAMESPACE]}, (Tool("f", "F.", SCHEMA), CUSTOM)),
        (
            {"tools": [{"type": "function", "name": "g"}], "input": [ADDED]},
            (Tool("g"), Tool("f", "F.", SCHEMA), CUSTOM, Tool("h")),
        ),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [NAMESPACE]}]}, ()),
        ({"tools": [{"type": "namespace", "name": "n", "tools": 5}]}, ()),
    ],
)
def test_tools_of_namespaces_and_added_ones_are_read(members: Any, found: Any) -> None:
    assert parsed(**members).tools == found


def test_a_call_says_the_namespace_of_its_tool(make_app: MakeApp) -> None:
    ran = "{name: c, arguments: {input: ls}}, {name: f}, {name: h}, {name: x}"
    client = make_app(f"responses: {{go: {{tool_calls: [{ran}]}}}}").test_client()
    sent = [ADDED, {"role": "user", "content": "go"}]

    page = client.post("/v1/responses", json={"model": "m", "input": sent}).get_json()

    assert [
        (call["type"], call["name"], call.get("namespace", "none")) for call in page["output"]
    ] == [
        ("custom_tool_call", "c", "n"),
        ("function_call", "f", "n"),
        ("function_call", "h", "none"),
        ("function_call", "x", "none"),
    ]


def test_of_two_tools_with_a_name_the_first_is_called(make_app: MakeApp) -> None:
    client = make_app("responses: {go: {tool_calls: [{name: f}]}}").test_client()
    body = {"model": "m", "input": "go", "tools": [NAMESPACE, FUNCTION]}

    (call,) = client.post("/v1/responses", json=body).get_json()["output"]

    assert call["namespace"] == "n"


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ("new", ToolChoice()),
        ({"type": "function", "name": "f"}, ToolChoice("named", "f")),
        ({"type": "custom", "name": "c"}, ToolChoice("named", "c")),
        ({"type": "function"}, ToolChoice()),
        ({"type": "web_search_preview"}, ToolChoice()),
        ({"type": "mcp", "server_label": "s"}, ToolChoice()),
        ({"type": "allowed_tools", "mode": "required", "tools": []}, ToolChoice("required")),
        ({"type": "allowed_tools", "mode": "auto", "tools": []}, ToolChoice()),
        ({"type": "allowed_tools"}, ToolChoice()),
    ],
)
def test_tool_choice(choice: Any, found: ToolChoice) -> None:
    assert parsed(tool_choice=choice).tool_choice == found


def test_only_allowed_tools_may_be_called() -> None:
    allowed = [{"type": "function", "name": "g"}, {"type": "mcp", "server_label": "s"}]
    choice = {"type": "allowed_tools", "mode": "auto", "tools": allowed}

    found = parsed(tools=[FUNCTION, {**FUNCTION, "name": "g"}], tool_choice=choice)

    assert [tool.name for tool in found.tools] == ["g"]


@pytest.mark.parametrize(("sent", "found"), [(True, True), (False, False), (None, True)])
def test_parallel_calls_may_be_forbidden(sent: bool | None, found: bool) -> None:
    assert parsed(parallel_tool_calls=sent).tool_choice.parallel is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, ResponseFormat()),
        ({"verbosity": "low"}, ResponseFormat()),
        ({"format": {"type": "text"}}, ResponseFormat()),
        ({"format": {"type": "json_object"}}, ResponseFormat("json_object")),
        (
            {"format": {"type": "json_schema", "name": "s", "schema": SCHEMA, "strict": True}},
            ResponseFormat("json_schema", "s", SCHEMA),
        ),
        ({"format": {"type": "json_schema", "name": "s"}}, ResponseFormat()),
        ({"format": {"type": "new"}}, ResponseFormat()),
    ],
)
def test_text_format(text: Any, found: ResponseFormat) -> None:
    assert parsed(text=text).response_format == found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({}, None),
        ({"include": ["reasoning.encrypted_content"]}, None),
        ({"include": ["message.output_text.logprobs"]}, 0),
        ({"include": ["message.output_text.logprobs"], "top_logprobs": 3}, 3),
        ({"top_logprobs": 2}, 2),
        ({"top_logprobs": 0}, None),
    ],
)
def test_logprobs_are_told_where_they_are_asked_for(
    members: dict[str, Any], found: int | None
) -> None:
    assert parsed(**members).sampling.logprobs == found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({}, None),
        ({"previous_response_id": "resp_1"}, ObjectName("response", "resp_1")),
        ({"previous_response_id": ""}, None),
        ({"conversation": "conv_1"}, ObjectName("conversation", "conv_1")),
        ({"conversation": {"id": "conv_1"}}, ObjectName("conversation", "conv_1")),
    ],
)
def test_what_it_goes_on_from(members: dict[str, Any], found: ObjectName | None) -> None:
    assert parsed(**members).continues == found


def test_answer_may_be_asked_for_later() -> None:
    assert parsed(background=True).is_deferred
    assert not parsed(background=False).is_deferred


def test_unknown_members_pass() -> None:
    assert parsed(new={"a": [1]}, stream_options={"new": 1}).messages == (user("hi"),)


NOT_A_STRING = "expected a string, but got an integer instead."


@pytest.mark.parametrize(
    ("members", "param", "code", "words"),
    [
        ({"input": 5}, "input", "invalid_type", "one of a string or an array"),
        ({"input": None}, "input", "missing_required_parameter", "'input'"),
        ({"input": []}, "input", "empty_array", "empty array"),
        ({"input": ["a"]}, "input[0]", "invalid_type", "an object, but got a string"),
        ({"input": [{"type": 5}]}, "input[0].type", "invalid_type", NOT_A_STRING),
        ({"input": [{"type": []}]}, "input[0].type", "invalid_type", "got an array"),
        ({"input": [{}]}, "input[0].role", "missing_required_parameter", "role"),
        (
            {"input": [{"role": "user", "content": 5}]},
            "input[0].content",
            "invalid_type",
            "one of a string or an array, but got an integer",
        ),
        (
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": 5}]}]},
            "input[0].content[0].text",
            "invalid_type",
            NOT_A_STRING,
        ),
        (
            {"input": [{"role": "user", "content": [{}]}]},
            "input[0].content[0].type",
            "missing_required_parameter",
            "type",
        ),
        (
            {"input": [{"type": "function_call", "call_id": "c", "arguments": "{}"}]},
            "input[0].name",
            "missing_required_parameter",
            "name",
        ),
        (
            {"input": [{"type": "function_call_output", "call_id": 5}]},
            "input[0].call_id",
            "invalid_type",
            NOT_A_STRING,
        ),
        (
            {
                "input": [
                    {"type": "function_call_output", "output": [{"type": "input_text", "text": 5}]}
                ]
            },
            "input[0].output[0].text",
            "invalid_type",
            NOT_A_STRING,
        ),
        (
            {"input": [{"type": "item_reference"}]},
            "input[0].id",
            "missing_required_parameter",
            "id",
        ),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter", "name"),
        (
            {"input": [{"type": "additional_tools", "tools": [NAMELESS]}]},
            "input[0].tools[0].tools[0].name",
            "missing_required_parameter",
            "name",
        ),
        ({"tools": [{"name": "f"}]}, "tools[0].type", "missing_required_parameter", "type"),
        ({"tools": [5]}, "tools[0]", "invalid_type", "an object"),
        ({"tool_choice": {}}, "tool_choice.type", "missing_required_parameter", "type"),
        ({"text": {"format": {"type": 5}}}, "text.format.type", "invalid_type", NOT_A_STRING),
        ({"conversation": {}}, "conversation.id", "missing_required_parameter", "id"),
        (
            {"conversation": "c", "previous_response_id": "r"},
            "conversation",
            "invalid_value",
            "null when 'previous_response_id' is given",
        ),
        (
            {"background": True, "store": False},
            "background",
            "invalid_value",
            "false when 'store' is false",
        ),
        (
            {"max_output_tokens": 0},
            "max_output_tokens",
            "integer_below_min_value",
            "Expected a value >= 1",
        ),
        ({"top_logprobs": 21}, "top_logprobs", "integer_above_max_value", "<= 20"),
        ({"temperature": "a"}, "temperature", "invalid_type", "a decimal"),
        ({"metadata": {"a": 5}}, "metadata", "invalid_type", NOT_A_STRING),
        ({"metadata": {"a" * 65: ""}}, "metadata", "invalid_value", "of length <= 64."),
        ({"metadata": {"a": "b" * 513}}, "metadata", "invalid_value", "of length <= 512."),
        (
            {"metadata": {str(n): "" for n in range(17)}},
            "metadata",
            "invalid_value",
            "of length <= 16.",
        ),
        (
            {"previous_response_id": "r" * 1_001},
            "previous_response_id",
            "invalid_value",
            "of length <= 1000.",
        ),
        ({"input": [{}] * 100_001}, "input", "invalid_value", "of length <= 100000."),
    ],
)
def test_bad_value_is_named_by_its_path(
    members: dict[str, Any], param: str, code: str, words: str
) -> None:
    error = refused(**members)

    assert (error["param"], error["code"]) == (param, code)
    assert words in error["message"]


def test_model_is_needed() -> None:
    error = refused(model=None)

    assert error["message"] == "you must provide a model parameter"


def test_no_error_is_worded_half() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(input=[{"type": {}}])

    assert caught.value.actual == "object"


@pytest.mark.parametrize(
    ("item", "listed"),
    [
        (
            {"role": "user", "content": "a"},
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "a"}],
                "status": "completed",
            },
        ),
        (
            {"role": "assistant", "content": "a", "status": "incomplete"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "annotations": [], "text": "a"}],
                "status": "incomplete",
            },
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": "a"},
            {
                "type": "function_call_output",
                "call_id": "c",
                "output": "a",
                "status": "completed",
            },
        ),
        ({"type": "reasoning", "summary": []}, {"type": "reasoning", "summary": []}),
        ({"type": "new", "a": 1}, {"type": "new", "a": 1}),
    ],
)
def test_items_are_listed_as_the_api_has_them(item: dict[str, Any], listed: dict[str, Any]) -> None:
    (found,) = with_ids([item], Draws(b"k"))

    assert {key: value for key, value in found.items() if key != "id"} == listed


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        ("message", "msg_"),
        ("reasoning", "rs_"),
        ("function_call", "fc_"),
        ("custom_tool_call_output", "ctco_"),
        ("new", "item_"),
    ],
)
@pytest.mark.parametrize("sent", [{}, {"id": None}, {"id": ""}, {"id": 5}])
def test_items_without_an_id_get_one(kind: str, prefix: str, sent: dict[str, Any]) -> None:
    first, second = with_ids([{"type": kind, **sent}] * 2, Draws(b"k"))

    assert first["id"].startswith(prefix)
    assert first["id"] != second["id"]


def test_items_keep_their_ids() -> None:
    (found,) = with_ids([{"id": "msg_own", "role": "user", "content": "a"}], Draws(b"k"))

    assert found["id"] == "msg_own"


def test_item_named_twice_is_refused() -> None:
    error = refused(input=[{"type": "item_reference", "id": "rs_1"}] * 2)

    assert (error["param"], error["code"]) == ("input", "invalid_value")
    assert "rs_1" in error["message"]
