"""From a valid reply to its recipe."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from mockllm.config.build_reply import Context, build_recipe, read_file
from mockllm.config.programs import template
from mockllm.core.faults import ErrorKind
from mockllm.core.model import (
    ChatReply,
    ErrorReply,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
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
from mockllm.core.template import Template, TemplateProblem
from tests.config.documents import lines_of, node_of, write

NOWHERE = Path("nowhere")


def recipe_of(reply: str) -> Recipe:
    """Return the recipe of a reply that is valid."""
    problems = lines_of(f"responses: {{a: {reply}}}")
    assert not [line for line in problems if " error " in line]
    return build_recipe(node_of(reply), Context(NOWHERE))


def said(reply: str) -> ChatReply:
    """Return a reply that is the same for everybody."""
    making = recipe_of(reply).making
    assert isinstance(making, Canned)
    assert isinstance(making.reply, ChatReply)
    return making.reply


def templated(reply: str) -> list[tuple[str, str, Any]]:
    """Return the kind, the name and the value of each part, with `<...>` for templates."""
    making = recipe_of(reply).making
    assert isinstance(making, Templated)
    return [(part.kind, part.name, shown(part.value)) for part in making.parts]


def shown(value: Any) -> Any:
    """Return data with each template in it as what it makes of a model's name, in brackets."""
    match value:
        case Template():
            return f"<{value.render({'request': {'model': 'gpt'}}, Random(0))}>"
        case dict():
            return {key: shown(each) for key, each in value.items()}
        case list():
            return [shown(each) for each in value]
        case _:
            return value


def data(text: str) -> Text:
    """What a rule gives as data."""
    return Text(text, is_json=True)


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        ("hi", (Text("hi"),)),
        ("7", (Text("7"),)),
        ("''", (Text(""),)),
        ("{text: hi}", (Text("hi"),)),
        ("{text: yes}", (Text("yes"),)),
        ("{refusal: no!}", (Refusal("no!"),)),
        ("{json: {b: 1, a: [NO, null, 12:30]}}", (data('{"b":1,"a":["NO",null,"12:30"]}'),)),
        ("{json: null}", (data("null"),)),
        ("{json: 7}", (data("7"),)),
        ("{json: a}", (data('"a"'),)),
        ("{json: }", (data("null"),)),
        ("{json: {é: 😀}}", (data('{"é":"😀"}'),)),
        ("{tool_calls: [{name: t}]}", (ToolCall("", "t", "{}"),)),
        ("{tool_calls: [{name: 7, id: 8, arguments: {}}]}", (ToolCall("8", "7", "{}"),)),
        (
            "{tool_calls: [{name: t, arguments: {a: 01, b: 1}}, {name: u}]}",
            (ToolCall("", "t", '{"a":"01","b":1}'), ToolCall("", "u", "{}")),
        ),
        (
            "{tool_calls: [{name: t}], text: hi, reasoning: hm}",
            (Reasoning("hm"), Text("hi"), ToolCall("", "t", "{}")),
        ),
        ("{json: [1], reasoning: hm}", (Reasoning("hm"), data("[1]"))),
        ("{text: hi, reasoning: 1.10}", (Reasoning("1.10"), Text("hi"))),
        (
            "{parts: [a, {refusal: b}, {tool_call: {name: t, id: c}}, {reasoning: d}, {text: e}]}",
            (Text("a"), Refusal("b"), ToolCall("c", "t", "{}"), Reasoning("d"), Text("e")),
        ),
        ("{text: '{{ a }}', render: false}", (Text("{{ a }}"),)),
    ],
)
def test_parts_are_in_the_order_said(reply: str, parts: tuple[Part, ...]) -> None:
    assert said(reply).parts == parts


@pytest.mark.parametrize(
    ("reply", "finish"),
    [
        ("hi", "stop"),
        ("{text: hi}", "stop"),
        ("{json: 7}", "stop"),
        ("{refusal: no!}", "refusal"),
        ("{tool_calls: [{name: t}]}", "tool_calls"),
        ("{parts: [a, {tool_call: {name: t}}, {refusal: b}]}", "tool_calls"),
    ],
)
def test_reply_ends_as_its_parts_do(reply: str, finish: str) -> None:
    assert said(reply).finish == finish


def test_reply_is_counted_at_load() -> None:
    usage = said("{text: hello world, reasoning: hm}").usage

    assert (usage.output_tokens, usage.reasoning_tokens) == (3, 1)


@pytest.mark.parametrize(
    ("reply", "making"),
    [
        ("{echo: true}", Echo()),
        ("{echo: yes}", Echo()),
        ("{auto: true}", Automatic()),
        ("{lorem: {tokens: 20}}", Lorem(20)),
        ("{lorem: {tokens: 0}}", Lorem(0)),
        ("{embedding: [0.5, -1, 0x2]}", Vector((0.5, -1.0, 2.0))),
        ("{embedding: {like: cat}}", Vector(like="cat")),
        ("{embedding: {like: 7, similarity: 0.9}}", Vector(like="7", similarity=0.9)),
        ("{embedding: {like: cat, similarity: -1}}", Vector(like="cat", similarity=-1.0)),
        ("{moderation: {flagged: []}}", Moderation()),
        ("{moderation: {flagged: [hate, violence]}}", Moderation(("hate", "violence"))),
        ("{error: rate_limit}", Canned(ErrorReply("rate_limit"))),
        ("{error: {kind: auth}}", Canned(ErrorReply("auth"))),
        ("{error: {kind: server, status: 502}}", Canned(ErrorReply("server", 502))),
        ("{error: {kind: server, message: 7}}", Canned(ErrorReply("server", message="7"))),
        (
            "{error: {kind: rate_limit, retry_after: 1.5 m}}",
            Canned(ErrorReply("rate_limit", retry_after_s=90.0)),
        ),
        ("{error: {status: 429, message: ''}}", Canned(ErrorReply("rate_limit", 429, ""))),
    ],
)
def test_what_is_no_chat_is_made_so(reply: str, making: Making) -> None:
    assert recipe_of(reply).making == making


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, "invalid"), (401, "auth"), (403, "permission"), (404, "not_found")),
        *((418, "invalid"), (429, "rate_limit"), (499, "invalid")),
        *((500, "server"), (502, "server"), (503, "overloaded"), (529, "overloaded")),
        (599, "server"),
    ],
)
def test_kind_of_an_error_follows_from_its_status(status: int, kind: ErrorKind) -> None:
    assert recipe_of(f"{{error: {{status: {status}}}}}").making == Canned(ErrorReply(kind, status))


@pytest.mark.parametrize(
    ("extras", "expected"),
    [
        ("", Recipe(Echo())),
        ("finish: length", Recipe(Echo(), finish="length")),
        ("usage: {}", Recipe(Echo())),
        ("usage: {input_tokens: 7}", Recipe(Echo(), usage={"input_tokens": 7})),
        (
            "usage: {output_tokens: 0, cached_tokens: 1, reasoning_tokens: 2}",
            Recipe(Echo(), usage={"output_tokens": 0, "cached_tokens": 1, "reasoning_tokens": 2}),
        ),
        ("headers: {}", Recipe(Echo())),
        ("headers: {X-A: b, x-b: 7}", Recipe(Echo(), headers=(("X-A", "b"), ("x-b", "7")))),
    ],
)
def test_extras_are_kept(extras: str, expected: Recipe) -> None:
    assert recipe_of(f"{{echo: true, {extras}}}") == expected


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("weight: 3", Recipe(Echo(), weight=3.0)),
        ("weight: 0.5", Recipe(Echo(), weight=0.5)),
        ("times: 3", Recipe(Echo(), times=3)),
    ],
)
def test_item_has_weight_or_times(extra: str, expected: Recipe) -> None:
    assert build_recipe(node_of(f"{{echo: true, {extra}}}"), Context(NOWHERE)) == expected


TEMPLATE = "'{{ request.model }}'"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f"{{template: {TEMPLATE}}}", [("text", "", "<gpt>")]),
        ("{template: 7}", [("text", "", "<7>")]),
        (f"{{text: {TEMPLATE}, render: true}}", [("text", "", "<gpt>")]),
        (f"{{refusal: {TEMPLATE}, render: yes}}", [("refusal", "", "<gpt>")]),
        (
            f"{{text: a, reasoning: {TEMPLATE}, render: true}}",
            [("reasoning", "", "<gpt>"), ("text", "", "<a>")],
        ),
        (
            f"{{json: {{a: [{TEMPLATE}, 7, null, NO]}}, render: true}}",
            [("json", "", {"a": ["<gpt>", 7, None, "<NO>"]})],
        ),
        (
            f"{{tool_calls: [{{name: t, arguments: {{a: {TEMPLATE}}}}}, {{name: u}}],"
            " render: true}",
            [("tool_call", "t", {"a": "<gpt>"}), ("tool_call", "u", {})],
        ),
        (
            f"{{parts: [{TEMPLATE}, {{refusal: b}}, {{tool_call: {{name: t}}}}], render: true}}",
            [("text", "", "<gpt>"), ("refusal", "", "<b>"), ("tool_call", "t", {})],
        ),
        (f"{{parts: [{{template: {TEMPLATE}}}]}}", [("text", "", "<gpt>")]),
    ],
)
def test_templates_are_compiled(reply: str, expected: list[tuple[str, str, Any]]) -> None:
    assert templated(reply) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            f"{{template: {TEMPLATE}, reasoning: {TEMPLATE}}}",
            [("reasoning", "", "{{ request.model }}"), ("text", "", "<gpt>")],
        ),
        (
            f"{{template: a, tool_calls: [{{name: t, arguments: {{b: {TEMPLATE}}}}}]}}",
            [("text", "", "<a>"), ("tool_call", "t", {"b": "{{ request.model }}"})],
        ),
        (
            f"{{parts: [{{template: a}}, {TEMPLATE}]}}",
            [("text", "", "<a>"), ("text", "", "{{ request.model }}")],
        ),
    ],
)
def test_only_templates_are_compiled(reply: str, expected: list[tuple[str, str, Any]]) -> None:
    assert templated(reply) == expected


def test_rendered_call_keeps_its_id() -> None:
    making = recipe_of("{tool_calls: [{name: t, id: call_7}], render: true}").making

    assert isinstance(making, Templated)
    assert making.parts != (TemplatedPart("tool_call", {}, "t"),)


def test_bad_template_raises_what_the_check_reports() -> None:
    with pytest.raises(TemplateProblem):
        template("{{ nope }}")


def test_reply_of_a_file_is_its_text(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    write(tmp_path / "below" / "a.md", "Hi,\nyou 😀\n")

    recipe = build_recipe(node_of("{file: below/a.md, finish: length}"), Context(tmp_path))

    assert recipe.finish == "length"
    assert isinstance(recipe.making, Canned)
    assert isinstance(recipe.making.reply, ChatReply)
    assert recipe.making.reply.usage.output_tokens > 0
    assert recipe.making.reply.parts == (Text("Hi,\nyou 😀\n"),)


@pytest.mark.parametrize(
    ("content", "error"), [(None, FileNotFoundError), (b"\xff", UnicodeDecodeError)]
)
def test_file_that_cannot_be_read_raises(
    content: bytes | None, error: type[Exception], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "a.md").write_bytes(content)

    with pytest.raises(error):
        read_file("a.md", tmp_path)
