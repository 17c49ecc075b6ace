"""What Ollama's server cannot read, in the words of Go's decoder, and what it does not find."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.providers.judged import MODELS, Json, judged
from tests.providers.test_ollama_judgements import (
    IMAGE,
    USER,
    chat,
    option,
    options,
    prompt,
    sent,
    texts,
    tools,
    unmarshal,
)

THINK = '"high", "medium", "low", "max", true, or false'
NO_FORMAT = 'invalid format: {}; expected "json" or a valid JSON Schema object'

UNREAD: dict[str, tuple[str, Json, int, str]] = {
    "no model": ("chat", {}, 400, "model is required"),
    "no model to complete": ("generate", {"model": ""}, 404, "model '' not found"),
    "no model to embed": ("embed", {"input": "a"}, 404, "model '' not found"),
    "null for a model": ("embeddings", {"model": None}, 400, "model is required"),
    "no model to show": ("show", {}, 400, "model is required"),
    "no model to pull": ("pull", {"model": ""}, 400, "invalid model name"),
    "model a number": (
        "chat",
        {"model": 5},
        400,
        unmarshal("number", "ChatRequest.model", "string"),
    ),
    "option": ("chat", options(num_predict="5"), 500, option("num_predict", "integer")),
    "stop": ("generate", prompt(options={"stop": "x"}), 500, option("stop", "array")),
    "stops": (
        "generate",
        prompt(options={"stop": ["x", 5]}),
        500,
        'option "stop" must be of an array of strings',
    ),
    "options no object": (
        "chat",
        chat(options="x"),
        400,
        unmarshal("string", "ChatRequest.options", "map[string]interface {}"),
    ),
    "messages no list": (
        "chat",
        {"model": "m", "messages": {}},
        400,
        unmarshal("object", "ChatRequest.messages", "[]api.Message"),
    ),
    "message no object": (
        "chat",
        {"model": "m", "messages": ["hi"]},
        400,
        unmarshal("string", "ChatRequest.messages", "api.Message"),
    ),
    "content in parts": (
        "chat",
        chat({"role": "user", "content": [{"type": "text", "text": "hi"}]}),
        400,
        unmarshal("array", "ChatRequest.messages.content", "string"),
    ),
    "arguments as text": (
        "chat",
        chat({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}),
        400,
        unmarshal(
            "string",
            "ChatRequest.messages.tool_calls.function.arguments",
            "api.ToolCallFunctionArguments",
        ),
    ),
    "tools no list": (
        "chat",
        chat(tools={}),
        400,
        unmarshal("object", "ChatRequest.tools", "api.Tools"),
    ),
    "tool no object": (
        "chat",
        chat(tools=[5]),
        400,
        unmarshal("number", "ChatRequest.tools", "api.Tool"),
    ),
    "function no object": (
        "chat",
        chat(tools=[{"function": "look"}]),
        400,
        unmarshal("string", "Tool.tools.function", "api.ToolFunction"),
    ),
    "name of a function": (
        "chat",
        tools(name=5),
        400,
        unmarshal("number", "ToolFunction.tools.function.name", "string"),
    ),
    "parameters no object": (
        "chat",
        tools(parameters=[]),
        400,
        unmarshal("array", "ToolFunction.tools.function.parameters", "api.ToolFunctionParameters"),
    ),
    "images no list": (
        "generate",
        prompt(images=IMAGE),
        400,
        unmarshal("string", "GenerateRequest.images", "[]api.ImageData"),
    ),
    "image a number": (
        "generate",
        prompt(images=[5]),
        400,
        unmarshal("number", "GenerateRequest.images", "api.ImageData"),
    ),
    "stream of words": (
        "generate",
        prompt(stream="yes"),
        400,
        unmarshal("string", "GenerateRequest.stream", "bool"),
    ),
    "prompt a list": (
        "embeddings",
        prompt(prompt=["a"]),
        400,
        unmarshal("array", "EmbeddingRequest.prompt", "string"),
    ),
    "fraction": (
        "chat",
        chat(top_logprobs=1.5),
        400,
        unmarshal("number 1.5", "ChatRequest.top_logprobs", "int"),
    ),
    "too many log probabilities": (
        "chat",
        chat(top_logprobs=21),
        400,
        "top_logprobs must be between 0 and 20",
    ),
    "level": ("chat", chat(think="hard"), 400, f'invalid think value: "hard" (must be {THINK})'),
    "think a number": ("chat", chat(think=5), 400, f"think must be a boolean or string ({THINK})"),
    "format": ("chat", chat(format="yaml"), 500, NO_FORMAT.format(r'"\"yaml\""')),
    "format a number": ("generate", prompt(format=5), 500, NO_FORMAT.format('"5"')),
    "format a list": ("generate", prompt(format=[1]), 500, NO_FORMAT.format('"[1]"')),
    "input of numbers": ("embed", texts(input=[1, 2]), 400, "invalid input type"),
    "input no text": ("embed", texts(input={}), 400, "invalid input type"),
    "for ever": (
        "chat",
        chat(keep_alive="forever"),
        400,
        'time: invalid duration "forever"',
    ),
    "no unit": ("generate", prompt(keep_alive="-1"), 400, 'time: missing unit in duration "-1"'),
    "no such unit": (
        "embed",
        texts(keep_alive="2d"),
        400,
        'time: unknown unit "d" in duration "2d"',
    ),
    "no duration": ("chat", chat(keep_alive=""), 400, 'time: invalid duration ""'),
    "keep alive by a flag": (
        "embeddings",
        prompt(keep_alive=True),
        400,
        "Unsupported type: 'bool'",
    ),
    "keep alive by an object": (
        "chat",
        chat(keep_alive={}),
        400,
        "Unsupported type: 'map[string]interface {}'",
    ),
}


@pytest.mark.parametrize("mistake", UNREAD)
@pytest.mark.parametrize("validation", ["ignore", "reject"])
def test_what_cannot_be_read_is_said_in_the_servers_words(
    mistake: str, validation: str, make_app: MakeApp
) -> None:
    path, request, status, message = UNREAD[mistake]

    answer = sent(judged(make_app, validation), path, request)

    assert (answer.status_code, answer.json) == (status, {"error": message})


MALFORMED = {
    b"": "missing request body",
    b" \n": "missing request body",
    b"{": "unexpected EOF",
    b'{"model": "m': "unexpected EOF",
    b'{"model": tr': "unexpected EOF",
    b'{"model": "\\u12': "unexpected EOF",
    b"hello": "invalid character 'h' looking for beginning of value",
    b"not JSON": "invalid character 'o' in literal null (expecting 'u')",
    b'{"model": NaN}': "invalid character 'N' looking for beginning of value",
    b"{'model': 1}": "invalid character '\\'' looking for beginning of object key string",
    b'{"model" 1}': "invalid character '1' after object key",
    b'{"a": [1, "{"] "b": 2}': "invalid character '\"' after object key:value pair",
    b'{"a": [1 2]}': "invalid character '2' after array element",
    b'{"model": "m",}': "invalid character '}' looking for beginning of object key string",
    b'{"a": [1,]}': "invalid character ']' looking for beginning of value",
    b'{"model": "m\n"}': "invalid character '\\n' in string literal",
    b'{"model": "\\q"}': "invalid character 'q' in string escape code",
    b'{"model": "\\u12g4"}': "invalid character 'g' in \\u hexadecimal character escape",
    b'{"model": "m"} x': "invalid character 'x' after top-level value",
    b'{"model": 5, "a": }': "invalid character '}' looking for beginning of value",
    b'{"a": ' + b"[" * 100_000: "exceeded max depth",
    b"[]": "json: cannot unmarshal array into Go value of type api.ChatRequest",
    b'"hello"': "json: cannot unmarshal string into Go value of type api.ChatRequest",
}


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: body[:24].decode())
def test_body_that_is_no_json_is_said_in_gos_words(body: bytes, app: Flask) -> None:
    answer = app.test_client().post("/api/chat", data=body)

    assert (answer.status_code, answer.json) == (400, {"error": MALFORMED[body]})


def test_body_that_is_no_text_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/api/chat", data=b'{"model": "\xff"}')

    assert (answer.status_code, answer.json) == (400, {"error": "the body is not valid UTF-8"})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("chat", "model 'other' not found"),
        ("generate", "model 'other' not found"),
        ("embed", "model 'other' not found"),
        ("embeddings", 'model "other" not found, try pulling it first'),
        ("show", "model 'other' not found"),
    ],
)
def test_other_model_is_not_found(path: str, words: str, make_app: MakeApp) -> None:
    body = {"model": "other", "input": "a", "prompt": "a", "messages": [USER]}

    answer = sent(judged(make_app, "ignore", MODELS), path, body)

    assert (answer.status_code, answer.json) == (404, {"error": words})


def test_models_of_the_settings_are_listed_and_shown(make_app: MakeApp) -> None:
    app = judged(make_app, "warn", MODELS)

    listed: Any = app.test_client().get("/api/tags").json
    loaded: Any = app.test_client().get("/api/ps").json
    plain: Any = sent(app, "show", {"model": "plain"}).json
    small: Any = sent(app, "show", {"model": "small"}).json

    assert [each["name"] for each in listed["models"]] == ["full", "small", "plain", "able"]
    assert [each["name"] for each in loaded["models"]] == ["full", "small", "plain", "able"]
    assert plain["capabilities"] == ["completion"]
    assert "vision" in small["capabilities"]
    assert small["model_info"]["mock.context_length"] == 20


def test_wrong_key_and_wrong_method_are_in_ollamas_dialect(make_app: MakeApp) -> None:
    client = make_app("settings: {api_keys: [mine]}").test_client()
    key = {"authorization": "Bearer mine"}

    wrong = client.post("/api/chat", json=chat(), headers={"authorization": "Bearer x"})
    method = client.get("/api/chat", headers=key)

    assert (wrong.status_code, wrong.json) == (401, {"error": "unauthorized"})
    assert method.status_code == 405
    assert method.json == {"error": "405 method not allowed (/api/chat takes POST, not GET)"}
