"""What a request forces when no rule answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from mockllm.core import schema_value
from mockllm.core.automatic import (
    NOTHING_FORCED,
    automatic_reply,
    broken_schema,
    forced_reply,
    pasted_schema,
)
from mockllm.core.compose import canned, reply_of
from mockllm.core.model import (
    ChatReply,
    Message,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    joined_text,
)
from mockllm.core.subject import Subject
from tests.core.builders import assistant, call, request, result, subject_of, system, user

WEATHER = Tool("get_weather", "Tells how warm it is in a city.")
MAIL = Tool("send_mail", "Sends a letter to somebody.")
BARE = Tool("ping")
TOOLS = (WEATHER, MAIL, BARE)
OBJECT = ResponseFormat("json_object")


def asking(
    *messages: Message | str,
    choice: ToolChoice | None = None,
    tools: tuple[Tool, ...] = TOOLS,
    wanted: ResponseFormat | None = None,
) -> Subject:
    history = [user(each) if isinstance(each, str) else each for each in messages]
    return subject_of(request(*history, tools=tools, tool_choice=choice, response_format=wanted))


def called(subject: Subject, auto_tools: bool = False) -> str | None:
    """Return the name of the tool that is called, None when none is."""
    reply = forced_reply(subject, auto_tools)
    if reply is None or not isinstance(reply.parts[0], ToolCall):
        return None
    assert reply.finish == "tool_calls"
    assert json.loads(reply.parts[0].arguments) == {}
    return reply.parts[0].name


@pytest.mark.parametrize(
    ("choice", "prompt", "name"),
    [
        (ToolChoice("required"), "please send a mail", "send_mail"),
        (ToolChoice("required"), "how is the weather?", "get_weather"),
        (ToolChoice("required"), "how warm is the city?", "get_weather"),
        (ToolChoice("required"), "a letter for somebody", "send_mail"),
        (ToolChoice("required"), "nothing that fits", "get_weather"),
        (ToolChoice("named", "ping"), "please send a mail", "ping"),
        (ToolChoice("named", "unknown"), "please send a mail", None),
        (ToolChoice("auto"), "please send a mail", None),
        (ToolChoice("none"), "please send a mail", None),
    ],
)
def test_forced_tool(choice: ToolChoice, prompt: str, name: str | None) -> None:
    assert called(asking(prompt, choice=choice)) == name


def test_tool_is_forced_without_a_prompt_too() -> None:
    assert called(asking(choice=ToolChoice("required"))) == "get_weather"


def test_named_tool_is_not_called_after_a_result() -> None:
    history = ("please send a mail", call("send_mail"), result("sent"))

    assert called(asking(*history, choice=ToolChoice("named", "send_mail"))) is None
    assert called(asking(*history, choice=ToolChoice("named", "ping"))) is None


@pytest.mark.parametrize(
    ("had", "name"),
    [
        (["send_mail"], "get_weather"),
        (["send_mail", "get_weather"], "ping"),
        (["ping", "get_weather", "send_mail"], None),
    ],
)
def test_any_tool_is_one_that_the_prompt_has_not_had(had: list[str], name: str | None) -> None:
    calls = [message for each in had for message in (call(each), result("done"))]
    history = (user("ping"), call("ping"), result("pong"), user("please send a mail"), *calls)

    assert called(asking(*history, choice=ToolChoice("required"))) == name


def test_any_tool_may_be_called_again_for_what_else_is_said() -> None:
    history = ("a mail", call("send_mail"), result("sent"), assistant("Done."), user("a mail"))

    assert called(asking(*history, choice=ToolChoice("required"))) == "send_mail"


def test_no_tool_is_called_where_none_is_offered() -> None:
    assert called(asking("send a mail", choice=ToolChoice("required"), tools=())) is None


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("please send a mail", "send_mail"),
        ("a mail, please", "send_mail"),
        ("a letter to somebody", "send_mail"),
        ("letters", None),
        ("somebody is there", None),
        ("mail me the weather", None),
        ("nothing that fits", None),
    ],
)
def test_auto_tools_calls_what_clearly_fits(prompt: str, name: str | None) -> None:
    assert called(asking(prompt), auto_tools=True) == name


@pytest.mark.parametrize(
    "history",
    [
        ("please send a mail", call("send_mail"), result("sent")),
        ("please send a mail", assistant("done")),
        ("please send a mail", call("send_mail"), result("sent"), assistant("done")),
    ],
)
def test_auto_tools_calls_once_a_prompt(history: tuple[Any, ...]) -> None:
    assert called(asking(*history), auto_tools=True) is None


@pytest.mark.parametrize(
    ("choice", "tools"), [(ToolChoice("none"), TOOLS), (ToolChoice("auto"), ())]
)
def test_auto_tools_calls_nothing_that_is_not_allowed(
    choice: ToolChoice, tools: tuple[Tool, ...]
) -> None:
    assert called(asking("please send a mail", choice=choice, tools=tools), auto_tools=True) is None


def test_auto_tools_calls_the_only_tool_there_is() -> None:
    assert called(asking("please send a mail", tools=(MAIL,)), auto_tools=True) == "send_mail"


@pytest.mark.parametrize(
    ("prompt", "keys"),
    [
        ('JSON with "name" and \'age\' and `zip`, and "name" again', ["name", "age", "zip"]),
        ("JSON, please", []),
    ],
)
def test_json_mode_has_the_keys_that_the_prompt_quotes(prompt: str, keys: list[str]) -> None:
    reply = forced_reply(asking(prompt, wanted=OBJECT))

    assert reply is not None
    (part,) = reply.parts
    assert isinstance(part, Text)
    assert list(json.loads(part.text)) == keys
    assert reply.finish == "stop"


def test_json_mode_without_a_prompt_is_an_empty_object() -> None:
    assert forced_reply(asking(wanted=OBJECT)) == ChatReply((Text("{}"),))


def test_json_mode_takes_the_schema_that_is_sent_beside_it() -> None:
    sent = ResponseFormat("json_object", schema={"const": {"a": 1}})
    pasted = 'As {"type": "object", "properties": {"b": {"type": "string"}}}, please.'

    assert forced_reply(asking(pasted, wanted=sent)) == ChatReply((Text('{"a":1}'),))


@pytest.mark.parametrize("schema", [{"type": "object"}, None])
def test_json_schema_forces_an_object(schema: dict[str, Any] | None) -> None:
    reply = forced_reply(asking("x", wanted=ResponseFormat("json_schema", "s", schema)))

    assert reply is not None
    assert isinstance(reply.parts[0], Text)


def test_nothing_is_forced_by_a_plain_request() -> None:
    assert forced_reply(asking("x", tools=())) is None
    assert automatic_reply(asking("x", tools=())) == ChatReply((Text(NOTHING_FORCED),))


def test_automatic_reply_is_what_is_forced() -> None:
    reply = automatic_reply(asking("x", choice=ToolChoice("named", "ping")))

    assert isinstance(reply.parts[0], ToolCall)


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
NESTED = {"properties": {"all": {"items": {"$ref": "#/$defs/a"}}}, "$defs": {"a": SCHEMA}}
EXAMPLE = {"properties": {"foo": {"type": "array"}}, "required": ["foo"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Answer with {json.dumps(SCHEMA)} please", SCHEMA),
        (f'First {{"x": 1}}, then {{not json}}, then {json.dumps(SCHEMA)}', SCHEMA),
        ('{"$ref": "#/a"}', {"$ref": "#/a"}),
        (f"Doubled: {json.dumps(NESTED).replace('{', '{{').replace('}', '}}')}", NESTED),
        (f"{json.dumps(NESTED).replace('{', '{{').replace('}', '}}')}{json.dumps(SCHEMA)}", SCHEMA),
        (f'{{{{"x"}}}} {{{{{json.dumps(NESTED)}', NESTED),
        (f"[{json.dumps(SCHEMA)}]", SCHEMA),
        (f"As an example, {json.dumps(EXAMPLE)}. Now {json.dumps(SCHEMA)}", SCHEMA),
        (f'By {json.dumps(SCHEMA)} a map of {{"properties": {{"name": "x"}}}}', SCHEMA),
        ('{"x": 1}', None),
        ("{", None),
        ("no braces", None),
        ("{" * 200 + json.dumps(SCHEMA), None),
        ('{"a":' * 5_000, None),
    ],
)
def test_pasted_schema_is_found(text: str, found: dict[str, Any] | None) -> None:
    assert pasted_schema(text) == found


def test_json_mode_finds_a_pasted_schema_in_any_message() -> None:
    history = (system(f"Use {json.dumps(SCHEMA)}"), user('"quoted"'))

    reply = forced_reply(asking(*history, wanted=OBJECT))

    assert reply is not None
    assert schema_value.violation(json.loads(joined_text(reply.parts)), SCHEMA) is None


PASTED = json.dumps({**SCHEMA, "required": ["a"]}, indent=2)


@pytest.mark.parametrize(
    "history",
    [
        (system(f"Provide objects in json that match the following json_schema:\n\n{PASTED}"), "x"),
        (system(f"Respond with a JSON object that's compatible with this schema:\n{PASTED}"), "x"),
        (system(f"JSON schema:\n{PASTED}\nAnswer with JSON that matches the schema above."), "x"),
        (f"Who?\n\nHere's a JSON schema to follow:\n{PASTED}\n\nOutput a valid JSON object.",),
        (
            "A JSON instance that conforms to the JSON schema below. As an example, for the schema "
            f"{json.dumps(EXAMPLE)} [...]. {'Many words. ' * 50} The schema:\n```\n{PASTED}\n```",
        ),
    ],
)
def test_json_that_is_asked_for_in_words(history: tuple[Message | str, ...]) -> None:
    reply = forced_reply(asking(*history, tools=()))

    assert reply is not None
    assert list(json.loads(joined_text(reply.parts))) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        f"Why does this JSON schema return an error? {PASTED}",
        f"Follow these rules. get_weather takes {PASTED}",
        f"Answer with JSON that follows the schema. {'Many words. ' * 50} {PASTED}",
        "Answer with JSON that follows the schema.",
        'A JSON schema to follow: {"$ref": "#/nowhere"}',
    ],
)
def test_json_that_is_not_asked_for_in_words(text: str) -> None:
    assert forced_reply(asking(text, tools=())) is None


def test_json_is_asked_for_in_words_without_tools_only() -> None:
    assert forced_reply(asking(f"A JSON schema to follow: {PASTED}", tools=TOOLS)) is None


def test_json_is_asked_for_in_words_in_a_chat_only() -> None:
    asked = request(user(f"A JSON schema to follow: {PASTED}"))

    assert forced_reply(subject_of(asked)) is not None
    assert forced_reply(subject_of(structs.replace(asked, operation="embedding"))) is None


@pytest.mark.parametrize(
    ("wanted", "reply", "warning"),
    [
        (ResponseFormat(), canned("no JSON"), None),
        (OBJECT, canned('{"a": 1}'), None),
        (OBJECT, canned("no JSON"), "the answer is not JSON, which response_format asks for"),
        (OBJECT, canned(""), "the answer is not JSON, which response_format asks for"),
        (OBJECT, ChatReply((Text('{"a'),), "length"), None),
        (OBJECT, reply_of((ToolCall("c1", "f", "{}"),)), None),
        (OBJECT, ChatReply((Text('{"a":'), Text("1}"))), None),
        (ResponseFormat("json_schema", "s", None), canned("{}"), None),
        (ResponseFormat("json_schema", "s", {}), canned("{}"), None),
        (
            ResponseFormat("json_schema", "s", {}),
            canned("no JSON"),
            "the answer is not JSON, which response_format asks for",
        ),
    ],
)
def test_reply_that_breaks_what_was_asked_for(
    wanted: ResponseFormat, reply: ChatReply, warning: str | None
) -> None:
    assert broken_schema(asking("x", wanted=wanted), reply) == warning
