"""What Ollama's answers tell, and what they leave out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from mockllm.providers.registry import PROVIDERS
from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.contract.cases import ndjson_events

Ask = Callable[..., dict[str, Any]]
YAML = """\
responses:
  hi: Hello.
  think: {reasoning: Hm., text: Hello.}
  call: {tool_calls: [{name: f, arguments: {x: 1}}, {name: g}]}
  both: {text: One., tool_calls: [{name: f, arguments: {x: 1}}]}
  long: {text: And so, finish: context_length}
rules:
  - {when: {tool_result: g}, reply: G answered.}
  - {when: {provider: ollama, operation: completion, system_contains: kind}, reply: Kind.}
  - {when: {contains: twice}, replies: [first, second]}
settings: {seed: 7}
"""


@pytest.fixture
def server(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def ask(server: Flask) -> Ask:
    """Return a function that asks and returns the whole chat."""

    def chat(prompt: str = "hi", **members: Any) -> dict[str, Any]:
        messages = [{"role": "user", "content": prompt}]
        body = {"model": "m", "messages": messages, "stream": False, **members}
        answer = server.test_client().post("/api/chat", json=body)
        assert answer.status_code == 200
        return dict(answer.get_json())

    return chat


@pytest.fixture
def generate(server: Flask) -> Ask:
    """Return a function that asks and returns the whole completion."""

    def completion(prompt: str = "hi", **members: Any) -> dict[str, Any]:
        body = {"model": "m", "prompt": prompt, "stream": False, **members}
        answer = server.test_client().post("/api/generate", json=body)
        assert answer.status_code == 200
        return dict(answer.get_json())

    return completion


@pytest.mark.parametrize("think", [None, True, "high"])
def test_thinking_is_shown(ask: Ask, generate: Ask, think: Any) -> None:
    assert ask("think", think=think)["message"]["thinking"] == "Hm."
    assert generate("think", think=think)["thinking"] == "Hm."


def test_no_thinking_when_it_is_not_wanted(ask: Ask, generate: Ask) -> None:
    assert ask("think", think=False)["message"] == {"role": "assistant", "content": "Hello."}
    assert "thinking" not in generate("think", think=False)


def test_calls_are_numbered_and_their_arguments_are_data(ask: Ask) -> None:
    message = ask("call")["message"]

    assert message["content"] == ""
    assert [call["function"] for call in message["tool_calls"]] == [
        {"index": 0, "name": "f", "arguments": {"x": 1}},
        {"index": 1, "name": "g", "arguments": {}},
    ]


def test_call_that_the_limit_cuts_is_left_out(ask: Ask) -> None:
    whole = ask("both", options={"num_predict": 4})

    assert whole["message"] == {"role": "assistant", "content": "One."}
    assert whole["done_reason"] == "length"


def test_calls_come_whole_when_their_last_piece_is_due(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(YAML.replace("seed: 7", "lag_enabled: true"))
    body = {"model": "m", "messages": [{"role": "user", "content": "call"}]}
    started_s = clock.now_s

    pieces = list(app.test_client().post("/api/chat", json=body).iter_encoded())
    names = [
        [call["function"]["name"] for call in event["message"].get("tool_calls", [])]
        for piece in pieces
        for event in ndjson_events(piece)
    ]

    assert names == [["f"], ["g"], []]
    assert len(clock.waits) == 9
    assert 9 * 0.005 <= clock.now_s - started_s <= 9 * 0.015
    assert all(pieces)


@pytest.mark.parametrize(("prompt", "reason"), [("hi", "stop"), ("long", "length")])
def test_why_it_ended(ask: Ask, prompt: str, reason: str) -> None:
    assert ask(prompt)["done_reason"] == reason


def test_durations_are_in_nanoseconds_and_add_up(ask: Ask) -> None:
    whole = ask()

    assert whole["eval_duration"] == whole["eval_count"] * 1_000_000
    parts = ("load_duration", "prompt_eval_duration", "eval_duration")
    assert whole["total_duration"] == sum(whole[name] for name in parts)


def test_lagged_answer_took_as_long_as_it_did(make_app: MakeApp) -> None:
    app = make_app(YAML.replace("seed: 7", "lag_enabled: true, lag_factor: 2"))
    body = {"model": "m", "prompt": "hi", "stream": False}

    whole: Any = app.test_client().post("/api/generate", json=body).json

    assert whole["eval_duration"] == 300_000_000


def test_moment_has_nanoseconds(ask: Ask, clock: FakeClock) -> None:
    clock.unix_s += 0.25

    assert ask()["created_at"] == "2023-11-14T22:15:00.250000000Z"


def test_log_probabilities_of_the_alternatives(ask: Ask) -> None:
    found = ask(logprobs=True, top_logprobs=2)["logprobs"]

    assert [each["token"] for each in found] == ["Hello", "."]
    assert [len(each["top_logprobs"]) for each in found] == [2, 2]


def test_log_probabilities_without_alternatives(ask: Ask) -> None:
    found = ask("think", logprobs=True)["logprobs"]

    assert [sorted(each) for each in found] == [["bytes", "logprob", "token"]] * 2


def test_rules_know_which_tool_a_result_is_of(ask: Ask) -> None:
    calls = [{"function": {"name": name, "arguments": {}}} for name in "fg"]
    messages = [
        {"role": "user", "content": "call"},
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "content": "7", "tool_name": "g"},
    ]

    assert ask(messages=messages)["message"]["content"] == "G answered."


def test_rules_match_the_system_prompt_of_a_completion(generate: Ask) -> None:
    assert generate("anything", system="Be kind to me.")["response"] == "Kind."


def test_completion_calls_no_tools(generate: Ask) -> None:
    assert generate("call")["response"] == "I don't know the answer to that."


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "load"),
        ({"keep_alive": -1}, "load"),
        ({"keep_alive": 0}, "unload"),
        ({"keep_alive": "0"}, "unload"),
    ],
)
def test_asking_nothing_loads_the_model(
    ask: Ask, generate: Ask, members: dict[str, Any], reason: str
) -> None:
    loaded = {
        "model": "m",
        "created_at": "2023-11-14T22:15:00.000000000Z",
        "done": True,
        "done_reason": reason,
    }

    empty = {"role": "assistant", "content": ""}
    assert ask(messages=[], **members) == {**loaded, "message": empty}
    assert generate("", **members) == {**loaded, "response": ""}


def test_loading_consumes_nothing(ask: Ask) -> None:
    ask("twice")
    ask(messages=[])

    assert ask("twice")["message"]["content"] == "second"


def test_body_that_is_no_object_is_named_by_its_type(app: Flask) -> None:
    response = app.test_client().post("/api/chat", data=b"[]")

    message = "json: cannot unmarshal array into Go value of type api.ChatRequest"
    assert response.json == {"error": message}


def test_missing_body_is_missing(app: Flask) -> None:
    response = app.test_client().post("/s/one/api/generate", data=b" ")

    assert response.json == {"error": "missing request body"}


def test_missing_model_is_named(make_app: MakeApp) -> None:
    app = make_app("responses: {hi: {error: not_found}}")

    response = app.test_client().post("/api/generate", json={"model": "llama3", "prompt": "hi"})

    assert response.json == {"error": "model 'llama3' not found"}


def test_unknown_path_gets_404_in_ollamas_dialect(app: Flask) -> None:
    response = app.test_client().post("/api/chatt")

    assert response.status_code == 404
    assert response.json == {
        "error": "404 page not found (POST /api/chatt): did you mean /api/chat?"
    }


def test_unknown_path_below_api_v1_gets_404_in_openais_dialect(app: Flask) -> None:
    body: Any = app.test_client().post("/api/v1/nope").json

    assert body["error"]["type"] == "invalid_request_error"


def test_headers_tell_more_than_the_path(app: Flask) -> None:
    headers = {"anthropic-version": "2023-06-01"}

    body: Any = app.test_client().get("/api/nope", headers=headers).json

    assert body["type"] == "error"


@pytest.mark.parametrize("path", ["/", "/s/one/"])
def test_clients_may_look_whether_the_server_runs(path: str, app: Flask) -> None:
    assert app.test_client().head(path).status_code == 200


def test_openais_paths_stay_beside_ollamas(server: Flask) -> None:
    messages = [{"role": "user", "content": "hi"}]
    body = {"model": "m", "messages": messages}

    openais: Any = server.test_client().post("/api/v1/chat/completions", json=body).json
    ollamas = server.test_client().post("/s/one/api/chat", json=body)

    assert openais["choices"][0]["message"]["content"] == "Hello."
    assert ollamas.mimetype == "application/x-ndjson"


def test_ollama_has_no_headers_that_tell_its_clients() -> None:
    assert PROVIDERS["ollama"].SIGNS == ()
