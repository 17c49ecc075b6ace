"""What a request is to the rules: its prompt, turn, step, texts and results."""

from __future__ import annotations

import pytest
from msgspec import structs

from mockllm.core.model import (
    Image,
    Message,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    joined_text,
)
from mockllm.core.raw import Raw
from mockllm.providers.anthropic import messages
from mockllm.providers.openai import chat
from tests.core.builders import assistant, call, raw, request, result, subject_of, system, user

SUNNY = ToolResult("c1", (Text("sunny"),))


@pytest.mark.parametrize(
    ("messages", "prompts"),
    [
        ((user("old"), user("new"), assistant("no"), user(Image("x"))), ("new",)),
        ((user("context", "hello"),), ("context\nhello", "hello")),
        ((user("a", Image("x"), "b", "c"),), ("a\nb\nc", "c")),
        ((user("same", "same"),), ("same\nsame", "same")),
        ((user(""),), ("",)),
        ((user("weather?"), call("f"), result("sunny")), ("weather?",)),
        ((user("weather?"), call("f"), result("sunny", "c1", Text("reminder"))), ("weather?",)),
        ((user("weather?"), call("f"), user(SUNNY, "reminder")), ("weather?",)),
        ((user(Image("x")),), ()),
        ((system("be kind"), user(Image("x"))), ()),
        ((), ()),
    ],
    ids=[
        "newest",
        "joined then last",
        "images between",
        "twice the same",
        "empty text",
        "tool result",
        "text beside a result",
        "user result",
        "image only",
        "system and image",
        "nothing",
    ],
)
def test_prompt_is_the_newest_user_message_with_text(
    messages: tuple[Message, ...], prompts: tuple[str, ...]
) -> None:
    assert subject_of(request(*messages)).prompts == prompts


@pytest.mark.parametrize(
    ("messages", "prompt"),
    [
        ((system("be kind"),), "be kind"),
        ((system("be kind", "developer"),), "be kind"),
        ((system("be kind"), system("count", "developer")), "count"),
        ((system("be kind"), call("f"), result("sunny")), "be kind"),
        ((system("be kind", "developer"), Message("system", ())), "be kind"),
    ],
)
def test_newest_system_message_is_the_prompt_where_nobody_is_a_user(
    messages: tuple[Message, ...], prompt: str
) -> None:
    subject = subject_of(request(*messages))

    assert subject.prompts == (prompt,)
    assert subject.turn == 0


def test_step_counts_from_the_system_message_that_stands_for_the_prompt() -> None:
    messages = (assistant("hm"), system("be kind"), call("f"), result("sunny"))

    assert subject_of(request(*messages)).step == 2


@pytest.mark.parametrize(
    ("limit", "prompts", "is_cut"),
    [
        (5, ("t\nend", "end"), True),
        (2, ("nd", "nd"), True),
        (11, ("context\nend", "end"), False),
        (10, ("ontext\nend", "end"), True),
    ],
)
def test_end_of_a_long_prompt_is_looked_at(
    limit: int, prompts: tuple[str, ...], is_cut: bool
) -> None:
    subject = subject_of(request(user("context", "end")), match_limit=limit)

    assert subject.prompts == prompts
    assert subject.is_cut is is_cut


def test_request_without_a_prompt_is_not_cut() -> None:
    assert not subject_of(request(), match_limit=1).is_cut


@pytest.mark.parametrize(
    ("messages", "turn", "step"),
    [
        ((), 0, 1),
        ((system("be kind"),), 0, 1),
        ((user("a"),), 1, 1),
        ((user("a"), assistant("b"), user("c")), 2, 1),
        ((user("a"), call("f"), result("x")), 1, 2),
        ((user("a"), call("f"), result("x"), call("f"), result("y")), 1, 3),
        ((user("a"), call("f"), result("x"), assistant("b"), user("c"), call("g")), 2, 2),
        ((user("a"), call("f"), user(SUNNY, "reminder")), 1, 2),
        ((user("a"), call("f"), user(Image("x"))), 1, 2),
        ((assistant("hello"), user("a")), 1, 1),
        ((assistant("prefilled"), assistant("again")), 0, 3),
        ((user("a"), assistant("pre")), 1, 2),
    ],
)
def test_turn_counts_prompts_and_step_the_assistant_since(
    messages: tuple[Message, ...], turn: int, step: int
) -> None:
    subject = subject_of(request(*messages))

    assert (subject.turn, subject.step) == (turn, step)


def test_input_is_every_text_and_tool_call() -> None:
    subject = subject_of(request(system("one two"), user("three"), call("f"), result("four five")))

    assert subject.input_tokens == 5 + len(["f", "{", "}"])


def test_input_includes_the_tools() -> None:
    schema = {"type": "object"}
    asked = request(user("three"), tools=(Tool("f", "Does it.", schema), Tool("g")))

    assert subject_of(asked).input_tokens == 1 + (1 + 3 + 5) + 1


def test_system_is_system_and_developer() -> None:
    asked = request(system("one"), system("two", "developer"), user("three"))

    assert subject_of(asked).system == ("one", "two")


def test_texts_are_those_of_every_message() -> None:
    asked = request(system("one"), user("two", "three"), call("f"), result("four"))

    assert subject_of(asked).texts == ("one", "two\nthree", "", "four")


def test_texts_hold_a_result_and_what_stands_beside_it() -> None:
    subject = subject_of(request(result("sunny", "c1", Text("reminder"))))

    assert "sunny" in subject.texts[0]
    assert "reminder" in subject.texts[0]


@pytest.mark.parametrize(
    ("messages", "names", "texts"),
    [
        ((user("a"), call("f"), result("x")), ("f",), ["x"]),
        ((user("a"), call("f"), result("x"), assistant("done")), (), []),
        ((user("a"), call("f"), result("x"), assistant("done"), user("b")), (), []),
        ((user("a"), call("f"), result("x", "unknown")), ("",), ["x"]),
        (
            (
                user("a"),
                assistant(ToolCall("c1", "f", ""), ToolCall("c2", "g", "")),
                result("x", "c1"),
                result("y", "c2"),
            ),
            ("g", "f"),
            ["y", "x"],
        ),
        (
            (user("a"), call("f", "c1"), result("x", "c1"), call("g", "c2"), result("y", "c2")),
            ("g",),
            ["y"],
        ),
    ],
)
def test_new_results_are_those_since_the_assistant_spoke(
    messages: tuple[Message, ...], names: tuple[str, ...], texts: list[str]
) -> None:
    subject = subject_of(request(*messages))

    assert subject.new_result_names == names
    assert [joined_text(each.parts) for each in subject.new_results] == texts


@pytest.mark.parametrize(
    ("messages", "is_result"),
    [
        ((), False),
        ((user("a"),), False),
        ((user("a"), call("f"), result("x")), True),
        ((user("a"), call("f"), result("x"), user("b")), False),
    ],
)
def test_newest_message_may_be_a_result(messages: tuple[Message, ...], is_result: bool) -> None:
    assert subject_of(request(*messages)).newest_is_result is is_result


@pytest.mark.parametrize(("body", "found"), [({"a": 1}, {"a": 1}), ([1], {})])
def test_body_is_what_was_sent(body: object, found: object) -> None:
    assert subject_of("hi", raw(body=body)).body == found


def openai_history() -> Request:
    body = raw(
        body={
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "weather?"},
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "f"}},
                        {"id": "c2", "type": "function", "function": {"name": "g"}},
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
                {
                    "role": "tool",
                    "tool_call_id": "c2",
                    "content": [{"type": "text", "text": "warm"}],
                },
            ],
        }
    )
    return chat.parse(body)


def anthropic_history() -> Request:
    body = raw(
        body={
            "model": "m",
            "system": "Be kind.",
            "messages": [
                {"role": "user", "content": "weather?"},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "tool_use", "id": "c1", "name": "f", "input": {}},
                        {"type": "tool_use", "id": "c2", "name": "g"},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "c1", "content": "sunny"},
                        {
                            "type": "tool_result",
                            "tool_use_id": "c2",
                            "content": [{"type": "text", "text": "warm"}],
                        },
                        {"type": "text", "text": "a reminder"},
                    ],
                },
            ],
        }
    )
    return messages.parse(body)


@pytest.mark.parametrize(
    "asked", [openai_history(), anthropic_history()], ids=["openai", "anthropic"]
)
def test_history_with_results_is_the_same_whichever_vendors(asked: Request) -> None:
    subject = subject_of(asked)

    assert subject.prompts == ("weather?",)
    assert (subject.turn, subject.step) == (1, 2)
    assert subject.system == ("Be kind.",)
    assert subject.newest_is_result
    assert set(subject.new_result_names) == {"f", "g"}
    assert {joined_text(each.parts) for each in subject.new_results} == {"sunny", "warm"}


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"authorization": "Bearer sk-1"}, "sk-1"),
        ({"x-api-key": "sk-2"}, "sk-2"),
        ({"api-key": "sk-3"}, "sk-3"),
        ({"authorization": "Bearer sk-1", "x-api-key": "sk-2"}, "sk-1"),
        ({"authorization": "Bearer ", "x-api-key": "sk-2"}, "sk-2"),
        ({}, ""),
    ],
)
def test_api_key_is_found_in_whichever_header(headers: dict[str, str], key: str) -> None:
    assert Raw("POST", "/", "", headers, b"").api_key == key


def test_tokens_that_the_client_counts_are_not_estimated() -> None:
    asked = structs.replace(request(user("15496 995 100257")), input_tokens=(3,))

    assert subject_of(asked).input_tokens == 3
    assert subject_of(request(user("15496 995 100257"))).input_tokens > 3
