"""Rules from YAML to HTTP: sessions, strictness, sequences, loops, and the warnings on answers."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockllm.errors import ConfigError
from tests.conftest import MakeApp, runtime_of
from tests.contract.cases import sse_events
from tests.contract.every_case import CHATS

OPENAI, ANTHROPIC = CHATS["openai.chat"], CHATS["anthropic.messages"]
BOTH = pytest.mark.parametrize("case", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])

COUNTING = """\
rules:
  - name: counting
    when: {contains: next}
    replies: [one, two, three]
"""


def post(
    app: Flask,
    prompt: str | list[Any],
    session: str = "",
    path: str = OPENAI.path,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> TestResponse:
    """Return the answer to a prompt, or to a history."""
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    sent = {**(headers or {}), **({"X-Mockllm-Session": session} if session else {})}
    body = {"model": "gpt-4o", "messages": messages, **members}
    return app.test_client().post(path, json=body, headers=sent)


def said(response: TestResponse) -> str:
    """Return the text of a whole answer, whichever vendor's."""
    body: Any = response.json
    return (OPENAI if "choices" in body else ANTHROPIC).text(body)


def json_of(response: TestResponse) -> Any:
    return response.json


def error_of(response: TestResponse) -> str:
    body: Any = response.json
    return str(body["error"]["message"])


# Sessions


def test_without_a_session_everybody_shares_one(make_app: MakeApp) -> None:
    app = make_app(COUNTING)

    assert [said(post(app, "next")) for _ in range(4)] == ["one", "two", "three", "three"]


@BOTH
def test_sessions_by_header_never_meet(case: Any, make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    answers = [
        said(post(app, "next", session, path=case.path)) for session in ("a", "b", "a", "b", "c")
    ]

    assert answers == ["one", "one", "two", "two", "one"]


@BOTH
def test_session_in_the_url_is_the_same_as_in_the_header(case: Any, make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    answers = [
        said(post(app, "next", path=f"/s/a{case.path}")),
        said(post(app, "next", "a", path=case.path)),
        said(post(app, "next", path=f"/s/b{case.path}")),
        said(post(app, "next", path=case.path)),
    ]

    assert answers == ["one", "two", "one", "one"]


def test_header_comes_before_the_url(make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    post(app, "next", "a")

    assert said(post(app, "next", "a", path=f"/s/b{OPENAI.path}")) == "two"
    assert said(post(app, "next", path=f"/s/b{OPENAI.path}")) == "one"


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key", "Api-Key"])
def test_sessions_by_api_key(header: str, make_app: MakeApp) -> None:
    app = make_app(COUNTING + "settings: {session_by: api_key}\n")
    prefix = "Bearer " if header == "Authorization" else ""
    answers = [
        said(post(app, "next", headers={header: f"{prefix}{key}"})) for key in ("k1", "k2", "k1")
    ]

    assert answers == ["one", "one", "two"]


def test_api_key_tells_no_sessions_apart_unless_asked(make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    answers = [said(post(app, "next", headers={"X-Api-Key": key})) for key in ("k1", "k2")]

    assert answers == ["one", "two"]


def test_named_session_comes_before_the_api_key(make_app: MakeApp) -> None:
    app = make_app(COUNTING + "settings: {session_by: api_key}\n")
    answers = [said(post(app, "next", "a", headers={"X-Api-Key": key})) for key in ("k1", "k2")]

    assert answers == ["one", "two"]


def test_counters_do_not_collide_among_8_threads(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - when: {contains: next}\n"
        "    replies: [{error: {status: 429}, times: 2}, done]\n"
    )
    together = threading.Barrier(8)

    def run(number: int) -> list[int]:
        together.wait()
        return [post(app, "next", f"test-{number}").status_code for _ in range(5)]

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(run, range(8)))

    assert statuses == [[429, 429, 200, 200, 200]] * 8


def test_no_step_of_a_shared_sequence_is_given_twice_among_8_threads(make_app: MakeApp) -> None:
    replies = ", ".join(f"n{number}" for number in range(80))
    app = make_app(f"rules: [{{when: {{contains: next}}, replies: [{replies}]}}]")
    together = threading.Barrier(8)

    def run(_: int) -> list[str]:
        together.wait()
        return [said(post(app, "next", "shared")) for _ in range(10)]

    with ThreadPoolExecutor(8) as threads:
        answers = [answer for each in threads.map(run, range(8)) for answer in each]

    assert sorted(answers) == sorted(f"n{number}" for number in range(80))


def test_forgotten_session_starts_anew_and_others_do_not(make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    for session in ("a", "b"):
        post(app, "next", session)

    forgotten = app.test_client().delete("/_mockllm/sessions/a")

    assert forgotten.json == {"session": "a", "forgotten": True}
    assert said(post(app, "next", "a")) == "one"
    assert said(post(app, "next", "b")) == "two"


@BOTH
def test_session_may_be_required(case: Any, make_app: MakeApp) -> None:
    app = make_app(COUNTING + "settings: {require_session: true}\n")

    refused = post(app, "next", path=case.path)

    assert refused.status_code == 400
    assert "X-Mockllm-Session" in error_of(refused)
    assert said(post(app, "next", "a", path=case.path)) == "one"
    assert said(post(app, "next", path=f"/s/a{case.path}")) == "two"


def test_required_session_may_be_named_default(make_app: MakeApp) -> None:
    app = make_app(COUNTING + "settings: {require_session: true}\n")

    assert post(app, "next", "default").status_code == 200


def test_rule_may_ask_for_the_session(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {session: 'test-*'}, reply: tested}]")

    assert said(post(app, "x", "test-1")) == "tested"
    assert said(post(app, "x", "other")) != "tested"


# Sequences


@pytest.mark.parametrize(
    ("exhausted", "answers"),
    [
        ("repeat_last", ["one", "two", "two", "two", "two"]),
        ("loop", ["one", "two", "one", "two", "one"]),
        ("next_rule", ["one", "two", "rest", "rest", "rest"]),
    ],
)
def test_exhausted_sequence(exhausted: str, answers: list[str], make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        f"  - {{when: {{always: true}}, replies: [one, two], when_exhausted: {exhausted}}}\n"
        "  - {when: {always: true}, reply: rest}\n"
    )

    assert [said(post(app, "x")) for _ in range(5)] == answers


@BOTH
def test_exhausted_sequence_may_fail_and_says_which(case: Any, make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{name: once, when: {always: true}, replies: [one], when_exhausted: fail}]"
    )
    post(app, "x", path=case.path)

    failed = post(app, "x", path=case.path)

    assert failed.status_code == 400
    assert "responses.yml:1 'once'" in error_of(failed)
    assert failed.headers["x-mockllm-source"].endswith("/responses.yml:1")


def test_rule_steps_aside_after_so_many_times(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {contains: x}, reply: first, times: 2}\n"
        "  - {when: {contains: x}, reply: then}\n"
    )

    assert [said(post(app, "x")) for _ in range(4)] == ["first", "first", "then", "then"]
    assert said(post(app, "x", "another")) == "first"


def test_items_may_be_repeated(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{when: {contains: x}, replies: [{text: a, times: 2}, b], when_exhausted: loop}]"
    )

    assert [said(post(app, "x")) for _ in range(6)] == ["a", "a", "b", "a", "a", "b"]


def test_state_is_kept_per_session(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {contains: status, state: paid}, reply: paid}\n"
        "  - {when: {contains: status, state: start}, reply: open}\n"
        "  - {when: {contains: pay}, reply: thanks, goto: paid}\n"
        "  - {when: {contains: refund, not: {state: start}}, reply: back, goto: start}\n"
    )
    answers = [
        said(post(app, prompt, session))
        for session, prompt in [
            ("a", "status"),
            ("a", "pay"),
            ("a", "status"),
            ("b", "status"),
            ("a", "refund"),
            ("a", "status"),
        ]
    ]

    assert answers == ["open", "thanks", "paid", "open", "back", "open"]


@pytest.mark.parametrize("named", [True, False])
def test_sequence_continues_after_a_reload_when_its_rule_is_unchanged(
    named: bool, make_app: MakeApp
) -> None:
    name = "name: counting, " if named else ""
    line = f"  - {{{name}when: {{contains: next}}, replies: [one, two, three]}}\n"
    app = make_app("rules:\n" + line)
    first = said(post(app, "next", "s"))
    reload(app, "rules:\n  - {when: {equals: other}, reply: other}\n" + line)

    assert [first, said(post(app, "next", "s"))] == ["one", "two"]


def test_named_sequence_continues_when_its_replies_are_edited(make_app: MakeApp) -> None:
    app = make_app(COUNTING)
    post(app, "next")
    reload(app, COUNTING.replace("two", "zwei"))

    assert said(post(app, "next")) == "zwei"


def test_unnamed_sequence_starts_anew_when_it_is_edited(make_app: MakeApp) -> None:
    unnamed = COUNTING.replace("  - name: counting\n    when", "  - when")
    app = make_app(unnamed)
    post(app, "next")
    reload(app, unnamed.replace("two", "zwei"))

    assert said(post(app, "next")) == "one"


def reload(app: Flask, text: str) -> None:
    live = runtime_of(app).live
    generation = live.current.generation
    live.paths[0].write_text(text, encoding="utf-8")
    live.reload()
    assert live.current.generation > generation


def test_seeded_draws_repeat_and_retries_draw_anew(make_app: MakeApp) -> None:
    yaml = "rules: [{when: {contains: x}, one_of: [a, b, c, d, e, f]}]\nsettings: {seed: 1}"
    first, second = (
        [said(post(app, "x", "s")) for _ in range(12)] for app in (make_app(yaml), make_app(yaml))
    )

    assert first == second
    assert len(set(first)) > 1


def test_weights_decide_how_often_an_item_is_drawn(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{when: {contains: x}, one_of: [{text: often, weight: 99}, {text: rarely}]}]\n"
        "settings: {seed: 1}"
    )

    assert [said(post(app, "x")) for _ in range(50)].count("often") > 40


def test_templates_of_one_reply_draw_apart(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - when: {contains: x}\n"
        "    reply:\n"
        "      render: true\n"
        "      json: {a: '{{ random.integer(1, 99999) }}', b: '{{ random.integer(1, 99999) }}'}\n"
        "settings: {seed: 1}\n"
    )

    drawn = json.loads(said(post(app, "x")))

    assert drawn["a"] != drawn["b"]


# Order, and what is passed over


def test_rules_come_before_responses_and_in_order(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {contains: hello}, reply: rule 1}\n"
        "  - {when: {starts_with: he}, reply: rule 2}\n"
        "responses: {hello: exact, hey: exact, help: exact}\n"
    )

    answers = [said(post(app, prompt)) for prompt in ("hello", "hey", "Help", "help")]

    assert answers[:2] == ["rule 1", "rule 2"]
    assert answers[3] == "rule 2"


HISTORY_OPENAI: list[Any] = [
    {"role": "user", "content": "book a trip"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "two flights"},
]
HISTORY_ANTHROPIC: list[Any] = [
    {"role": "user", "content": "book a trip"},
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "c1", "name": "find", "input": {}}],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": "two flights"},
            {"type": "text", "text": "a reminder"},
        ],
    },
]
HISTORIES = pytest.mark.parametrize(
    ("path", "history"),
    [(OPENAI.path, HISTORY_OPENAI), (ANTHROPIC.path, HISTORY_ANTHROPIC)],
    ids=["openai", "anthropic"],
)


@HISTORIES
@pytest.mark.parametrize(
    "yaml",
    [
        "responses: {book a trip: {tool_calls: [{name: find}]}}\n",
        "rules: [{when: {contains: trip}, reply: {tool_calls: [{name: find}]}}]\n",
        "rules:\n  - when: {contains: trip}\n"
        "    reply: {render: true, tool_calls: [{name: find, arguments: {a: '{{ turn }}'}}]}\n",
    ],
    ids=["response", "rule", "rendered"],
)
def test_lone_tool_call_is_passed_over_after_a_result(
    yaml: str, path: str, history: list[Any], make_app: MakeApp
) -> None:
    app = make_app(yaml + "defaults: {unknown_response: the end}\n")

    first: Any = post(app, history[:1], path=path).json

    assert "find" in str(first)
    assert said(post(app, history, path=path)) == "the end"


@HISTORIES
@pytest.mark.parametrize("condition", ["tool_result: find", "step: 2+"])
def test_tool_call_of_a_rule_that_asks_for_the_loop_is_not_passed_over(
    condition: str, path: str, history: list[Any], make_app: MakeApp
) -> None:
    app = make_app(f"rules: [{{when: {{{condition}}}, reply: {{tool_calls: [{{name: pay}}]}}}}]")

    assert "pay" in post(app, history, path=path).text


def test_text_beside_a_tool_call_is_not_passed_over(make_app: MakeApp) -> None:
    app = make_app("responses: {book a trip: {text: Well., tool_calls: [{name: find}]}}")

    assert said(post(app, HISTORY_OPENAI)) == "Well."


AGENT = """\
rules:
  - when: {contains: book a trip}
    steps:
      - tool_calls: [{name: find_flights, arguments: {to: Rome}}, {name: find_hotels}]
      - text: "Paying."
        tool_calls: [{name: pay, arguments: {amount: 420}}]
      - "Booked."
"""


def test_agent_loop_ends_for_an_openai_history(make_app: MakeApp) -> None:
    app = make_app(AGENT)
    history: list[Any] = [{"role": "user", "content": "please book a trip"}]
    names = []
    for _ in range(2):
        answer: Any = post(app, history).json
        message = answer["choices"][0]["message"]
        history.append(message)
        for call in message["tool_calls"]:
            names.append(call["function"]["name"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": "done"})

    assert names == ["find_flights", "find_hotels", "pay"]
    assert said(post(app, history)) == "Booked."


def test_agent_loop_ends_for_an_anthropic_history(make_app: MakeApp) -> None:
    app = make_app(AGENT)
    history: list[Any] = [{"role": "user", "content": "please book a trip"}]
    names = []
    for _ in range(2):
        answer: Any = post(app, history, path=ANTHROPIC.path).json
        calls = [block for block in answer["content"] if block["type"] == "tool_use"]
        names += [call["name"] for call in calls]
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": "done"} for call in calls
        ]
        reminder = {"type": "text", "text": "Remember to be brief."}
        history += [
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": [*results, reminder]},
        ]

    assert names == ["find_flights", "find_hotels", "pay"]
    assert said(post(app, history, path=ANTHROPIC.path)) == "Booked."


def test_agent_loop_is_without_state(make_app: MakeApp) -> None:
    app = make_app(AGENT)

    first, again = (post(app, "book a trip").text for _ in range(2))

    assert "find_flights" in first
    assert "find_flights" in again


def test_steps_past_the_end_repeat_the_last(make_app: MakeApp) -> None:
    app = make_app("responses: {go: {steps: [one, two]}}")
    history: list[Any] = [{"role": "user", "content": "go"}]
    answers = []
    for _ in range(4):
        answers.append(said(post(app, history)))
        history.append({"role": "assistant", "content": answers[-1]})

    assert answers == ["one", "two", "two", "two"]


def test_new_prompt_starts_the_loop_anew(make_app: MakeApp) -> None:
    app = make_app("responses: {go: {steps: [one, two]}}")
    turn: list[Any] = [{"role": "user", "content": "go"}, {"role": "assistant", "content": "one"}]

    assert said(post(app, [*turn, {"role": "user", "content": "go"}])) == "one"


# What a chat cannot carry


def test_rule_that_the_operation_cannot_carry_is_passed_over_and_counts_nothing(
    make_app: MakeApp,
) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {always: true}, reply: {embedding: [0.1, 0.2]}, times: 1}\n"
        "  - {when: {always: true}, reply: {moderation: {flagged: [violence]}}}\n"
        "  - {when: {always: true}, reply: text}\n"
    )

    assert [said(post(app, "x")) for _ in range(2)] == ["text", "text"]


@pytest.mark.parametrize("choice", ["replies", "one_of", "steps"])
def test_item_that_the_operation_cannot_carry_is_passed_over(
    choice: str, make_app: MakeApp
) -> None:
    item = "{embedding: [0.1]}"
    items = f"[{item}, {item}, {item}, {item}, {item}, {item}, text]"
    app = make_app(
        f"rules: [{{when: {{always: true}}, {choice}: {items}}}]\nsettings: {{seed: 1}}\n"
    )

    response = post(app, "x")

    assert response.status_code == 200
    assert said(response) == "text"


def test_default_that_the_operation_cannot_carry_says_so(make_app: MakeApp) -> None:
    app = make_app("defaults: {unknown_response: {embedding: [0.1]}}")

    assert post(app, "x").status_code != 500


# Errors


@BOTH
@pytest.mark.parametrize("stream", [False, True])
def test_error_reply_is_an_error_whether_or_not_a_stream_was_asked_for(
    case: Any, stream: bool, make_app: MakeApp
) -> None:
    app = make_app("rules: [{when: {always: true}, reply: {error: overloaded}}]")

    response = post(app, "x", path=case.path, stream=stream)

    assert response.status_code in (503, 529)
    assert response.content_type == "application/json"
    assert error_of(response)


@BOTH
def test_template_that_fails_says_where(case: Any, make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{name: broken, when: {contains: x}, reply: {template: '{{ match.nothing }}'}}]"
    )

    response = post(app, "x", path=case.path)

    assert response.status_code == 400
    assert "responses.yml:1 'broken': the template fails" in error_of(response)


# Strict


STRICT = """\
responses:
  "what is 2+2?": "4"
rules:
  - name: summary
    when: {provider: openai, model: "gpt-*", contains: summarise}
    reply: "Short."
  - name: french
    when: {contains: [bonjour, salut], model: "claude-*"}
    reply: "Salut."
"""


@BOTH
def test_strict_gives_404_with_reasons_and_without_the_prompt(case: Any, make_app: MakeApp) -> None:
    app = make_app(STRICT + "settings: {strict: true}\n")

    response = post(app, "What is my SECRET 2+2?", path=case.path)

    assert response.status_code == 404
    message = error_of(response)
    assert "responses.yml:4 'summary': " in message
    assert "SECRET" not in response.text
    if case is OPENAI:
        assert "contains: wanted 'summarise', and the request's text differs" in message
        assert json_of(response)["error"]["code"] == "no_match"
    else:
        assert "provider: wanted 'openai', got 'anthropic'" in message
        assert json_of(response)["error"]["type"] == "not_found_error"


def test_strict_quotes_the_prompt_when_it_may(make_app: MakeApp) -> None:
    app = make_app(STRICT + "settings: {strict: true, echo_prompts: true}\n")

    message = error_of(post(app, "What is my SECRET?"))

    assert "contains: wanted 'summarise', got 'What is my SECRET?'" in message


def test_strict_names_the_nearest_response(make_app: MakeApp) -> None:
    app = make_app(STRICT + "settings: {strict: true, echo_prompts: true}\n")

    message = error_of(post(app, "What is 2+2?"))

    assert "responses.yml:2 'what is 2+2?': prompt: wanted" in message
    assert "(case counts)" in message


@pytest.mark.parametrize("stream", [False, True])
def test_strict_may_be_asked_for_by_a_request(stream: bool, make_app: MakeApp) -> None:
    app = make_app(STRICT)

    strict = post(app, "unknown", headers={"X-Mockllm-Strict": "true"}, stream=stream)

    assert strict.status_code == 404
    assert post(app, "unknown", stream=stream).status_code == 200


def test_strict_says_when_nothing_comes_near(make_app: MakeApp) -> None:
    app = make_app("settings: {strict: true}")

    message = error_of(post(app, "unknown"))

    assert message == "No rule matches this request, and none comes near."


def test_strict_leaves_what_matches_alone(make_app: MakeApp) -> None:
    app = make_app(STRICT + "settings: {strict: true}\n")

    assert said(post(app, "what is 2+2?")) == "4"
    assert said(post(app, "please summarise")) == "Short."


def test_strict_does_not_quote_the_prompt_as_a_param(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{when: {params: {messages.0.content: hello}}, reply: hi}]\n"
        "settings: {strict: true}\n"
    )

    assert "SECRET" not in post(app, "SECRET").text


@pytest.mark.parametrize(
    "condition", ["api_key: sk-allowed", "headers: {authorization: Bearer sk-allowed}"]
)
def test_strict_does_not_quote_keys(condition: str, make_app: MakeApp) -> None:
    app = make_app(f"rules: [{{when: {{{condition}}}, reply: hi}}]\nsettings: {{strict: true}}\n")

    response = post(app, "x", headers={"Authorization": "Bearer sk-secret"})

    assert "sk-secret" not in response.text


CREDENTIALS = {
    "api_key": ({"Authorization": "Bearer sk-secret"}, "api_key: sk-*x"),
    "authorization": ({"Authorization": "Bearer sk-secret"}, "headers: {authorization: x}"),
    "cookie": ({"Cookie": "id=sk-secret"}, "headers: {cookie: x}"),
    "x-api-key": ({"X-Api-Key": "sk-secret"}, "headers: {X-API-Key: [x, y]}"),
    "session": ({"Authorization": "Bearer sk-secret"}, "session: x"),
    "not": ({"X-Api-Key": "sk-secret"}, "not: {api_key: '*'}"),
}


@pytest.mark.parametrize("strict", ["true", "false"])
@pytest.mark.parametrize(("sent", "condition"), CREDENTIALS.values(), ids=list(CREDENTIALS))
@pytest.mark.parametrize("path", [OPENAI.path, ANTHROPIC.path, "/v1/responses"])
def test_no_credential_is_shown(
    path: str,
    sent: dict[str, str],
    condition: str,
    strict: str,
    make_app: MakeApp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="mockllm.requests")
    app = make_app(
        f"rules: [{{when: {{contains: hello, {condition}}}, reply: hi}}]\n"
        f"settings: {{strict: {strict}, echo_prompts: true, session_by: api_key}}\n"
    )

    answered = post(app, "hello", path=path, headers=sent, max_tokens=9, input="hello")
    explained = app.test_client().post("/_mockllm/explain", json=OPENAI.body("hello"), headers=sent)

    assert answered.status_code == (404 if strict == "true" else 200)
    assert explained.status_code == 200
    assert "sk-secret" not in answered.text + explained.text
    assert path in caplog.text
    assert "sk-secret" not in caplog.text


def test_strict_says_that_a_rule_has_stepped_aside(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{name: once, when: {contains: x}, reply: hi, times: 1}]\n"
        "settings: {strict: true}\n"
    )
    post(app, "x")

    assert "'once'" in error_of(post(app, "x"))


# Automatic answers


TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "get_weather", "description": "Weather of a city"}},
    {"type": "function", "function": {"name": "send_mail", "description": "Sends a mail"}},
]


def calls_of(response: TestResponse) -> list[str]:
    body: Any = response.json
    return [name for name, _ in OPENAI.calls(body)]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("required", ["send_mail"]),
        ({"type": "function", "function": {"name": "get_weather"}}, ["get_weather"]),
        ("auto", []),
        ("none", []),
    ],
)
def test_forced_tool_is_called(choice: Any, names: list[str], make_app: MakeApp) -> None:
    app = make_app("responses: {}")

    response = post(app, "please send a mail", tools=TOOLS, tool_choice=choice)

    assert calls_of(response) == names
    assert response.headers["x-mockllm-source"] == "built-in"


def test_auto_tools_calls_what_clearly_fits_once(make_app: MakeApp) -> None:
    app = make_app("settings: {auto_tools: true}")
    history: list[Any] = [{"role": "user", "content": "what is the weather?"}]
    response = post(app, history, tools=TOOLS)
    message = json_of(response)["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "sunny"}

    after = post(app, [*history, message, result], tools=TOOLS)

    assert calls_of(response) == ["get_weather"]
    assert calls_of(after) == []


@BOTH
def test_forced_tool_streams(case: Any, make_app: MakeApp) -> None:
    app = make_app("responses: {}")
    members: dict[str, Any] = {"tools": TOOLS, "tool_choice": "required"}
    if case is ANTHROPIC:
        members = {
            "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "any"},
        }

    response = post(app, "weather", path=case.path, stream=True, **members)

    assert case.calls(case.fold(list(sse_events(response.data))))[0][0] == "get_weather"


def test_rule_comes_before_what_is_forced(make_app: MakeApp) -> None:
    app = make_app("responses: {x: Hello.}")

    assert said(post(app, "x", tools=TOOLS, tool_choice="required")) == "Hello."


def test_json_mode_gets_the_keys_that_the_prompt_quotes(make_app: MakeApp) -> None:
    app = make_app("responses: {}")

    response = post(
        app, "JSON with 'name' and 'age', please", response_format={"type": "json_object"}
    )

    assert said(response) == '{"name":"text","age":"text"}'


# Warnings


def test_answer_that_is_no_json_gets_a_warning(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app("responses: {x: Hello.}")
    caplog.set_level("INFO", logger="mockllm.requests")

    response = post(app, "x", response_format={"type": "json_object"})

    assert said(response) == "Hello."
    assert (
        response.headers["x-mockllm-warning"]
        == "the answer is not JSON, which response_format asks for"
    )
    assert "warning: the answer is not JSON" in caplog.text


def test_overlapping_stateful_requests_without_a_session_get_a_warning(make_app: MakeApp) -> None:
    app = make_app(f"defaults: {{timing: {{first_token: 1s}}}}\n{COUNTING}")
    first, second = (post(app, "next", stream=True) for _ in range(2))
    for response in (first, second):
        response.close()
    third = post(app, "next")

    assert "x-mockllm-warning" not in first.headers
    assert (
        "responses.yml:3 'counting' counts requests, and several without a session overlap"
        in second.headers["x-mockllm-warning"]
    )
    assert "x-mockllm-warning" not in third.headers


@pytest.mark.parametrize(
    ("yaml", "session"),
    [
        (COUNTING, "a"),
        ("rules: [{when: {contains: next}, reply: x}]", ""),
        ("rules: [{when: {contains: next}, reply: {template: 'n {{ calls }}'}}]", ""),
    ],
    ids=["session", "stateless", "template"],
)
def test_overlapping_requests_that_share_no_state_get_no_warning(
    yaml: str, session: str, make_app: MakeApp
) -> None:
    app = make_app(yaml)
    with post(app, "next", session), post(app, "next", session) as second:
        assert "x-mockllm-warning" not in second.headers


def test_overlapping_errors_without_a_session_get_a_warning(make_app: MakeApp) -> None:
    slow = "{text: one two, timing: {rate: 1 token/s}}"
    app = make_app(f"rules: [{{when: {{contains: x}}, replies: [{slow}, {{error: server}}]}}]")
    with post(app, "x", stream=True), post(app, "x") as second:
        assert second.status_code == 500
        assert "x-mockllm-warning" in second.headers


def test_prompt_over_the_limit_is_cut_with_a_warning(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {starts_with: begin}, reply: begin}\n"
        "  - {when: {ends_with: end}, reply: end}\n"
        "settings: {match_limit: 1KB}\n"
    )

    response = post(app, f"begin {'x' * 2000} end")

    assert said(response) == "end"
    assert (
        response.headers["x-mockllm-warning"]
        == "only the last 1,024 characters of the prompt were matched"
    )


@pytest.mark.parametrize(
    "header", ['X-Name: "日本"', '"X Name": a', 'Content-Length: "1"', "Content-Type: text/html"]
)
def test_header_that_an_answer_cannot_have_is_refused_at_load(
    header: str, make_app: MakeApp
) -> None:
    with pytest.raises(ConfigError):
        make_app(f"responses: {{x: {{text: hi, headers: {{{header}}}}}}}")


# Every kind of condition, through HTTP


@pytest.mark.parametrize(
    ("condition", "members", "headers"),
    [
        ("equals: hello there", {}, {}),
        ("contains: [nothing, there]", {}, {}),
        ("contains_all: [hello, there]", {}, {}),
        ("starts_with: hello", {}, {}),
        ("ends_with: there", {}, {}),
        ("regex: '^h\\pL+ t'", {}, {}),
        ("any_message_contains: there", {}, {}),
        ("model: gpt-4*", {}, {}),
        ("provider: openai", {}, {}),
        ("operation: chat", {}, {}),
        ("path: /v1/chat/*", {}, {}),
        ("stream: false", {}, {}),
        ("response_format: json_object", {"response_format": {"type": "json_object"}}, {}),
        (
            "schema: per*",
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "person", "schema": {}},
                }
            },
            {},
        ),
        ("params: {temperature: 0.5, metadata.user: [u1, u2]}", None, {}),
        ("tool_offered: get_*", {"tools": TOOLS}, {}),
        ("tool_choice: required", {"tools": TOOLS, "tool_choice": "required"}, {}),
        ("turn: 1", {}, {}),
        ("step: 1-2", {}, {}),
        ("input_tokens: 2", {}, {}),
        ("headers: {X-Tenant: acme*}", {}, {"X-Tenant": "acme-1"}),
        ("api_key: sk-*", {}, {"Authorization": "Bearer sk-1"}),
        ("session: default", {}, {}),
        ("state: start", {}, {}),
        ("not: {model: claude-*, contains: bye}", {}, {}),
        ("always: true", {}, {}),
    ],
)
def test_every_condition_reaches_the_request(
    condition: str,
    members: dict[str, Any] | None,
    headers: dict[str, str],
    make_app: MakeApp,
) -> None:
    app = make_app(f"rules: [{{when: {{{condition}}}, reply: matched}}]")
    if members is None:
        members = {"temperature": 0.5, "metadata": {"user": "u2"}}

    assert said(post(app, "hello there", headers=headers, **members)) == "matched"


def test_conditions_on_system_image_and_results(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {tool_result_contains: flights, tool_result: find}, reply: result}\n"
        "  - {when: {has: image}, reply: image}\n"
        "  - {when: {system_contains: pirate}, reply: system}\n"
    )
    image = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]
    system = {"role": "system", "content": "Talk like a pirate."}
    user = {"role": "user", "content": "hi"}

    assert said(post(app, HISTORY_OPENAI)) == "result"
    assert said(post(app, HISTORY_ANTHROPIC, path=ANTHROPIC.path)) == "result"
    assert said(post(app, [{"role": "user", "content": image}])) == "image"
    assert said(post(app, [system, user])) == "system"
    assert said(post(app, [user], path=ANTHROPIC.path, system="a pirate")) == "system"


def test_reply_may_stand_in_a_file_beside_the_yaml(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("# Long\n", encoding="utf-8")
    app = make_app("responses: {x: {file: long.md}}")

    assert said(post(app, "x")) == "# Long\n"
