"""Making replies of recipes: filled in, cut where the client asked, counted."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from mockllm.core.caching import CacheUse
from mockllm.core.compose import TEMPLATE_NAMES, canned, compose, json_text, reply_of
from mockllm.core.conditions import TextMatches
from mockllm.core.model import (
    ChatReply,
    ErrorReply,
    Finish,
    ModerationReply,
    Part,
    Reasoning,
    Refusal,
    Reply,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    Usage,
    VectorReply,
)
from mockllm.core.regex import compile_regex
from mockllm.core.rules import (
    Automatic,
    Canned,
    Echo,
    Lorem,
    Making,
    Moderation,
    Recipe,
    Templated,
    TemplatedPart,
    Vector,
)
from mockllm.core.subject import Subject
from mockllm.core.template import Template, TemplateFailure, compile_template
from mockllm.core.vectors import embed
from tests.core.builders import contains, occasion, raw, request, rule, subject_of, system, user

COUNT = "one two three four five"
CALL = ToolCall("c1", "f", '{"a":1}')


def composed(
    making: Making | tuple[Part, ...] | str,
    sampling: Sampling | None = None,
    **options: Any,
) -> ChatReply:
    """Return the chat reply to the prompt `count it`; parts and a text are canned."""
    match making:
        case str():
            making = Canned(canned(making))
        case tuple():
            making = Canned(reply_of(making))
    subject = subject_of(request(user("count it"), sampling=sampling))
    reply = compose(Recipe(making, **options), occasion(subject))
    assert isinstance(reply, ChatReply)
    return reply


def template(text: str) -> Template:
    return compile_template(text, TEMPLATE_NAMES)


@pytest.mark.parametrize(
    ("sampling", "text", "finish", "stop_sequence"),
    [
        (Sampling(), COUNT, "stop", None),
        (Sampling(max_tokens=5), COUNT, "stop", None),
        (Sampling(max_tokens=2), "one two", "length", None),
        (Sampling(max_tokens=0), "", "length", None),
        (Sampling(stop=("three",)), "one two ", "stop_sequence", "three"),
        (Sampling(stop=("five", "three")), "one two ", "stop_sequence", "three"),
        (Sampling(stop=("six",)), COUNT, "stop", None),
        (Sampling(max_tokens=1, stop=("three",)), "one", "length", None),
        (Sampling(max_tokens=9, stop=("three",)), "one two ", "stop_sequence", "three"),
    ],
)
def test_reply_ends_where_the_client_asked(
    sampling: Sampling, text: str, finish: Finish, stop_sequence: str | None
) -> None:
    reply = composed(COUNT, sampling)

    assert reply.parts == (Text(text),)
    assert (reply.finish, reply.stop_sequence) == (finish, stop_sequence)


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ((Text("a stop b"), Text("c"), CALL), (Text("a "),)),
        ((Text("a"), Text("b stop"), Text("c")), (Text("a"), Text("b "))),
        ((Reasoning("stop here"), Text("a stop")), (Reasoning("stop here"), Text("a "))),
        ((ToolCall("c1", "f", '{"stop":1}'), Text("a")), None),
        ((Refusal("stop"),), None),
    ],
)
def test_stop_sequences_end_texts_only(
    parts: tuple[Part, ...], kept: tuple[Part, ...] | None
) -> None:
    reply = composed(parts, Sampling(stop=("stop",)))

    assert reply.parts == (kept or parts)
    assert reply.finish == ("stop_sequence" if kept else reply_of(parts).finish)


@pytest.mark.parametrize(
    ("parts", "limit", "kept"),
    [
        ((Reasoning("one two three"), Text("four")), 2, (Reasoning("one two"),)),
        ((Reasoning("one"), Text("two three")), 2, (Reasoning("one"), Text("two"))),
        ((Text("one"), CALL), 3, (Text("one"), ToolCall("c1", "f", '{"'))),
        ((Refusal("I will not"),), 1, (Refusal("I"),)),
        ((CALL, CALL), 8, (CALL, ToolCall("c1", "f", "{"))),
    ],
)
def test_token_limit_cuts_whatever_is_said(
    parts: tuple[Part, ...], limit: int, kept: tuple[Part, ...]
) -> None:
    reply = composed(parts, Sampling(max_tokens=limit))

    assert reply.parts == kept
    assert reply.finish == "length"
    assert reply.usage.output_tokens == limit


def test_part_after_the_token_limit_does_not_begin() -> None:
    reply = composed((Text("one two"), CALL), Sampling(max_tokens=2))

    assert reply.parts == (Text("one two"),)


def test_usage_counts_the_input_and_what_is_left_of_the_output() -> None:
    reply = composed(COUNT, Sampling(max_tokens=2))

    assert reply.usage == Usage(input_tokens=2, output_tokens=2)


def test_reasoning_counts_as_output_and_as_reasoning() -> None:
    reply = composed((Reasoning("one two"), Text("three")))

    assert reply.usage == Usage(input_tokens=2, output_tokens=3, reasoning_tokens=2)


def test_usage_of_the_rule_overrides_the_counts_it_names() -> None:
    reply = composed(COUNT, usage={"output_tokens": 7, "cached_tokens": 1})

    assert reply.usage == Usage(input_tokens=2, output_tokens=7, cached_tokens=1)


def test_usage_tells_what_the_prompt_cache_has() -> None:
    asked = structs.replace(occasion(subject_of("one two")), cached=CacheUse(1, 4))

    reply = compose(Recipe(Canned(canned("yes"))), asked)

    assert isinstance(reply, ChatReply)
    assert reply.usage == Usage(2, 1, cached_tokens=1, cache_write_tokens=4)


def test_usage_of_the_rule_overrides_the_prompt_cache() -> None:
    asked = structs.replace(occasion(subject_of("one two")), cached=CacheUse(1, 4))

    reply = compose(Recipe(Canned(canned("yes")), usage={"cached_tokens": 9}), asked)

    assert isinstance(reply, ChatReply)
    assert reply.usage == Usage(2, 1, cached_tokens=9, cache_write_tokens=4)


def test_output_of_a_canned_reply_is_counted_when_it_is_made() -> None:
    assert canned(COUNT) == ChatReply((Text(COUNT),), usage=Usage(output_tokens=5))


@pytest.mark.parametrize(
    ("parts", "finish"),
    [
        ((Text("a"),), "stop"),
        ((), "stop"),
        ((Text("a"), CALL), "tool_calls"),
        ((Refusal("no"),), "refusal"),
        ((Reasoning("hm"), Text("a")), "stop"),
    ],
)
def test_reply_ends_as_its_parts_do(parts: tuple[Part, ...], finish: Finish) -> None:
    assert composed(parts).finish == finish


def test_finish_of_the_rule_is_taken() -> None:
    assert composed("a", finish="content_filter").finish == "content_filter"


def test_headers_of_the_rule_are_taken_and_leave_the_finish() -> None:
    reply = composed((CALL,), headers=(("x-a", "1"),))

    assert (reply.headers, reply.finish) == ((("x-a", "1"),), "tool_calls")


def test_error_takes_the_headers_of_the_rule() -> None:
    error = ErrorReply("rate_limit", retry_after_s=2.0)
    asked = occasion(subject_of("hi"))

    plain = compose(Recipe(Canned(error)), asked)
    headed = compose(Recipe(Canned(error), headers=(("x-a", "1"),)), asked)

    assert plain == error
    assert headed == ErrorReply("rate_limit", retry_after_s=2.0, headers=(("x-a", "1"),))


def test_calls_without_an_id_get_one_each() -> None:
    reply = composed((Text("a"), ToolCall("", "f", "{}"), CALL, ToolCall("", "f", "{}")))

    ids = [part.id for part in reply.parts if isinstance(part, ToolCall)]
    assert ids[1] == "c1"
    assert len(set(ids)) == 3
    assert all(ids)


def test_echo_says_the_prompt() -> None:
    assert composed(Echo()).parts == (Text("count it"),)


def test_echo_without_a_prompt_says_nothing() -> None:
    reply = compose(Recipe(Echo()), occasion(subject_of(request())))

    assert isinstance(reply, ChatReply)
    assert reply.parts == (Text(""),)


@pytest.mark.parametrize("tokens", [0, 1, 25])
def test_lorem_has_so_many_tokens(tokens: int) -> None:
    assert composed(Lorem(tokens)).usage.output_tokens == tokens


def test_moderation_says_what_the_rule_says() -> None:
    reply = compose(Recipe(Moderation(("violence",), {"hate": 0.5})), occasion(subject_of("hi")))

    assert reply == ModerationReply(("violence",), {"hate": 0.5}, Usage(1))


def test_vector_is_the_one_given() -> None:
    reply = compose(Recipe(Vector((0.1, 0.2))), occasion(subject_of("hi")))

    assert reply == VectorReply((0.1, 0.2), Usage(1))


def embedded(making: Making, text: str = "hi") -> VectorReply:
    asked = structs.replace(request(user(text)), operation="embedding", dimensions=64)
    reply = compose(Recipe(making), occasion(subject_of(asked)))
    assert isinstance(reply, VectorReply)
    return reply


@pytest.mark.parametrize("making", [Vector(), Automatic()])
def test_vector_is_the_texts_own(making: Making) -> None:
    assert embedded(making).values == embed("hi", 64)


def test_vector_is_as_near_as_is_wanted() -> None:
    values = embedded(Vector(like="cat", similarity=0.9)).values

    assert sum(a * b for a, b in zip(values, embed("cat", 64), strict=True)) == pytest.approx(0.9)


def test_automatic_moderation_flags_nothing() -> None:
    asked = structs.replace(request(user("hi")), operation="moderation")

    assert compose(Recipe(Automatic()), occasion(subject_of(asked))) == ModerationReply(
        usage=Usage(1)
    )


def test_only_the_first_call_comes_where_parallel_ones_are_forbidden() -> None:
    parts = (Text("a"), ToolCall("1", "f", "{}"), ToolCall("2", "g", "{}"), Text("b"))
    asked = request(user("go"), tool_choice=ToolChoice(parallel=False))

    reply = compose(Recipe(Canned(reply_of(parts))), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    assert reply.parts == (parts[0], parts[1], parts[3])


def test_single_call_comes_where_parallel_ones_are_forbidden() -> None:
    parts = (ToolCall("1", "f", "{}"),)
    asked = request(user("go"), tool_choice=ToolChoice(parallel=False))

    reply = compose(Recipe(Canned(reply_of(parts))), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    assert reply.parts == parts


def test_automatic_without_anything_forced_is_a_text() -> None:
    assert composed(Automatic()).parts == (Text("This is an automatic answer."),)


def test_automatic_calls_a_forced_tool() -> None:
    asked = request(user("go"), tools=(Tool("f"),), tool_choice=ToolChoice("named", "f"))

    reply = compose(Recipe(Automatic()), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    (made,) = reply.parts
    assert isinstance(made, ToolCall)
    assert (made.name, made.arguments, reply.finish) == ("f", "{}", "tool_calls")
    assert made.id
    assert reply.usage.output_tokens == 2


def filled(subject: Subject, text: str, calls: int = 1) -> str:
    regex = TextMatches((compile_regex("(?P<first>[a-z]+)"),))
    asked = occasion(subject, rule(contains("o"), regex), calls)
    reply: Reply = compose(Recipe(Templated((TemplatedPart("text", template(text)),))), asked)
    assert isinstance(reply, ChatReply)
    (part,) = reply.parts
    assert isinstance(part, Text)
    return part.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ request.text }}", "hello world"),
        ("{{ request.model }}", "gpt-4o"),
        ("{{ request.provider }} {{ request.operation }}", "openai chat"),
        ("{{ request.stream }}", "False"),
        ("{{ request.system }}", "Be kind.\nBe brief."),
        ("{{ request.headers['x-tenant'] }}", "acme"),
        ("{{ request.params.metadata.user }}", "u1"),
        ("{{ match.first }}", "hello"),
        ("{{ turn }} {{ step }} {{ calls }}", "1 1 3"),
        ("{{ session }} {{ state }}", "s1 paid"),
        ("{{ now.date }} {{ now.time }}", "2023-11-14 22:13:20"),
        ("{{ now.iso }} {{ now.unix }}", "2023-11-14T22:13:20Z 1700000000"),
    ],
)
def test_templates_see_the_request_and_its_session(text: str, expected: str) -> None:
    sent = raw(headers={"x-tenant": "acme"}, body={"metadata": {"user": "u1"}})
    asked = request(system("Be kind."), system("Be brief.", "developer"), user("hello world"))

    assert filled(subject_of(asked, sent, "s1", "paid"), text, calls=3) == expected


def test_template_of_a_request_without_a_prompt_has_no_text() -> None:
    assert filled(subject_of(request()), "[{{ request.text }}]") == "[]"


def test_every_kind_of_part_may_be_a_template() -> None:
    turn = template("{{ turn }}")
    data = {"list": [turn, 2, None], "map": {"a": turn}, "text": "{{ left }}"}
    making = Templated(
        (
            TemplatedPart("reasoning", turn),
            TemplatedPart("text", turn),
            TemplatedPart("json", data),
            TemplatedPart("tool_call", {"city": turn}, "weather"),
        )
    )

    reply = composed(making)

    assert reply.parts[:3] == (
        Reasoning("1"),
        Text("1"),
        Text('{"list":["1",2,null],"map":{"a":"1"},"text":"{{ left }}"}', is_json=True),
    )
    made = reply.parts[3]
    assert isinstance(made, ToolCall)
    assert (made.name, made.arguments) == ("weather", '{"city":"1"}')
    assert reply.finish == "tool_calls"


def test_refusal_may_be_a_template() -> None:
    reply = composed(Templated((TemplatedPart("refusal", template("no {{ turn }}")),)))

    assert (reply.parts, reply.finish) == ((Refusal("no 1"),), "refusal")


def test_template_that_cannot_be_filled_in_fails() -> None:
    with pytest.raises(TemplateFailure):
        composed(Templated((TemplatedPart("text", template("{{ request.nothing }}")),)))


@pytest.mark.parametrize(
    ("value", "text"),
    [({"b": 1, "a": "é"}, '{"b":1,"a":"é"}'), (None, "null"), ([1.5, True], "[1.5,true]")],
)
def test_json_is_compact_and_in_the_order_given(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_response_format_does_not_change_a_canned_reply() -> None:
    asked = request(user("hi"), response_format=ResponseFormat("json_object"))

    reply = compose(Recipe(Canned(canned("no JSON"))), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    assert reply.parts == (Text("no JSON"),)


DATA = Canned(reply_of((Text('{"a":1}', is_json=True),)))


@pytest.mark.parametrize(
    ("choice", "tools", "parts"),
    [
        (ToolChoice("named", "f"), ("e", "f"), (ToolCall("", "f", '{"a":1}'),)),
        (ToolChoice("required"), ("f",), (ToolCall("", "f", '{"a":1}'),)),
        (ToolChoice("required"), ("e", "f"), (Text('{"a":1}', is_json=True),)),
        (ToolChoice("named", "g"), ("e", "f"), (Text('{"a":1}', is_json=True),)),
        (ToolChoice("auto"), ("f",), (Text('{"a":1}', is_json=True),)),
    ],
)
def test_data_is_the_arguments_of_a_forced_tool(
    choice: ToolChoice, tools: tuple[str, ...], parts: tuple[Part, ...]
) -> None:
    asked = request(user("hi"), tools=tuple(map(Tool, tools)), tool_choice=choice)

    reply = compose(Recipe(DATA), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    made = tuple(
        structs.replace(part, id="", is_drawn=False) if isinstance(part, ToolCall) else part
        for part in reply.parts
    )
    assert made == parts
    assert reply.finish == ("tool_calls" if isinstance(parts[0], ToolCall) else "stop")


@pytest.mark.parametrize("text", [Text("[1]", is_json=True), Text('{"a":1}')])
def test_other_texts_stay_texts_where_a_tool_is_forced(text: Text) -> None:
    asked = request(user("hi"), tools=(Tool("f"),), tool_choice=ToolChoice("required"))

    reply = compose(Recipe(Canned(reply_of((text,)))), occasion(subject_of(asked)))

    assert isinstance(reply, ChatReply)
    assert reply.parts == (text,)
