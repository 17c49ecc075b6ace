"""What Ollama's server refuses: each mistake, its words and status, and what is no mistake."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from ollama import Options
from werkzeug.test import TestResponse

from mockllm.providers.ollama import judgements
from tests.conftest import MakeApp
from tests.providers.judged import MODELS, Json, ask, judged, warned

USER: Json = {"role": "user", "content": "hello"}
IMAGE = "iVBORw0KGgo="


def chat(*messages: Json, **members: Any) -> Json:
    return {"model": "m", "messages": list(messages) or [USER], "stream": False} | members


def prompt(**members: Any) -> Json:
    return {"model": "m", "prompt": "hello", "stream": False} | members


def texts(**members: Any) -> Json:
    return {"model": "m", "input": "hello"} | members


def options(**members: Any) -> Json:
    return chat(options=members)


def tools(**function: Any) -> Json:
    return chat(tools=[{"type": "function", "function": {"name": "look"} | function}])


def taking(**schema: Any) -> Json:
    return tools(parameters={"type": "object"} | schema)


def unmarshal(sent: str, field: str, wanted: str) -> str:
    return f"json: cannot unmarshal {sent} into Go struct field {field} of type {wanted}"


def option(name: str, wanted: str) -> str:
    return f'option "{name}" must be of type {wanted}'


ILLEGAL = "illegal base64 data at input byte {}"
RAW = "raw mode does not support template, system, or context"
JUDGED: dict[str, tuple[str, Json, int, str, Json]] = {
    "flag of words": (
        "chat",
        chat(truncate="no"),
        400,
        unmarshal("string", "ChatRequest.truncate", "bool"),
        chat(truncate=False, shift=True),
    ),
    "suffix a number": (
        "generate",
        prompt(suffix=5),
        400,
        unmarshal("number", "GenerateRequest.suffix", "string"),
        prompt(suffix="x"),
    ),
    "raw a number": (
        "generate",
        prompt(raw=1),
        400,
        unmarshal("number", "GenerateRequest.raw", "bool"),
        prompt(raw=True),
    ),
    "context no list": (
        "generate",
        prompt(context="x"),
        400,
        unmarshal("string", "GenerateRequest.context", "[]int"),
        prompt(context=[1, 2]),
    ),
    "context of words": (
        "generate",
        prompt(context=[1, "x"]),
        400,
        unmarshal("string", "GenerateRequest.context", "int"),
        prompt(context=[1, None]),
    ),
    "context of fractions": (
        "generate",
        prompt(context=[1.5]),
        400,
        unmarshal("number 1.5", "GenerateRequest.context", "int"),
        prompt(context=[]),
    ),
    "image by URL": (
        "chat",
        chat(USER | {"images": ["data:image/png;base64,aGk="]}),
        400,
        ILLEGAL.format(4),
        chat(USER | {"images": [IMAGE, "aGVs\nbG8="]}),
    ),
    "image cut off": (
        "generate",
        prompt(images=["aGVsbG"]),
        400,
        ILLEGAL.format(4),
        prompt(images=["aGVsbG8=", "aGVsbA==", "aGVs"]),
    ),
    "image with one sign too few": (
        "generate",
        prompt(images=["aGVsbA="]),
        400,
        ILLEGAL.format(7),
        prompt(images=["aGVsbA=\n="]),
    ),
    "image that goes on": (
        "generate",
        prompt(images=["aGk=aGk="]),
        400,
        ILLEGAL.format(4),
        prompt(images=[IMAGE]),
    ),
    "image of signs": ("generate", prompt(images=["===="]), 400, ILLEGAL.format(0), prompt()),
    "kinds of parameters": (
        "chat",
        taking(type=["object", "null"]),
        400,
        unmarshal("array", "ToolFunctionParameters.tools.function.parameters.type", "string"),
        taking(type="object", properties={"a": {"type": ["string", "null"]}}),
    ),
    "parameters required by a word": (
        "chat",
        taking(required="a"),
        400,
        unmarshal(
            "string", "ToolFunctionParameters.tools.function.parameters.required", "[]string"
        ),
        taking(required=["a"], properties={"a": {"type": "string"}}, additionalProperties=False),
    ),
    "name of a model": (
        "chat",
        chat(model="my model"),
        400,
        "invalid model name",
        chat(model="hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M"),
    ),
    "name of a model for vectors": (
        "embed",
        texts(model="a/b/c/d"),
        400,
        "invalid model name",
        texts(model="gpt-oss:20b:cloud"),
    ),
    "raw with a system message": (
        "generate",
        prompt(raw=True, system="Be brief."),
        400,
        RAW,
        prompt(raw=False, system="Be brief.", template="{{ .Prompt }}"),
    ),
    "raw with a context": ("generate", prompt(raw=True, context=[1]), 400, RAW, prompt(raw=True)),
    "temperature of words": (
        "chat",
        options(temperature="hot"),
        500,
        option("temperature", "float32"),
        options(temperature=0, top_p=0.5, top_k=40.0, typical_p=1),
    ),
    "context length of words": (
        "generate",
        prompt(options={"num_ctx": "8192"}),
        500,
        option("num_ctx", "integer"),
        prompt(options={"num_ctx": 8_192, "seed": None}),
    ),
    "option a number": (
        "chat",
        options(use_mmap=1),
        500,
        option("use_mmap", "boolean"),
        options(use_mmap=True, new_option={"a": 1}, mirostat="x"),
    ),
    "option of an embedding": (
        "embed",
        texts(options={"num_gpu": True}),
        500,
        option("num_gpu", "integer"),
        texts(options={"num_gpu": 1}, truncate=True),
    ),
    "options of an embedding": (
        "embed",
        texts(options=[1]),
        400,
        unmarshal("array", "EmbedRequest.options", "map[string]interface {}"),
        texts(options={}),
    ),
    "options of an old embedding": (
        "embeddings",
        prompt(options="x"),
        400,
        unmarshal("string", "EmbeddingRequest.options", "map[string]interface {}"),
        prompt(options=None),
    ),
    "truncate of an embedding": (
        "embed",
        texts(truncate=0),
        400,
        unmarshal("number", "EmbedRequest.truncate", "bool"),
        texts(truncate=False),
    ),
}
MISTAKES = pytest.mark.parametrize("mistake", JUDGED)


def sent(app: Flask, path: str, body: Json) -> TestResponse:
    return ask(app, f"/api/{path}", body)


@MISTAKES
def test_rejected_in_the_servers_words(mistake: str, make_app: MakeApp) -> None:
    path, request, status, message, _ = JUDGED[mistake]

    answer = sent(judged(make_app, "reject"), path, request)

    assert (answer.status_code, answer.json) == (status, {"error": message})


@MISTAKES
def test_served_with_one_warning(mistake: str, make_app: MakeApp) -> None:
    path, request, _, message, _ = JUDGED[mistake]

    assert warned(sent(judged(make_app, "warn"), path, request)) == message


@MISTAKES
def test_not_looked_at(mistake: str, make_app: MakeApp) -> None:
    path, request, _, _, _ = JUDGED[mistake]

    assert warned(sent(judged(make_app, "ignore"), path, request)) is None


@MISTAKES
def test_nearest_legal_request_is_served_without_a_word(mistake: str, make_app: MakeApp) -> None:
    path, _, _, _, legal = JUDGED[mistake]

    assert warned(sent(judged(make_app, "reject"), path, legal)) is None


OF_MODELS: dict[str, tuple[str, Json, str]] = {
    "tools": (
        "chat",
        tools() | {"model": "plain"},
        "registry.ollama.ai/library/plain:latest does not support tools",
    ),
    "thinking": ("chat", chat(think=True, model="plain"), '"plain" does not support thinking'),
    "level of thinking": (
        "generate",
        prompt(think="high", model="plain"),
        '"plain" does not support thinking',
    ),
    "images": (
        "generate",
        prompt(images=[IMAGE], model="plain"),
        "registry.ollama.ai/library/plain:latest does not support vision",
    ),
    "prompt too long": (
        "chat",
        chat({"role": "user", "content": "one two " * 40}, model="small", truncate=False),
        "the input length exceeds the context length",
    ),
    "input too long": (
        "embed",
        texts(input=["hi", "one two " * 40], model="small", truncate=False),
        "the input length exceeds the context length",
    ),
}


@pytest.mark.parametrize("mistake", OF_MODELS)
def test_rejected_for_the_sake_of_the_model(mistake: str, make_app: MakeApp) -> None:
    path, request, message = OF_MODELS[mistake]

    answer = sent(judged(make_app, "reject", MODELS), path, request)

    assert (answer.status_code, answer.json) == (400, {"error": message})


@pytest.mark.parametrize("mistake", OF_MODELS)
@pytest.mark.parametrize("name", ["full", "whole", "able"])
def test_model_that_can_is_silent(mistake: str, name: str, make_app: MakeApp) -> None:
    path, request, _ = OF_MODELS[mistake]

    assert warned(sent(judged(make_app, "warn", MODELS), path, request | {"model": name})) is None


@pytest.mark.parametrize(
    ("path", "request_body"),
    [
        ("chat", chat({"role": "user", "content": "one two " * 40}, model="small")),
        ("chat", chat(think=False, model="plain")),
        ("generate", prompt(think="", model="plain", format={"type": "object"})),
    ],
)
def test_what_the_server_lets_pass_is_silent(
    path: str, request_body: Json, make_app: MakeApp
) -> None:
    assert warned(sent(judged(make_app, "reject", MODELS), path, request_body)) is None


@pytest.mark.parametrize("name", ["team/own:v1", "host.example:5000/team/own"])
def test_model_is_called_by_its_full_name(name: str, make_app: MakeApp) -> None:
    models = f"\n  models: [{{name: '{name}', capabilities: []}}]"

    answer = sent(judged(make_app, "reject", models), "chat", tools() | {"model": name})

    full = name if name.count("/") > 1 else f"registry.ollama.ai/{name}"
    full = full if full.endswith("v1") else f"{full}:latest"
    assert answer.json == {"error": f"{full} does not support tools"}


LEGAL: dict[str, tuple[str, Json]] = {
    "null members": (
        "chat",
        chat(
            {"role": None, "content": None, "images": None, "tool_calls": None},
            tools=None,
            options=None,
            format=None,
            think=None,
            keep_alive=None,
            truncate=None,
        ),
    ),
    "agent": (
        "chat",
        chat(
            USER,
            {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]},
            {"role": "tool", "content": "4", "tool_name": "f"},
        ),
    ),
    "call of nothing": ("chat", chat(USER, {"role": "assistant", "tool_calls": [{}]}, USER)),
    "other members": ("chat", chat(new_member=5, runner="x", max_tokens=5)),
    "durations": ("chat", chat(keep_alive="1h30m0.5s")),
    "negative duration": ("generate", prompt(keep_alive="-1m")),
    "seconds": ("embed", texts(keep_alive=-1)),
    "no time": ("embeddings", prompt(keep_alive="0")),
    "fractions": ("embeddings", prompt(keep_alive=0.5)),
    "levels": ("generate", prompt(think="max")),
}


@pytest.mark.parametrize("case", LEGAL)
def test_legal_request_is_served_without_a_word(case: str, make_app: MakeApp) -> None:
    path, body = LEGAL[case]

    assert warned(sent(judged(make_app, "reject"), path, body)) is None


def test_options_of_the_sdk_are_legal(make_app: MakeApp) -> None:
    wanted: dict[str, Any] = {"integer": 1, "float32": 0.5, "boolean": True}
    named = {name: wanted[kind] for name, (kind, _) in judgements.OPTIONS.items()}
    every = Options.model_validate({**named, "stop": ["x"], "tfs_z": 1.0, "mirostat": 1})

    body = chat(options=every.model_dump(exclude_none=True))

    assert warned(sent(judged(make_app, "reject"), "chat", body)) is None
    assert named.keys() - {"min_p"} <= Options.model_fields.keys()
