"""What holds for every kind of reply, in every operation of every provider."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from flask import Flask

from mockllm.core.model import Finish
from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.contract.cases import Case, ChatCase, SpokenCase
from tests.contract.every_case import CASES, SPOKEN
from tests.contract.test_operations import (
    EVERY,
    EVERY_ARGUING,
    EVERY_CHAT,
    EVERY_SPOKEN,
    ask,
)

YAML = """\
responses:
  "tool call":
    tool_calls: [{name: get_weather, arguments: {city: "Zürich \\"west\\"", days: 3}, id: own_1}]
  "parallel calls":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}, id: own_1}
      - {name: no_arguments, id: own_2}
      - {name: get_weather, arguments: {city: Rome, units: [c, f], deep: {a: null}}, id: own_3}
  "text and a call":
    text: "Let me look."
    tool_calls: [{name: get_weather, arguments: {city: Paris}, id: own_1}]
  "reasoning and text":
    reasoning: "The user greets: 👋."
    text: "Hello."
  "reasoning and a call":
    reasoning: "I need the weather."
    tool_calls: [{name: get_weather, arguments: {city: Paris}, id: own_1}]
  "refusal": {refusal: "I cannot help with that."}
  "json": {json: {a: [1, 2.5, true, null], b: "ä"}}
  "parts":
    parts:
      - reasoning: "First."
      - "One."
      - tool_call: {name: f, arguments: {x: 1}, id: own_1}
      - text: " Two."
      - tool_call: {name: g, id: own_2}
  "template": {template: "You said {{ request.text }}."}
  "rendered":
    render: true
    tool_calls: [{name: f, arguments: {said: "{{ request.text }}", n: 1}}]
  "empty": {text: ""}
  "echo": {echo: true}
  "lorem": {lorem: {tokens: 12}}
  "auto": {auto: true}
  "finished": {text: "cut he", finish: length}
  "filtered": {text: "", finish: content_filter}
  "counted": {text: "a", usage: {input_tokens: 70, output_tokens: 9, cached_tokens: 20}}
settings:
  seed: 7
"""
KINDS = [
    "tool call",
    "parallel calls",
    "text and a call",
    "reasoning and text",
    "reasoning and a call",
    "refusal",
    "json",
    "parts",
    "template",
    "rendered",
    "empty",
    "echo",
    "lorem",
    "auto",
    "finished",
    "filtered",
    "counted",
]
LIMITS = [{}, *({"limit": tokens} for tokens in (1, 4, 11)), {"stop": ["o", "Paris"]}]


def limited(case: SpokenCase, body: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    if "limit" in limits:
        body = {**body, **case.limit(limits["limit"])}
    if "stop" in limits and case.stop is not None:
        body = {**body, **case.stop(limits["stop"])}
    return body


@pytest.fixture
def replies(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@EVERY_SPOKEN
@pytest.mark.parametrize("prompt", KINDS)
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_fold_of_the_stream_equals_the_whole(
    case: SpokenCase, prompt: str, limits: dict[str, Any], replies: Flask
) -> None:
    body = limited(case, case.body(prompt), limits)
    whole = ask(replies, case, body).json
    streamed = ask(replies, case, {**body, "stream": True})

    folded = case.fold(list(case.streams.events(streamed.data)))

    assert case.settled(folded) == case.settled(whole)


@pytest.mark.parametrize("name", list(SPOKEN))
@pytest.mark.parametrize("prompt", KINDS)
def test_fold_equals_the_whole_when_one_token_is_allowed(
    name: str, prompt: str, replies: Flask
) -> None:
    case = SPOKEN[name]
    body = {**case.body(prompt), **case.limit(1)}
    whole = ask(replies, case, body).json
    streamed = ask(replies, case, {**body, "stream": True})

    folded = case.fold(list(case.streams.events(streamed.data)))

    assert case.settled(folded) == case.settled(whole)


@EVERY_CHAT
@pytest.mark.parametrize(
    ("prompt", "calls"),
    [
        ("tool call", [("get_weather", {"city": 'Zürich "west"', "days": 3})]),
        (
            "parallel calls",
            [
                ("get_weather", {"city": "Paris"}),
                ("no_arguments", {}),
                ("get_weather", {"city": "Rome", "units": ["c", "f"], "deep": {"a": None}}),
            ],
        ),
        ("text and a call", [("get_weather", {"city": "Paris"})]),
        ("parts", [("f", {"x": 1}), ("g", {})]),
        ("rendered", [("f", {"said": "rendered", "n": 1})]),
    ],
)
def test_tool_calls_have_their_names_and_arguments(
    case: ChatCase, prompt: str, calls: list[Any], replies: Flask
) -> None:
    whole = ask(replies, case, case.body(prompt)).json

    assert case.calls(whole) == calls
    assert case.finish(whole) == case.finishes["tool_calls"]


@EVERY_CHAT
@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("text and a call", "Let me look."),
        ("reasoning and text", "Hello."),
        ("json", '{"a":[1,2.5,true,null],"b":"ä"}'),
        ("parts", "One. Two."),
        ("template", "You said template."),
        ("echo", "echo"),
        ("auto", "This is an automatic answer."),
    ],
)
def test_text_of_each_kind(case: ChatCase, prompt: str, text: str, replies: Flask) -> None:
    assert case.text(ask(replies, case, case.body(prompt)).json) == text


@EVERY_CHAT
@pytest.mark.parametrize(
    ("prompt", "finish"),
    [
        ("refusal", "refusal"),
        ("finished", "length"),
        ("filtered", "content_filter"),
        ("reasoning and text", "stop"),
        ("tool call", "tool_calls"),
    ],
)
def test_finish_is_in_the_vendors_words(
    case: ChatCase, prompt: str, finish: str, replies: Flask
) -> None:
    whole = ask(replies, case, case.body(prompt)).json

    assert case.finish(whole) == case.finishes[finish]


@EVERY_SPOKEN
@pytest.mark.parametrize("finish", get_args(Finish))
def test_every_finish_has_the_vendors_word(
    case: SpokenCase, finish: str, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{go: {{text: a, finish: {finish}}}}}")

    assert case.finish(ask(app, case, case.body("go")).json) == case.finishes[finish]


@EVERY_CHAT
def test_calls_without_an_id_get_the_vendors_each_its_own(
    case: ChatCase, make_app: MakeApp
) -> None:
    app = make_app("responses: {go: {tool_calls: [{name: f}, {name: f}]}}")
    whole = ask(app, case, case.body("go")).json
    streamed = ask(app, case, {**case.body("go"), "stream": True})

    folded = case.fold(list(case.streams.events(streamed.data)))
    ids = [*case.call_ids(whole), *case.call_ids(folded)]

    assert len(set(ids)) == 4
    assert all(re.fullmatch(case.call_id, each) for each in ids)


@EVERY_CHAT
@pytest.mark.parametrize(
    "own",
    [
        "own_1",
        pytest.param("my_own_id_of_24_letters_"),
    ],
)
def test_id_of_a_call_in_the_rules_is_left_as_it_is(
    case: ChatCase, own: str, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{go: {{tool_calls: [{{name: f, id: {own}}}]}}}}")

    assert case.call_ids(ask(app, case, case.body("go")).json) == [own]


@EVERY_CHAT
def test_id_of_a_rendered_call_is_left_as_it_is(case: ChatCase, make_app: MakeApp) -> None:
    app = make_app("responses: {go: {render: true, tool_calls: [{name: f, id: own_1}]}}")

    assert case.call_ids(ask(app, case, case.body("go")).json) == ["own_1"]


@EVERY_ARGUING
def test_arguments_stream_in_several_pieces(case: ChatCase, replies: Flask) -> None:
    streamed = ask(replies, case, {**case.body("tool call"), "stream": True})

    assert case.argued is not None
    pieces = [piece for event in case.streams.events(streamed.data) for piece in case.argued(event)]

    assert len(pieces) > 5
    assert max(map(len, pieces)) <= 9


@EVERY_CHAT
def test_text_after_other_parts_streams_a_code_point_at_a_time(
    case: ChatCase, replies: Flask
) -> None:
    streamed = ask(replies, case, {**case.body("parts"), "stream": True})

    pieces = [piece for event in case.streams.events(streamed.data) for piece in case.said(event)]

    assert pieces == list("One. Two.")


@EVERY_SPOKEN
def test_usage_of_the_rule_is_reported(case: SpokenCase, replies: Flask) -> None:
    assert case.counts(ask(replies, case, case.body("counted")).json) in ((70, 9), (50, 9))


@EVERY_CHAT
def test_more_cached_than_input_tokens_make_no_negative_count(
    case: ChatCase, make_app: MakeApp
) -> None:
    app = make_app("responses: {hi: {text: a, usage: {cached_tokens: 100}}}")

    whole = ask(app, case, case.body("hi")).json

    assert case.counts(whole)[0] >= 0
    assert whole.get("usage", {}).get("prompt_tokens", 100) >= 100


@EVERY_SPOKEN
@pytest.mark.parametrize("stream", [False, True])
def test_headers_of_the_rule_are_sent(case: SpokenCase, stream: bool, make_app: MakeApp) -> None:
    app = make_app("responses: {hi: {text: a, headers: {X-Tier: gold}}}")

    headers = ask(app, case, {**case.body("hi"), "stream": stream}).headers

    assert headers["x-tier"] == "gold"


@EVERY_ARGUING
def test_lagged_tool_call_leaves_piece_by_piece(
    case: ChatCase, make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(YAML.replace("seed: 7", "lag_enabled: true"))
    response = ask(app, case, {**case.body("parallel calls"), "stream": True})

    pieces = list(response.iter_encoded())

    assert len(clock.waits) == len(pieces) - 1
    assert clock.waits == sorted(clock.waits)
    assert len(pieces) > 20


# For each kind, by vendor: status, type (None where Azure words it itself; Ollama has none), code
# (Gemini's reason; None for those that have none).
ERRORS: dict[str, dict[str, tuple[int, str | None, str | None]]] = {
    "openai": {
        "rate_limit": (429, "requests", "rate_limit_exceeded"),
        "overloaded": (503, "server_error", None),
        "auth": (401, "invalid_request_error", "invalid_api_key"),
        "permission": (403, "invalid_request_error", None),
        "not_found": (404, "invalid_request_error", "model_not_found"),
        "invalid": (400, "invalid_request_error", None),
        "context_length": (400, "invalid_request_error", "context_length_exceeded"),
        "content_filter": (400, "invalid_request_error", "content_policy_violation"),
        "server": (500, "server_error", None),
    },
    "azure": {
        "rate_limit": (429, None, "429"),
        "overloaded": (503, "server_error", None),
        "auth": (401, None, "401"),
        "permission": (403, None, "403"),
        "not_found": (404, None, "DeploymentNotFound"),
        "invalid": (400, "invalid_request_error", None),
        "context_length": (400, "invalid_request_error", "context_length_exceeded"),
        "content_filter": (400, None, "content_filter"),
        "server": (500, "server_error", None),
    },
    "anthropic": {
        "rate_limit": (429, "rate_limit_error", None),
        "overloaded": (529, "overloaded_error", None),
        "auth": (401, "authentication_error", None),
        "permission": (403, "permission_error", None),
        "not_found": (404, "not_found_error", None),
        "invalid": (400, "invalid_request_error", None),
        "context_length": (400, "invalid_request_error", None),
        "content_filter": (400, "invalid_request_error", None),
        "server": (500, "api_error", None),
    },
    "ollama": {
        "rate_limit": (429, "", None),
        "overloaded": (503, "", None),
        "auth": (401, "", None),
        "permission": (403, "", None),
        "not_found": (404, "", None),
        "invalid": (400, "", None),
        "context_length": (400, "", None),
        "content_filter": (400, "", None),
        "server": (500, "", None),
    },
    "gemini": {
        "rate_limit": (429, "RESOURCE_EXHAUSTED", None),
        "overloaded": (503, "UNAVAILABLE", None),
        "auth": (400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
        "permission": (403, "PERMISSION_DENIED", None),
        "not_found": (404, "NOT_FOUND", None),
        "invalid": (400, "INVALID_ARGUMENT", None),
        "context_length": (400, "INVALID_ARGUMENT", None),
        "content_filter": (400, "INVALID_ARGUMENT", None),
        "server": (500, "INTERNAL", None),
    },
}


def vendor_of(name: str) -> str:
    return name.partition(".")[0]


EVERY_ERROR = pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in CASES for kind in ERRORS[vendor_of(name)]]
)


@EVERY_ERROR
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_error_has_the_vendors_status_and_shape(
    name: str, kind: str, stream: bool, make_app: MakeApp
) -> None:
    case = CASES[name]
    app = make_app(f"responses: {{fail: {{error: {kind}}}}}")
    status, error_type, code = ERRORS[vendor_of(name)][kind]

    response = ask(app, case, {**case.body("fail"), "stream": stream})

    assert response.status_code == status
    assert response.mimetype == "application/json"
    assert response.headers["x-mockllm-source"].endswith("/responses.yml:1")
    message = case.error(response.json)
    assert message
    error = {"message": message, "type": error_type}
    match vendor_of(name):
        case "azure" if error_type is None:
            assert {"code": code, "message": message}.items() <= response.json["error"].items()
        case "openai" | "azure":
            assert response.json == {"error": {**error, "param": None, "code": code}}
        case "gemini":
            told: dict[str, Any] = response.json["error"]
            (detail,) = told.pop("details", [{}])
            assert told == {"code": status, "message": message, "status": error_type}
            assert detail.get("reason") == code
        case "anthropic":
            request_id = response.headers["request-id"]
            assert response.json == {"type": "error", "error": error, "request_id": request_id}
        case _:
            assert response.json == {"error": message}


@EVERY
def test_error_of_a_rule_has_its_own_status_message_and_headers(
    case: Case, make_app: MakeApp
) -> None:
    app = make_app(
        "responses:\n"
        "  fail:\n"
        "    error: {kind: rate_limit, status: 430, message: Slow down., retry_after: 1.5s}\n"
        "    headers: {X-Quota: '0'}\n"
    )

    response = ask(app, case, case.body("fail"))

    assert response.status_code == 430
    assert case.error(response.json) == "Slow down."
    assert response.headers["retry-after"] == "1.5"
    assert response.headers["x-quota"] == "0"


@EVERY
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid"),
        (401, "auth"),
        (403, "permission"),
        (404, "not_found"),
        (418, "invalid"),
        (429, "rate_limit"),
        (500, "server"),
        (502, "server"),
        (503, "overloaded"),
        (529, "overloaded"),
    ],
)
def test_error_by_status_is_of_the_kind_that_fits(
    case: Case, status: int, kind: str, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{fail: {{error: {{status: {status}}}}}, also: {{error: {kind}}}}}")

    response = ask(app, case, case.body("fail"))

    assert response.status_code == status
    same = ask(app, case, case.body("also")).json
    assert settled_error(response.json) == settled_error(same)


def settled_error(body: Any) -> Any:
    """Return an error without what repeats the HTTP status."""
    error = body["error"]
    if isinstance(error, dict) and isinstance(error.get("code"), int):
        return {key: value for key, value in error.items() if key not in ("code", "status")}
    return error


@EVERY
@pytest.mark.parametrize(
    ("retry_after", "sent"),
    [
        ("2s", "2"),
        ("400ms", "0.4"),
        ("1h", "3600"),
        pytest.param("30d", "2592000"),
    ],
)
def test_retry_after_is_in_seconds(
    case: Case, retry_after: str, sent: str, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{fail: {{error: {{status: 429, retry_after: {retry_after}}}}}}}")

    assert ask(app, case, case.body("fail")).headers["retry-after"] == sent


@EVERY
def test_default_may_be_an_error(case: Case, make_app: MakeApp) -> None:
    app = make_app("defaults: {unknown_response: {error: overloaded}}")

    assert ask(app, case, case.body("anything")).status_code in (503, 529)


def test_every_kind_of_error_is_tried() -> None:
    kinds = {kind for name in CASES for kind in ERRORS[vendor_of(name)]}

    assert all(set(ERRORS[vendor_of(name)]) == kinds for name in CASES)
    assert len(kinds) == 9
