"""What a message tells besides its content, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(make_app: MakeApp) -> Ask:
    """Return a function that asks and returns the message."""
    app = make_app(
        "responses:\n"
        "  hi: Hello.\n"
        "  think: {reasoning: Let me think., text: Hello.}\n"
        "  pause: {text: I am searching., finish: pause}\n"
        "  long: {text: And so, finish: context_length}\n"
        "settings: {seed: 7}\n"
    )

    def message(prompt: str = "hi", query: str = "", **members: Any) -> dict[str, Any]:
        body = {"model": "m", "messages": [{"role": "user", "content": prompt}], **members}
        answer = app.test_client().post(f"/v1/messages{query}", json=body)
        assert answer.status_code == 200
        return dict(answer.get_json())

    return message


@pytest.mark.parametrize(
    ("prompt", "reason"), [("pause", "pause_turn"), ("long", "model_context_window_exceeded")]
)
def test_stop_reasons_of_rules(ask: Ask, prompt: str, reason: str) -> None:
    assert ask(prompt)["stop_reason"] == reason


@pytest.mark.parametrize(
    "thinking",
    [
        None,
        {"type": "enabled", "budget_tokens": 1024},
        {"type": "adaptive", "display": "summarized"},
        {"type": "disabled"},
        {"type": "between_tools"},
    ],
)
def test_thinking_is_shown_when_the_rule_has_it(ask: Ask, thinking: Any) -> None:
    message = ask("think", thinking=thinking)

    assert message["content"][0]["thinking"] == "Let me think."
    assert message["usage"]["output_tokens_details"] == {"thinking_tokens": 4}


@pytest.mark.parametrize("kind", ["enabled", "adaptive"])
def test_omitted_thinking_is_empty_and_keeps_its_signature(ask: Ask, kind: str) -> None:
    shown = ask("think")["content"][0]

    message = ask("think", thinking={"type": kind, "display": "omitted"})

    assert message["content"][0] == {**shown, "thinking": ""}
    assert message["usage"]["output_tokens_details"] == {"thinking_tokens": 4}


def test_no_container_is_made_unasked(ask: Ask) -> None:
    assert ask()["container"] is None


def test_container_is_echoed(ask: Ask) -> None:
    container = {"id": "container_1", "expires_at": "2023-12-14T22:15:00Z", "skills": None}

    assert ask(container="container_1")["container"] == container


def test_container_of_skills_gets_an_id(ask: Ask) -> None:
    skills = [
        {"type": "anthropic", "skill_id": "pptx"},
        {"type": "custom", "skill_id": "s", "version": "2"},
    ]

    container = ask(container={"skills": skills})["container"]

    assert container["id"].startswith("container_01")
    assert container["skills"] == [
        {"skill_id": "pptx", "type": "anthropic", "version": "latest"},
        {"skill_id": "s", "type": "custom", "version": "2"},
    ]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, {"service_tier": "standard", "inference_geo": "global"}),
        ({"service_tier": "auto"}, {"service_tier": "standard"}),
        ({"inference_geo": "us"}, {"inference_geo": "us"}),
        ({"speed": "fast"}, {"speed": "fast"}),
    ],
)  # fmt: skip
def test_usage_tells_how_it_was_served(ask: Ask, members: Any, told: dict[str, str]) -> None:
    assert told.items() <= ask(**members)["usage"].items()


def test_unknown_speed_is_not_told(ask: Ask) -> None:
    assert "speed" not in ask(speed="new")["usage"]


@pytest.mark.parametrize(
    ("query", "asked", "told"),
    [
        ("?beta=true", {"edits": []}, {"applied_edits": []}),
        ("?beta=true", None, None),
        ("", {"edits": []}, {"applied_edits": []}),
    ],
)
def test_context_edits_are_told_to_those_who_ask(
    ask: Ask, query: str, asked: Any, told: Any
) -> None:
    assert ask(query=query, context_management=asked).get("context_management") == told


def test_filling_the_cache_gives_an_empty_message(ask: Ask) -> None:
    message = ask(max_tokens=0)

    assert (message["content"], message["stop_reason"]) == ([], "max_tokens")


@pytest.mark.parametrize(
    ("status", "kind"), [(402, "billing_error"), (413, "request_too_large"), (504, "timeout_error")]
)
def test_errors_by_status_that_no_kind_stands_for(
    status: int, kind: str, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{hi: {{error: {{status: {status}}}}}}}")
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

    answer = app.test_client().post("/v1/messages", json=body)

    assert (answer.status_code, answer.get_json()["error"]["type"]) == (status, kind)


def test_every_answer_names_the_request_and_the_organization(app: Flask) -> None:
    client = app.test_client()
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    headers = {"anthropic-version": "2023-06-01"}
    answers = [
        client.post("/v1/messages", json=body),
        client.post("/v1/messages", json={**body, "stream": True}),
        client.post("/v1/messages", json={}),
        client.post("/v1/messages/count_tokens", json=body),
        client.get("/v1/models", headers=headers),
        client.get("/v1/no/such", headers=headers),
        client.get("/v1/messages", headers=headers),
    ]

    assert len({answer.headers["request-id"] for answer in answers}) == len(answers)
    assert len({answer.headers["anthropic-organization-id"] for answer in answers}) == 1
