"""What others that speak OpenAI's dialect add to it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.contract.cases import sse_events

YAML = """\
responses:
  "hi": {text: "Hello.", usage: {input_tokens: 70, output_tokens: 9, cached_tokens: 20}}
  "think": {reasoning: "Hm.", text: "Yes."}
  "only think": {reasoning: "Hm.", text: ""}
  "call": {reasoning: "Hm.", tool_calls: [{name: f, arguments: {}}]}
  "calls": {tool_calls: [{name: f, arguments: {a: one two}}, {name: g, arguments: {b: 3}}]}
  "custom": {tool_calls: [{name: run, arguments: {input: a b c}}]}
settings:
  seed: 7
  openai_extras: [%s]
"""
ALL = ("openrouter", "groq", "deepseek", "mistral", "vllm")
USAGE = {"stream_options": {"include_usage": True}}


def ask(app: Flask, prompt: str, **members: Any) -> Any:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], **members}
    return app.test_client().post("/v1/chat/completions", json=body)


def whole(make_app: MakeApp, extras: str, prompt: str, **members: Any) -> Any:
    return ask(make_app(YAML % extras), prompt, **members).json


def streamed(make_app: MakeApp, extras: str, prompt: str, **members: Any) -> list[Any]:
    answer = ask(make_app(YAML % extras), prompt, stream=True, **members)
    return list(sse_events(answer.data))


def reasoning_of(events: list[Any], name: str) -> str:
    return "".join(choice["delta"].get(name, "") for event in events for choice in event["choices"])


def test_nothing_is_added_unless_asked(make_app: MakeApp) -> None:
    answer = whole(make_app, "", "think")

    assert "reasoning" not in answer["choices"][0]["message"]
    assert {"provider", "x_groq"}.isdisjoint(answer)


@pytest.mark.parametrize("extra", ALL)
def test_each_extra_keeps_the_text_of_a_stream(extra: str, make_app: MakeApp) -> None:
    events = streamed(make_app, extra, "hi", **USAGE)

    assert reasoning_of(events, "content") == "Hello."
    assert events[-1]["usage"]["prompt_tokens"] == 70


@pytest.mark.parametrize("extra", ["openrouter", "groq", "vllm"])
def test_reasoning_has_both_names(extra: str, make_app: MakeApp) -> None:
    message = whole(make_app, extra, "think")["choices"][0]["message"]
    events = streamed(make_app, extra, "think")

    assert (message["reasoning"], message["reasoning_content"]) == ("Hm.", "Hm.")
    assert reasoning_of(events, "reasoning") == "Hm."


def test_openrouter_names_the_provider_and_the_cost(make_app: MakeApp) -> None:
    answer = whole(make_app, "openrouter", "hi")

    assert answer["provider"] == "mockllm"
    assert answer["usage"]["cost"] == pytest.approx(79 / 1_000_000)
    assert answer["choices"][0]["native_finish_reason"] == "stop"


def test_openrouter_names_the_provider_in_every_chunk(make_app: MakeApp) -> None:
    events = streamed(make_app, "openrouter", "hi", **USAGE)

    assert {event["provider"] for event in events} == {"mockllm"}
    assert events[-1]["usage"]["cost"] == pytest.approx(79 / 1_000_000)
    assert events[-2]["choices"][0]["native_finish_reason"] == "stop"


def test_groq_names_the_request(make_app: MakeApp) -> None:
    assert whole(make_app, "groq", "hi")["x_groq"]["id"].startswith("req_")


@pytest.mark.parametrize("choices", [1, 2])
def test_groq_counts_tokens_in_the_last_chunk(choices: int, make_app: MakeApp) -> None:
    events = streamed(make_app, "groq", "hi", n=choices)

    first, *middle, last = events

    assert list(first["x_groq"]) == ["id"]
    assert not any("x_groq" in event for event in middle)
    assert last["x_groq"]["id"] == first["x_groq"]["id"]
    assert last["x_groq"]["usage"]["completion_tokens"] == 9 * choices


def test_deepseek_counts_what_the_cache_had(make_app: MakeApp) -> None:
    usages = [
        whole(make_app, "deepseek", "hi")["usage"],
        streamed(make_app, "deepseek", "hi", **USAGE)[-1]["usage"],
    ]

    assert [usage["prompt_cache_hit_tokens"] for usage in usages] == [20, 20]
    assert [usage["prompt_cache_miss_tokens"] for usage in usages] == [50, 50]


def test_mistral_puts_reasoning_into_the_content(make_app: MakeApp) -> None:
    message = whole(make_app, "mistral", "think")["choices"][0]["message"]

    assert message["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": "Yes."},
    ]
    assert "reasoning_content" not in message


@pytest.mark.parametrize("prompt", ["only think", "call"])
def test_mistral_leaves_out_a_text_that_is_none(prompt: str, make_app: MakeApp) -> None:
    message = whole(make_app, "mistral", prompt)["choices"][0]["message"]

    assert [part["type"] for part in message["content"]] == ["thinking"]


def test_mistral_leaves_texts_alone_where_there_is_no_reasoning(make_app: MakeApp) -> None:
    assert whole(make_app, "mistral", "hi")["choices"][0]["message"]["content"] == "Hello."


def test_mistral_streams_reasoning_as_parts_and_text_as_text(make_app: MakeApp) -> None:
    events = streamed(make_app, "mistral", "think")

    contents = [event["choices"][0]["delta"].get("content") for event in events]
    thought = [content[0]["thinking"][0]["text"] for content in contents if type(content) is list]
    said = [content for content in contents if type(content) is str]

    assert ("".join(thought), "".join(said)) == ("Hm.", "Yes.")


def test_mistral_counts_tokens_where_a_stream_ends(make_app: MakeApp) -> None:
    *before, last = streamed(make_app, "mistral", "hi", n=2)

    assert not any("usage" in event for event in before)
    assert last["usage"]["completion_tokens"] == 18
    assert last["choices"][0]["delta"] == {"content": ""}


def test_mistral_streams_calls_whole(make_app: MakeApp) -> None:
    """As the body in one piece has them, with the reason why it ended."""
    whole_calls = whole(make_app, "mistral", "calls")["choices"][0]["message"]["tool_calls"]
    events = streamed(make_app, "mistral", "calls")

    opened, ended = (event["choices"][0]["delta"] for event in events)
    said = [(call["index"], call["function"]) for call in ended["tool_calls"]]

    assert opened == {"role": "assistant", "content": None, "refusal": None}
    assert said == [(number, call["function"]) for number, call in enumerate(whole_calls)]
    assert events[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_mistral_streams_calls_of_custom_tools_whole(make_app: MakeApp) -> None:
    tools = [{"type": "custom", "custom": {"name": "run"}}]
    events = streamed(make_app, "mistral", "custom", tools=tools)

    (call,) = events[-1]["choices"][0]["delta"]["tool_calls"]

    assert call["custom"] == {"name": "run", "input": "a b c"}


def test_mistral_has_an_id_for_embeddings(make_app: MakeApp) -> None:
    client, body = make_app(YAML % "mistral").test_client(), {"model": "m", "input": "x"}

    ours = client.post("/v1/embeddings", json=body).json
    azures = client.post("/openai/deployments/m/embeddings?api-version=1", json=body).json

    assert len(ours["id"]) == 32  # type: ignore[index]
    assert "id" not in azures  # type: ignore[operator]


def test_mistral_tells_what_its_models_are(make_app: MakeApp) -> None:
    client = make_app(YAML % "mistral").test_client()

    listed = client.get("/v1/models").json["data"][0]  # type: ignore[index]
    one = client.get("/v1/models/mine").json

    assert listed["type"] == one["type"] == "base"  # type: ignore[index]
    assert one["capabilities"]["completion_chat"]  # type: ignore[index]


def test_mistrals_word_for_some_tool_is_understood(make_app: MakeApp) -> None:
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]

    answer = whole(make_app, "", "hm", tools=tools, tool_choice="any")

    assert answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "look"


@pytest.mark.parametrize("name", [{}, {"document_name": "a.pdf"}])
def test_mistrals_documents_are_files(name: dict[str, str], make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {has: file}, reply: Read.}]")
    parts = [{"type": "document_url", "document_url": "https://a/a.pdf", **name}]
    body = {"model": "m", "messages": [{"role": "user", "content": parts}]}

    answer = app.test_client().post("/v1/chat/completions", json=body).json

    assert answer["choices"][0]["message"]["content"] == "Read."  # type: ignore[index]


@pytest.mark.parametrize(("stop", "reason"), [("l", "l"), ("nothing", None)])
def test_vllm_tells_the_stop_sequence(stop: str, reason: str | None, make_app: MakeApp) -> None:
    answer = whole(make_app, "vllm", "hi", stop=stop)
    events = streamed(make_app, "vllm", "hi", stop=stop)

    assert answer["choices"][0]["stop_reason"] == reason
    assert events[-1]["choices"][0]["stop_reason"] == reason
    assert "stop_reason" not in events[0]["choices"][0]


def test_vllm_tells_how_long_its_models_are(make_app: MakeApp) -> None:
    client = make_app(YAML % "vllm").test_client()

    listed = client.get("/v1/models").json["data"][0]  # type: ignore[index]
    one = client.get("/v1/models/mine").json

    assert listed["max_model_len"] == one["max_model_len"] == 131_072  # type: ignore[index]
    assert one["root"] == "mine"  # type: ignore[index]


def test_extras_go_together(make_app: MakeApp) -> None:
    answer = whole(make_app, ", ".join(ALL), "think")

    (choice,) = answer["choices"]

    assert choice["message"]["reasoning"] == "Hm."
    assert choice["message"]["content"][0]["type"] == "thinking"
    assert choice["stop_reason"] is None
    assert answer["x_groq"]["id"]
    assert "prompt_cache_hit_tokens" in answer["usage"]


def test_tokens_are_read_again(app: Flask) -> None:
    client, text = app.test_client(), "Grüße, 👩‍🚀 supercalifragilistic\n\n\0"

    told = client.post("/tokenize", json={"model": "m", "prompt": text}).json
    read = client.post("/detokenize", json={"model": "m", "tokens": told["tokens"]}).json  # type: ignore[index]

    assert read == {"prompt": text}
    assert told is not None
    assert told["count"] == len(told["tokens"])
    assert told["max_model_len"] == 131_072
    assert told["token_strs"] is None
    assert max(told["tokens"]) < 2**31


def test_tokens_are_shown_when_asked(app: Flask) -> None:
    body = {"prompt": "Hi, a b", "return_token_strs": True}

    told = app.test_client().post("/tokenize", json=body).json

    assert told["token_strs"] == ["Hi", ",", " a", " b"]  # type: ignore[index]


def test_chats_are_tokenized(app: Flask) -> None:
    parts = [{"type": "text", "text": "b"}, {"type": "image_url", "image_url": {"url": "x"}}]
    messages = [{"role": "user", "content": "a"}, {"role": "user", "content": parts}]
    body = {"messages": messages, "return_token_strs": True}

    told = app.test_client().post("/tokenize", json=body).json

    assert "".join(told["token_strs"]).split() == ["a", "b"]  # type: ignore[index]


@pytest.mark.parametrize("body", [{}, {"prompt": "x" * 262_145}, {"prompt": 5}])
def test_what_is_no_text_is_not_tokenized(body: dict[str, Any], app: Flask) -> None:
    assert app.test_client().post("/tokenize", json=body).status_code == 400


@pytest.mark.parametrize("token", [-1, 2**26, 2**70])
def test_foreign_ids_are_refused(token: int, app: Flask) -> None:
    assert app.test_client().post("/detokenize", json={"tokens": [token]}).status_code == 400


def test_version_is_told(app: Flask) -> None:
    assert list(app.test_client().get("/version").json) == ["version"]  # type: ignore[arg-type]


def test_rule_may_see_the_suffix(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {params: {suffix: end}}, reply: Between.}]")
    body = {"model": "codestral", "prompt": "begin", "suffix": "end"}

    answer = app.test_client().post("/v1/fim/completions", json=body).json

    assert answer["object"] == "chat.completion"  # type: ignore[index]
    assert answer["choices"][0]["message"]["content"] == "Between."  # type: ignore[index]
