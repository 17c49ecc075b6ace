"""Rules that a test adds, and what is expected of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openai
import pytest

from mockllm.testing import InvalidRule, MockServer, Unverified
from tests.testing.conftest import ask, openai_of

WEATHER: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
}


def test_the_newest_rule_goes_first(server: MockServer) -> None:
    server.reply("old")
    server.on(contains="weather").reply("Sunny.")
    server.on(contains="weather", model="gpt-4*").reply("Rain.")

    assert ask(server, "weather") == "Rain."
    assert ask(server, "else") == "old"


def test_rules_go_before_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "said.yml"
    file.write_text("rules: [{when: {contains: a}, reply: of the file}]")

    with MockServer(file) as server:
        server.on(contains="ab").reply("of the test")

        assert [ask(server, "ab"), ask(server, "a")] == ["of the test", "of the file"]


def test_several_replies_are_a_sequence(server: MockServer) -> None:
    server.on(contains="?").reply("one", {"error": {"status": 429}}, "two")

    assert ask(server, "?") == "one"
    with pytest.raises(openai.RateLimitError):
        ask(server, "?")
    assert [ask(server, "?"), ask(server, "?")] == ["two", "two"]


def test_a_reply_is_a_mapping_as_in_yaml(server: MockServer) -> None:
    server.reply({"text": "Grüße 👩‍🚀 \x00\x85\u2028", "finish": "length"})

    with openai_of(server) as client:
        answer = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}]
        )

    assert answer.choices[0].message.content == "Grüße 👩‍🚀 \x00\x85\u2028"
    assert answer.choices[0].finish_reason == "length"


def test_conditions_may_be_given_as_in_yaml(server: MockServer) -> None:
    server.on({"contains": "a"}, not_={"contains": "b"}).reply("yes")
    server.on(params={"metadata." + "k" * 2_000: "v"}).reply("long")

    assert ask(server, "a") == "yes"
    with pytest.raises(openai.NotFoundError):
        ask(server, "a b")


def test_an_agents_loop(server: MockServer) -> None:
    server.on(contains="weather").reply(
        {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]}
    )
    server.on(tool_result="get_weather").reply("It is sunny.")

    assert loop(server) == "It is sunny."
    assert server.last.tool_results == ("25 degrees",)


def test_an_agents_steps(server: MockServer) -> None:
    call = {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]}
    rule = server.on(contains="weather").steps(call, call, "It is sunny.")

    assert loop(server) == "It is sunny."
    assert len(rule.requests) == 3


def loop(server: MockServer) -> str:
    messages: Any = [{"role": "user", "content": "the weather?"}]
    with openai_of(server) as client:
        for _ in range(5):
            answer = client.chat.completions.create(
                model="gpt-4o", messages=messages, tools=[WEATHER]
            )
            said = answer.choices[0].message
            if not said.tool_calls:
                return said.content or ""
            messages.append(said)
            call: Any = said.tool_calls[0]
            assert json.loads(call.function.arguments) == {"city": "Rome"}
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "25 degrees"})
    raise AssertionError("the loop does not end")


def test_a_rule_answers_so_many_times(server: MockServer) -> None:
    server.reply("after")
    rule = server.on(contains="?").reply("first").times(2)

    assert [ask(server, "?") for _ in range(3)] == ["first", "first", "after"]
    assert [request.reply for request in rule.requests] == ["first", "first"]
    server.verify()


def test_times_may_be_a_key_as_in_yaml(server: MockServer) -> None:
    server.reply("once", times=1, name="mine")

    with pytest.raises(Unverified, match=r"test_rules.py:\d+ 'mine' answered 0 times, expected on"):
        server.verify()


def test_fewer_times_than_expected(server: MockServer) -> None:
    server.reply("x").times(2)
    ask(server, "?")

    with pytest.raises(Unverified, match="answered once, expected twice"):
        server.verify()


def test_at_least(server: MockServer) -> None:
    server.reply("x").at_least(1)

    with pytest.raises(Unverified, match="answered 0 times, expected at least once"):
        server.verify()
    ask(server, "?")
    ask(server, "?")
    server.verify()


def test_never(server: MockServer) -> None:
    server.reply("x").never()

    server.verify()
    ask(server, "?")
    with pytest.raises(Unverified, match="answered once, expected never"):
        server.verify()


def test_counts_of_a_rule_that_is_changed_later(server: MockServer) -> None:
    rule = server.reply("x")
    ask(server, "?")

    rule.times(1)

    ask(server, "?")
    with pytest.raises(Unverified, match="answered twice, expected once"):
        server.verify()


def test_what_nothing_answered_is_shown_with_the_reason(server: MockServer) -> None:
    server.on(contains="weather").reply("Sunny.")
    with pytest.raises(openai.NotFoundError):
        ask(server, "the wether?")

    with pytest.raises(Unverified) as caught:
        server.verify()

    shown = str(caught.value)
    assert "not answered: POST /v1/chat/completions 404 gpt-4o" in shown
    assert "prompt: 'the wether?'" in shown
    assert "contains: wanted 'weather', got 'the wether?'" in shown


def test_what_the_vendor_refuses_too_is_answered(server: MockServer) -> None:
    with openai_of(server) as client, pytest.raises(openai.BadRequestError):
        client.post("/chat/completions", body={"messages": 1}, cast_to=object)

    server.verify()


def test_a_path_that_is_not_there_is_not_answered(server: MockServer) -> None:
    with openai_of(server) as client, pytest.raises(openai.NotFoundError):
        client.post("/quux", cast_to=object)

    with pytest.raises(Unverified, match="mockllm has no POST /v1/quux"):
        server.verify()


@pytest.mark.parametrize(
    ("when", "replies", "message"),
    [
        ({"contians": "x"}, ["y"], "on(contians='x').reply('y'): unknown key 'contians' in 'when';"
         " did you mean 'contains'? (MOCK003)"),
        ({"regex": "("}, ["y"], "MOCK"),
        ({"contains": "x"}, [], "on(contains='x').reply(): there is no reply"),
        ({"contains": "x"}, [{"txt": "y"}], "unknown key 'txt' in a reply; did you mean 'text'?"),
        ({"contains": object}, ["y"], "texts, numbers, lists and mappings only"),
        ({"contains": "x"}, [{1: "y"}], "a key is a text, not 1"),
        ({"contains": "x"}, [{"usage": {"input_tokens": float("nan")}}], "mappings only"),
        ({"contains": "x"}, [{"file": "x.md"}], "file"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_names_the_call(
    server: MockServer, when: dict[str, Any], replies: list[Any], message: str
) -> None:
    with pytest.raises(InvalidRule) as caught:
        server.on(**when).reply(*replies)

    assert message in str(caught.value)
    server.verify()


def test_what_a_rule_may_not_be_told(server: MockServer) -> None:
    rule = server.reply("x")
    with pytest.raises(InvalidRule, match="times"):
        rule.times(0)
    assert repr(rule) == "<AddedRule \"reply('x')\">"
    server.verify()
    with pytest.raises(InvalidRule, match="did you mean 'times'"):
        server.reply("x", tims=3)


def test_too_many_rules(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockllm.state.run_time_rules.MAX_RULES", 1)
    server.reply("x")

    with pytest.raises(InvalidRule, match="too many rules"):
        server.reply("y")
