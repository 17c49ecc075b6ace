"""What Azure has of its own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask

from mockllm.providers.azure import chat
from mockllm.providers.azure.shared import SharedOperation
from mockllm.providers.openai import chat as openai_chat
from tests.conftest import MakeApp
from tests.contract.cases import sse_events

CHAT = "/openai/deployments/gpt-prod/chat/completions"
VERSION = "?api-version=2024-10-21"
KEY = {"api-key": "secret"}
BODY: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
YAML = """\
responses:
  "hi": "Hello."
  "busy": {error: {kind: rate_limit, retry_after: 7s}}
  "busy at once": {error: rate_limit}
  "own words": {error: {kind: auth, message: "Go away.", status: 403}}
  "forbidden": {error: content_filter}
  "network": {error: permission}
  "gone": {error: not_found}
  "broken": {error: server}
  "cut": {text: "He", finish: content_filter}
  "call": {tool_calls: [{name: f, arguments: {}}]}
rules:
  - {when: {provider: azure, equals: whose?}, reply: "Azure's."}
  - {when: {provider: openai, equals: whose?}, reply: "OpenAI's."}
settings:
  seed: 7
"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def ask(app: Flask, prompt: str, path: str = CHAT + VERSION, **members: Any) -> Any:
    body = {"messages": [{"role": "user", "content": prompt}], **members}
    return app.test_client().post(path, json=body, headers=KEY)


def asked_of_v1(app: Flask, prompt: str, query: str = "", **headers: str) -> Any:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}
    path = f"/openai/v1/chat/completions{query}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().post(path, json=body, headers=named)


def test_deployment_is_the_model_that_is_echoed(app: Flask) -> None:
    assert ask(app, "hi").json["model"] == "gpt-prod"


def test_deployment_is_the_model_that_rules_see(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {model: gpt-prod}, reply: Found.}]")

    assert ask(app, "hi").json["choices"][0]["message"]["content"] == "Found."


def test_model_of_the_body_is_ignored(app: Flask) -> None:
    assert ask(app, "hi", model="another").json["model"] == "gpt-prod"


@pytest.mark.parametrize(
    ("operation", "member"), [("completions", {"prompt": "hi"}), ("embeddings", {"input": "hi"})]
)
def test_each_operation_takes_the_model_from_the_url(
    operation: str, member: dict[str, str], app: Flask
) -> None:
    path = f"/openai/deployments/gpt-prod/{operation}{VERSION}"

    assert app.test_client().post(path, json=member).json["model"] == "gpt-prod"  # type: ignore[index]


def test_rules_tell_azure_from_openai(app: Flask) -> None:
    whole = ask(app, "whose?").json

    assert whole["choices"][0]["message"]["content"] == "Azure's."


def test_any_key_in_any_header_and_any_version_will_do(app: Flask) -> None:
    client = app.test_client()

    statuses = [
        client.post(path, json=BODY, headers=headers).status_code
        for path in (CHAT, CHAT + VERSION, f"{CHAT}?api-version=preview")
        for headers in ({}, KEY, {"Authorization": "Bearer token"})
    ]

    assert set(statuses) == {200}


def test_answers_carry_the_gateways_headers(app: Flask) -> None:
    headers = ask(app, "hi").headers

    assert re.fullmatch(UUID, headers["apim-request-id"])
    assert re.fullmatch(UUID, headers["x-request-id"])
    assert headers["x-ms-region"] == "East US"
    assert "openai-version" not in headers


def test_text_that_passes_is_safe(app: Flask) -> None:
    whole = ask(app, "hi").json
    safe = {"filtered": False, "severity": "safe"}

    (judged,) = [choice["content_filter_results"] for choice in whole["choices"]]

    assert judged == dict.fromkeys(("hate", "self_harm", "sexual", "violence"), safe)
    assert whole["prompt_filter_results"][0]["prompt_index"] == 0
    assert whole["prompt_filter_results"][0]["content_filter_results"]["jailbreak"] == {
        "filtered": False,
        "detected": False,
    }


def test_calls_are_not_judged(app: Flask) -> None:
    assert ask(app, "call").json["choices"][0]["content_filter_results"] == {}


def test_filtered_answer_says_so(app: Flask) -> None:
    (choice,) = ask(app, "cut").json["choices"]

    assert choice["finish_reason"] == "content_filter"
    assert choice["content_filter_results"]["hate"] == {"filtered": True, "severity": "high"}


def test_stream_begins_with_the_prompt_and_ends_with_the_reason(app: Flask) -> None:
    events = list(sse_events(ask(app, "cut", stream=True).data))

    first, opening, *deltas, last = events

    assert first["choices"] == []
    assert first["id"] == ""
    assert len(first["prompt_filter_results"]) == 1
    assert opening["choices"][0]["content_filter_results"] == {}
    assert [
        each["choices"][0]["content_filter_results"]["hate"]["filtered"] for each in deltas
    ] == [
        False,
        False,
    ]
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert last["choices"][0]["content_filter_results"]["hate"]["filtered"] is True


def test_each_prompt_of_a_completion_is_judged(app: Flask) -> None:
    path = f"/openai/deployments/gpt-prod/completions{VERSION}"

    whole = app.test_client().post(path, json={"prompt": ["a", "b", "c"]}).json

    assert whole is not None
    assert [each["prompt_index"] for each in whole["prompt_filter_results"]] == [0, 1, 2]


def test_rate_limit_tells_when_and_of_what(app: Flask) -> None:
    response = ask(app, "busy")

    error = response.json["error"]

    assert response.status_code == 429
    assert error["code"] == "429"
    assert "ChatCompletions_Create Operation" in error["message"]
    assert "API version 2024-10-21" in error["message"]
    assert "retry after 7 seconds" in error["message"]
    assert response.headers.getlist("retry-after") == ["7"]
    assert response.headers["retry-after-ms"] == "7000"


def test_rate_limit_without_a_time_is_a_second(app: Flask) -> None:
    response = ask(app, "busy at once")

    assert response.headers.getlist("retry-after") == ["1"]
    assert "after 1 seconds" in response.json["error"]["message"]


@pytest.mark.parametrize(
    ("prompt", "status", "code"),
    [("network", 403, "403"), ("gone", 404, "DeploymentNotFound"), ("broken", 500, None)],
)
def test_errors_have_azures_codes(prompt: str, status: int, code: str | None, app: Flask) -> None:
    response = ask(app, prompt)

    assert (response.status_code, response.json["error"]["code"]) == (status, code)


def test_own_words_and_status_of_a_rule_stay(app: Flask) -> None:
    response = ask(app, "own words")

    assert response.status_code == 403
    assert response.json["error"] == {"code": "401", "message": "Go away."}


def test_filtered_prompt_says_what_was_found(app: Flask) -> None:
    response = ask(app, "forbidden")

    error = response.json["error"]

    assert response.status_code == 400
    assert (error["code"], error["param"], error["status"]) == ("content_filter", "prompt", 400)
    assert error["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    assert error["innererror"]["content_filter_result"]["hate"]["filtered"] is True


@pytest.mark.parametrize(
    "path",
    [
        "/openai/deployments/gpt-prod/nothing",
        "/openai/deployments/gpt-prod",
        "/openai/responses/resp_1/nothing",
    ],
)
def test_unknown_path_of_azures_is_refused_in_its_dialect(path: str, app: Flask) -> None:
    error = app.test_client().post(path + VERSION).json["error"]  # type: ignore[index]

    assert error["code"] == "404"
    assert error["message"].startswith("Resource not found")


def test_unknown_path_with_azures_key_is_refused_in_its_dialect(app: Flask) -> None:
    error = app.test_client().post("/nothing", headers=KEY).json["error"]  # type: ignore[index]

    assert error["code"] == "404"


def test_deployment_of_an_absurd_name_does_not_exist(app: Flask) -> None:
    response = ask(app, "hi", f"/openai/deployments/{'m' * 1_001}/chat/completions")

    assert response.status_code == 404
    assert response.json["error"]["code"] == "DeploymentNotFound"


def test_request_without_any_model_is_refused(app: Flask) -> None:
    response = app.test_client().post(f"/openai/v1/chat/completions{VERSION}", json=BODY)

    assert response.status_code == 400
    assert response.json is not None
    assert "model" in response.json["error"]["message"]


@pytest.mark.parametrize(("query", "headers"), [(VERSION, {}), ("", {"api_key": "secret"})])
def test_v1_speaks_as_azure_to_its_clients(query: str, headers: dict[str, str], app: Flask) -> None:
    refused = asked_of_v1(app, "gone", query, **headers)
    answered = asked_of_v1(app, "whose?", query, **headers)

    assert refused.json["error"]["code"] == "DeploymentNotFound"
    assert "apim-request-id" in refused.headers
    assert answered.json["choices"][0]["message"]["content"] == "Azure's."


def test_v1_speaks_as_openai_to_others(app: Flask) -> None:
    refused = asked_of_v1(app, "gone", Authorization="Bearer sk-test")
    answered = asked_of_v1(app, "whose?", Authorization="Bearer sk-test")

    assert refused.json["error"]["code"] == "model_not_found"
    assert answered.json["choices"][0]["message"]["content"] == "OpenAI's."


def test_plain_v1_is_openais_whatever_the_key(app: Flask) -> None:
    response = app.test_client().post(
        "/v1/chat/completions", json={"model": "gpt-4o", **BODY}, headers=KEY
    )

    assert "prompt_filter_results" not in response.json  # type: ignore[operator]


def test_v1_streams_as_azure(app: Flask) -> None:
    body = {"model": "gpt-4o", "stream": True, **BODY}

    streamed = app.test_client().post("/openai/v1/chat/completions", json=body, headers=KEY)

    assert "prompt_filter_results" in next(sse_events(streamed.data))


def test_v1_embeds_for_azures_clients(app: Flask) -> None:
    body = {"model": "embed", "input": "hi"}

    response = app.test_client().post("/openai/v1/embeddings", json=body, headers=KEY)

    assert "apim-request-id" in response.headers


def test_stored_responses_are_fetched_and_missed_at_the_older_url(app: Flask) -> None:
    client = app.test_client()
    url = "/openai/responses"
    made = client.post(url + VERSION, json={"model": "gpt-prod", "input": "hi"}).json

    fetched = client.get(f"{url}/{made['id']}{VERSION}")  # type: ignore[index]
    missed = client.get(f"{url}/resp_none{VERSION}")

    assert fetched.json == made
    assert missed.status_code == 404
    assert "apim-request-id" in missed.headers


def test_stored_objects_of_v1_are_missed_with_azures_headers(app: Flask) -> None:
    missed = app.test_client().get("/openai/v1/responses/resp_none", headers=KEY)

    assert "apim-request-id" in missed.headers


def test_models_are_listed_for_azures_clients(app: Flask) -> None:
    client = app.test_client()

    lists = [
        client.get(path, headers=KEY).json
        for path in (f"/openai/models{VERSION}", "/openai/v1/models")
    ]

    assert lists[0] == lists[1]
    assert json.dumps(lists[0]).count('"object":') > 1


def test_failure_in_a_v1_stream_is_an_event(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(_: Any) -> Any:
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(chat, "stream", breaking)
    body = {"model": "gpt-4o", "stream": True, **BODY}

    streamed = app.test_client().post("/openai/v1/chat/completions", json=body, headers=KEY)

    assert "error" in list(sse_events(streamed.data))[-1]


@pytest.mark.parametrize(("query", "headers"), [(VERSION, {}), ("", KEY), ("?api-version=", {})])
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/openai/v1/nothing", "404"),
        ("PUT", "/openai/v1/chat/completions", "method_not_supported"),
        ("GET", "/s/one/openai/v1/nothing", "404"),
    ],
)
def test_v1_refuses_azures_clients_in_their_dialect(
    method: str, path: str, code: str, query: str, headers: dict[str, str], app: Flask
) -> None:
    response = app.test_client().open(path + query, method=method, headers=headers)

    assert response.get_json()["error"]["code"] == code
    assert "apim-request-id" in response.headers


def test_v1_refuses_others_in_openais_dialect(app: Flask) -> None:
    response = app.test_client().put("/openai/v1/chat/completions")

    assert "openai-version" in response.headers


def test_session_may_stand_before_the_path(app: Flask) -> None:
    assert ask(app, "hi", f"/s/one{CHAT}{VERSION}").json["model"] == "gpt-prod"


def test_rule_may_name_the_header_itself(make_app: MakeApp) -> None:
    app = make_app("responses: {busy: {error: rate_limit, headers: {Retry-After: '5'}}}")

    assert ask(app, "busy").headers.getlist("retry-after") == ["5"]


def test_shared_operation_has_one_name_for_both() -> None:
    assert SharedOperation(openai_chat, chat).NAME == chat.NAME
