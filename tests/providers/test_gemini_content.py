"""What `contents` hold, as neutral messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Request,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import generate


def parsed(body: Any) -> Request:
    return generate.parse(Raw("POST", "", "", {}, json.dumps(body).encode()))


def messages(*contents: Any) -> tuple[Message, ...]:
    return parsed({"contents": contents}).messages


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ({"text": ""}, Text("")),
        ({"text": "hm", "thought": True}, Reasoning("hm")),
        ({"text": "hm", "thought": True, "thoughtSignature": "c2ln"}, Reasoning("hm", "c2ln")),
        (
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            Image("data:image/png;base64,AAAA"),
        ),
        ({"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}, Audio("mp3")),
        ({"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}}, File("")),
        ({"inlineData": {"mimeType": "text/plain", "data": "R3LDvMOfZQ=="}}, File("", "Grüße")),
        ({"inlineData": {"mimeType": "text/plain", "data": "x"}}, File("", "")),
        ({"inlineData": {"mimeType": "text/plain", "data": "ü"}}, File("", "")),
        ({"fileData": {"mimeType": "image/png", "fileUri": "gs://a"}}, Image("gs://a")),
        ({"fileData": {"mimeType": "video/mp4", "fileUri": "gs://a"}}, File("gs://a")),
        ({"functionCall": {"name": "f", "id": "1"}}, ToolCall("1", "f", "{}")),
        ({"functionCall": {"name": "f", "args": {"a_b": 1}}}, ToolCall("call-1", "f", '{"a_b":1}')),
        (
            {"thought": True, "newKind": {"x": 1}},
            Unknown("newKind", {"thought": True, "newKind": {"x": 1}}),
        ),
        ({"thoughtSignature": "c2ln"}, Unknown("", {"thoughtSignature": "c2ln"})),
    ],
)
def test_part_of_each_kind(part: Any, wanted: Part) -> None:
    (message,) = messages({"role": "model", "parts": [part]})

    assert message.parts == (wanted,)


@pytest.mark.parametrize(
    ("response", "text", "is_error"),
    [
        ({"output": "20"}, "20", False),
        ({"result": {"a": 1}}, '{"a":1}', False),
        ({"error": "No such city."}, "No such city.", True),
        ({"degrees": 20}, '{"degrees":20}', False),
        ({"output": "20", "unit": "C"}, '{"output":"20","unit":"C"}', False),
        (None, "{}", False),
    ],
)
def test_result_is_told_as_text(response: Any, text: str, is_error: bool) -> None:
    result = {"functionResponse": {"name": "f", "id": "1", "response": response}}
    (message,) = messages({"parts": [result]})

    assert message == Message("tool", (ToolResult("1", (Text(text),), is_error),))


def test_result_may_hold_media() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    result = {"functionResponse": {"name": "f", "parts": [blob]}}
    (message,) = messages({"parts": [result]})

    assert message.parts == (ToolResult("f", (Text("{}"), Image("data:image/png;base64,AAAA"))),)


def test_results_without_ids_are_paired_by_name_in_order() -> None:
    calls = [{"functionCall": {"name": name}} for name in ("f", "g", "f")]
    results = [{"functionResponse": {"name": name}} for name in ("f", "f", "g", "f")]

    said, told = messages({"role": "model", "parts": calls}, {"parts": results})

    assert [part.id for part in said.parts if isinstance(part, ToolCall)] == [
        "call-1",
        "call-2",
        "call-3",
    ]
    assert [part.call_id for part in told.parts if isinstance(part, ToolResult)] == [
        "call-1",
        "call-3",
        "call-2",
        "f",
    ]


@pytest.mark.parametrize(
    ("role", "wanted"),
    [("model", "assistant"), ("user", "user"), (None, "user"), ("function", "user"), ("x", "x")],
)
def test_roles(role: str | None, wanted: str) -> None:
    (message,) = messages({"role": role, "parts": [{"text": "hi"}]})

    assert message.role == wanted


def test_empty_system_instruction_is_none() -> None:
    request = parsed({"systemInstruction": {"parts": []}, "contents": {"parts": {"text": "hi"}}})

    assert [message.role for message in request.messages] == ["user"]


def test_wrong_result_is_placed() -> None:
    blob = {"inlineData": {"mimeType": 5}}
    result = {"functionResponse": {"name": "f", "parts": [blob]}}

    with pytest.raises(InvalidRequest) as caught:
        messages({"parts": [result]})

    where = ("contents", 0, "parts", 0, "functionResponse", "parts", 0, "inlineData", "mimeType")
    assert caught.value.path == where


def test_deep_bodies_are_read() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = {"a_b": deep}

    assert parsed({"contents": {"parts": {"text": "hi"}}, "new_member": deep}).messages


def test_model_of_a_body_alone() -> None:
    assert parsed({"model": "models/m", "contents": {"parts": {"text": "hi"}}}).model == "m"
