"""Counting tokens before they are sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp

PATH = "/v1/messages/count_tokens"
USER = {"role": "user", "content": "what is 2+2?"}
TOOL = {"name": "f", "description": "Adds.", "input_schema": {"type": "object"}}


def counted(app: Flask, path: str = PATH, **members: Any) -> Any:
    body = {"model": "m", "messages": [USER], **members}
    return app.test_client().post(path, json=body).get_json()


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"system": "Be kind."},
        {"system": [{"type": "text", "text": "Be kind."}]},
        {"tools": [TOOL], "tool_choice": {"type": "any"}},
        {"messages": [{"role": "user", "content": [{"type": "document", "source":
            {"type": "text", "media_type": "text/plain", "data": "one two"}}]}]},
    ],
)  # fmt: skip
def test_count_is_what_the_message_reports(app: Flask, members: Any) -> None:
    message = counted(app, "/v1/messages", **members)

    assert counted(app, **members) == {"input_tokens": message["usage"]["input_tokens"]}


def test_system_and_tools_count(app: Flask) -> None:
    plain = counted(app)["input_tokens"]

    assert counted(app, system="Be kind.")["input_tokens"] == plain + 3
    assert counted(app, tools=[TOOL])["input_tokens"] == plain + 1 + 2 + 5


@pytest.mark.parametrize("path", [PATH, f"{PATH}?beta=true"])
def test_count_before_edits_is_told_to_those_who_ask(app: Flask, path: str) -> None:
    told = counted(app, path, context_management={"edits": []})

    assert told == {"input_tokens": 6, "context_management": {"original_input_tokens": 6}}


def test_counting_consumes_no_answer(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {always: true}, replies: [first, second]}]")
    counted(app)

    assert counted(app, "/v1/messages")["content"][0]["text"] == "first"


def test_mistake_is_told_in_the_dialect(app: Flask) -> None:
    answer = app.test_client().post(PATH, json={"model": "m"})

    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"] == "messages: Field required"
