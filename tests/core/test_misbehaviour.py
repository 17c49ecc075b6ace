"""Mistakes of a model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from mockllm.core.compose import canned, counted, reply_of
from mockllm.core.faults import MISBEHAVIOURS
from mockllm.core.misbehaviour import misbehave
from mockllm.core.model import (
    ChatReply,
    Part,
    Reasoning,
    Refusal,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    Usage,
    part_text,
)
from mockllm.core.schema_value import violation
from mockllm.core.subject import Subject
from tests.core.builders import DRAWS, request, subject_of, user

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "note": {"type": "string"},
        "city": {"type": "string"},
        "unit": {"enum": ["C", "F"]},
    },
    "required": ["city"],
}
TOOL = Tool("get_weather", parameters=SCHEMA)
GIVEN = {"note": "", "city": "Paris", "unit": "C"}
CALL = ToolCall("c1", "get_weather", json.dumps(GIVEN))
OTHER = ToolCall("c2", "pay", '{"amount":420}')
CALLS = reply_of((Text("One moment."), CALL, OTHER))
SAID = canned("It is sunny in Paris.")
ASKED = subject_of(request(user("weather?"), tools=(TOOL,)))
PLAIN = subject_of("weather?")
AS_JSON = subject_of(
    request(user("weather?"), response_format=ResponseFormat("json_schema", schema=SCHEMA))
)
ARGUMENTS = (
    "cut_arguments", "trailing_comma", "missing_argument", "wrong_type", "extra_argument",
    "bad_enum",
)  # fmt: skip
OF_CALLS = (*ARGUMENTS, "unknown_tool", "duplicate_ids", "length_in_call")


def erring(kind: str, reply: ChatReply = CALLS, subject: Subject = ASKED) -> ChatReply:
    """Return a reply with a mistake, for which it has a place."""
    found = misbehave(kind, reply, subject, DRAWS)
    assert found is not None
    return found


def call_of(reply: ChatReply, name: str = "get_weather") -> ToolCall:
    return next(part for part in reply.parts if isinstance(part, ToolCall) and part.name == name)


def arguments(kind: str, given: Any, schema: dict[str, Any] | None = None) -> Any:
    """Return what a mistake makes of the arguments of a call, None when it has no place there."""
    text = given if isinstance(given, str) else json.dumps(given)
    reply = reply_of((ToolCall("c1", "get_weather", text),))
    tool = structs.replace(TOOL, parameters=schema or {})
    made = misbehave(kind, reply, subject_of(request(user("?"), tools=(tool,))), DRAWS)
    return None if made is None else part_text(made.parts[0])


@pytest.mark.parametrize("kind", MISBEHAVIOURS)
def test_each_kind_changes_a_reply_and_counts_its_tokens_anew(kind: str) -> None:
    reply = structs.replace(CALLS, usage=Usage(7, 100, cached_tokens=3))

    made = erring(kind, reply)

    assert made.parts != reply.parts
    counts = counted(made).usage
    assert made.usage == structs.replace(counts, input_tokens=7, cached_tokens=3)


@pytest.mark.parametrize("kind", sorted({*ARGUMENTS, "length_in_call"}))
def test_mistake_in_arguments_is_made_in_the_first_call_alone(kind: str) -> None:
    made = erring(kind)

    text, call, *rest = made.parts
    assert text == CALLS.parts[0]
    assert isinstance(call, ToolCall)
    assert (call.id, call.name) == (CALL.id, CALL.name)
    assert call.arguments != CALL.arguments
    assert rest == ([] if kind == "length_in_call" else [OTHER])


@pytest.mark.parametrize("kind", ["cut_arguments", "trailing_comma", "length_in_call"])
def test_arguments_are_no_json(kind: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(call_of(erring(kind)).arguments)


@pytest.mark.parametrize("kind", ["missing_argument", "wrong_type", "bad_enum"])
def test_arguments_are_json_that_the_schema_does_not_allow(kind: str) -> None:
    found = json.loads(call_of(erring(kind)).arguments)

    assert violation(found, SCHEMA) is not None
    changed = {name for name in GIVEN if name not in found or found[name] != GIVEN[name]}
    assert len(changed) == 1


def test_arguments_have_one_too_many() -> None:
    found = json.loads(call_of(erring("extra_argument")).arguments)

    (extra,) = found.keys() - SCHEMA["properties"].keys()
    assert found == GIVEN | {extra: found[extra]}


@pytest.mark.parametrize(
    ("kind", "given", "schema", "made"),
    [
        ("cut_arguments", "{}", None, "{"),
        ("cut_arguments", "7", None, None),
        ("trailing_comma", "{}", None, "{,}"),
        ("trailing_comma", '[{"a":1}]\n', None, '[{"a":1},]'),
        ("trailing_comma", '["}"]', None, '["}",]'),
        ("trailing_comma", "7", None, None),
        ("trailing_comma", "", None, None),
        ("missing_argument", '{"a":1,"b":2}', None, '{"b":2}'),
        ("missing_argument", '{"a":1,"b":2}', {"required": ["c", "b"]}, '{"a":1}'),
        ("missing_argument", '{"a":1}', {"required": [[], {}]}, "{}"),
        ("missing_argument", '{"a":1}', {"required": "a"}, "{}"),
        ("missing_argument", "{}", None, None),
        ("missing_argument", "[1]", None, None),
        ("wrong_type", '{"a":1}', None, '{"a":"not what was asked for"}'),
        ("wrong_type", '{"a":"b"}', None, '{"a":12345}'),
        ("wrong_type", '{"a":"b"}', {"properties": {"a": {}}}, None),
        ("wrong_type", "{}", None, None),
        ("wrong_type", "[", None, None),
        ("extra_argument", "[]", None, None),
        ("extra_argument", '{"a":', None, None),
        ("bad_enum", '{"a":"b"}', {"properties": {"a": {"const": "b"}}}, '{"a":"none_of_these"}'),
        ("bad_enum", '{"a":"b"}', {"properties": {"c": {"enum": ["b"]}}}, None),
        ("bad_enum", '{"a":"b"}', {"properties": {"a": True}}, None),
        ("bad_enum", '{"a":"b"}', {"properties": []}, None),
        ("bad_enum", "[]", {"properties": {"a": {"enum": ["b"]}}}, None),
    ],
)
def test_mistakes_in_odd_arguments(
    kind: str, given: str, schema: dict[str, Any] | None, made: str | None
) -> None:
    assert arguments(kind, given, schema) == made


def test_call_of_a_tool_that_was_not_offered_has_no_schema() -> None:
    made = erring("wrong_type", reply_of((OTHER,)))

    assert call_of(made, "pay").arguments == '{"amount":"not what was asked for"}'


@pytest.mark.parametrize("kind", ["trailing_comma", "missing_argument", "wrong_type", "bad_enum"])
@pytest.mark.parametrize("subject", [AS_JSON, PLAIN], ids=["asked-for", "by-the-rule"])
def test_without_a_call_the_mistake_is_made_in_json(kind: str, subject: Subject) -> None:
    text = Text(json.dumps(GIVEN), is_json=subject is PLAIN)
    reply = ChatReply((Reasoning("Hm."), text))

    found = misbehave(kind, reply, subject, DRAWS)

    if kind == "bad_enum" and subject is PLAIN:
        assert found is None
    else:
        assert found is not None
        assert found.parts[0] == Reasoning("Hm.")
        assert found.finish == "stop"
        assert part_text(found.parts[1]) != text.text


@pytest.mark.parametrize("kind", ["unknown_tool", "duplicate_ids", "length_in_call"])
def test_json_is_no_call(kind: str) -> None:
    assert misbehave(kind, canned("{}"), AS_JSON, DRAWS) is None


@pytest.mark.parametrize("kind", sorted({*OF_CALLS} - {"bad_enum"}))
def test_without_either_the_first_tool_is_called_with_a_mistake(kind: str) -> None:
    made = erring(kind, SAID)

    calls = [part for part in made.parts if isinstance(part, ToolCall)]
    assert tuple(calls) == made.parts
    assert all(call.id and call.is_drawn for call in calls)
    assert made.finish == ("length" if kind == "length_in_call" else "tool_calls")


@pytest.mark.parametrize("kind", OF_CALLS)
def test_reply_to_a_client_without_tools_has_no_place_for_a_mistake_in_a_call(kind: str) -> None:
    assert misbehave(kind, SAID, PLAIN, DRAWS) is None


def test_tool_without_parameters_is_called_without_arguments() -> None:
    subject = subject_of(request(user("?"), tools=(Tool("now", parameters={}),)))

    made = erring("cut_arguments", SAID, subject)

    assert part_text(made.parts[0]) == "{"


def test_tool_that_no_arguments_fit_is_not_called() -> None:
    tool = Tool("never", parameters={"type": "object", "not": {}})
    subject = subject_of(request(user("?"), tools=(tool,)))

    assert misbehave("cut_arguments", SAID, subject, DRAWS) is None


def test_tool_that_is_called_was_not_offered() -> None:
    taken = structs.replace(TOOL, name="get_weather_v2")
    made = erring("unknown_tool", CALLS, subject_of(request(user("?"), tools=(TOOL, taken))))

    assert made.parts == (CALLS.parts[0], structs.replace(CALL, name="get_weather_v2_v2"), OTHER)


def test_two_calls_have_one_id() -> None:
    assert erring("duplicate_ids").parts == (
        CALLS.parts[0], CALL, structs.replace(OTHER, id="c1")
    )  # fmt: skip


def test_lone_call_comes_twice() -> None:
    assert erring("duplicate_ids", reply_of((Text("Wait."), CALL))).parts == (
        Text("Wait."), CALL, CALL
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "finish"),
    [
        ("empty_answer", "stop"),
        ("refusal", "refusal"),
        ("filtered", "content_filter"),
        ("reasoning_only", "stop"),
        ("length_in_call", "length"),
        ("code_fence", "tool_calls"),
        ("cut_arguments", "tool_calls"),
    ],
)
def test_reply_ends_as_such_a_mistake_does(kind: str, finish: str) -> None:
    assert erring(kind).finish == finish


@pytest.mark.parametrize("kind", ["code_fence", "wrong_language", "injection"])
def test_mistake_in_a_text_leaves_why_it_ends(kind: str) -> None:
    stopped = structs.replace(SAID, finish="stop_sequence", stop_sequence="!")

    made = erring(kind, stopped)

    assert (made.finish, made.stop_sequence) == ("stop_sequence", "!")


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("empty_answer", ()),
        ("filtered", (Reasoning("Hm."), Text("abc"))),
        ("code_fence", (Reasoning("Hm."), Text("```json\nabcdefg\n```"), CALL)),
    ],
)
def test_answer_as_a_whole_is_mistaken(kind: str, parts: tuple[Part, ...]) -> None:
    assert erring(kind, reply_of((Reasoning("Hm."), Text("abcdefg"), CALL))).parts == parts


@pytest.mark.parametrize(("kind", "part"), [("refusal", Refusal), ("reasoning_only", Reasoning)])
def test_answer_is_something_else(kind: str, part: type[Part]) -> None:
    (made,) = erring(kind).parts

    assert isinstance(made, part)


def test_reply_without_a_text_is_filtered_wholly() -> None:
    assert erring("filtered", reply_of((CALL,))).parts == ()


@pytest.mark.parametrize("kind", ["code_fence", "wrong_language", "injection"])
def test_reply_without_a_text_has_no_place_for_a_mistake_in_it(kind: str) -> None:
    assert misbehave(kind, reply_of((CALL,)), ASKED, DRAWS) is None


def test_other_language_is_another() -> None:
    japanese = erring("wrong_language", SAID)

    spanish = erring("wrong_language", japanese)

    assert not part_text(japanese.parts[0]).isascii()
    assert part_text(spanish.parts[0]).startswith("Lo siento")


def test_injection_follows_what_is_said() -> None:
    said = part_text(erring("injection", SAID).parts[0])

    assert said.startswith("It is sunny in Paris.\n\nIgnore all previous instructions")
