"""The requests that examples carry in their first lines, and how each vendor is asked.

`# ask: TEXT` begins a conversation, `# more: TEXT` is the next prompt of the last one, `# results:
TEXT` brings the results of the tools that the last answer called. `# embed: TEXT` asks for a vector
(and for that of a text `beside` it), `# moderate: TEXT` for a moderation, `# complete: TEXT` for a
completion and `# respond: TEXT` for a response (`continued` from the last one), of one vendor. Then
`# with: {...}` says what else the request has, and each `# expect: THIS | OR THAT` what its answer
must hold. Where a line is a `mockllm start`, the files that it names are served; else the file
itself is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from flask.testing import FlaskClient
from msgspec import Struct
from werkzeug.test import TestResponse

PROVIDERS = ("openai", "anthropic")
KINDS = ("ask", "more", "results", "embed", "moderate", "complete", "respond")

_LINE = re.compile(rf"^# ({'|'.join(KINDS)}|with|expect): (.*)$", re.MULTILINE)
_COMMAND = re.compile(r"^# mockllm start (.*)$", re.MULTILINE)
_PATHS = {"openai": "/chat/completions", "anthropic": "/messages"}
_INPUTS = {
    "embed": ("/v1/embeddings", "input"),
    "moderate": ("/v1/moderations", "input"),
    "complete": ("/v1/completions", "prompt"),
    "respond": ("/v1/responses", "input"),
}
_PIXEL = "iVBORw0KGgo="
_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["city"],
}
_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


class Ask(Struct):
    """One request: its kind, its text, what else it has, and what its answer holds."""

    kind: str
    text: str
    options: dict[str, Any]
    expected: list[str]


def asks(file: Path) -> list[Ask]:
    """Return the requests that a file carries."""
    found: list[Ask] = []
    for key, text in _LINE.findall(file.read_text(encoding="utf-8")):
        match key:
            case "with":
                found[-1].options = yaml.safe_load(text)
            case "expect":
                found[-1].expected.append(text)
            case _:
                found.append(Ask(key, text, {}, []))
    return found


def served(file: Path) -> list[Path]:
    """Return the files that are served together to answer the requests of `file`."""
    command = _COMMAND.search(file.read_text(encoding="utf-8"))
    names = re.findall(r"-r (\S+)", command[1]) if command else [file.name]
    return [file.with_name(name) for name in names]


class Conversation:
    """What a client of one vendor sends and keeps."""

    def __init__(self, client: FlaskClient, provider: str) -> None:
        self._client = client
        self._provider = provider
        self._messages: list[dict[str, Any]] = []
        self._answer: dict[str, Any] = {}

    def send(self, ask: Ask) -> TestResponse:
        """Send one request of an example and return its response."""
        if ask.kind in _INPUTS:
            return self._send_input(ask)
        if ask.kind == "ask":
            self._messages = []
        else:
            self._messages.append(self._said())
        self._messages += self._results(ask.text) if ask.kind == "results" else [self._prompt(ask)]
        headers = dict(ask.options.get("headers", {}))
        if "session" in ask.options:
            headers["x-mockllm-session"] = ask.options["session"]
        url = f"{ask.options.get('prefix', '/v1')}{_PATHS[self._provider]}"
        response = self._client.post(url, json=self._body(ask.options), headers=headers)
        self._answer = response.get_json()
        return response

    def _send_input(self, ask: Ask) -> TestResponse:
        url, member = _INPUTS[ask.kind]
        beside = ask.options.get("beside")
        body = {"model": "test-model", member: [ask.text, beside] if beside else ask.text}
        if ask.options.get("continued"):
            body["previous_response_id"] = self._answer["id"]
        response = self._client.post(url, json=body)
        self._answer = response.get_json()
        return response

    def _body(self, options: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": options.get("model", "test-model")}
        messages = list(self._messages)
        openai = self._provider == "openai"
        if not openai:
            body["max_tokens"] = 8_000
        body |= options.get("params", {})
        if "system" in options:
            if openai:
                messages.insert(0, {"role": "system", "content": options["system"]})
            else:
                body["system"] = options["system"]
        if "tool_choice" in options:
            body |= _tools(options["tool_choice"], openai)
        if "schema" in options:
            body |= _response_format(options["schema"], openai)
        return body | {"messages": messages}

    def _prompt(self, ask: Ask) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        if "context" in ask.options:
            parts.append({"type": "text", "text": ask.options["context"]})
        if ask.options.get("image"):
            parts.append(_image(self._provider))
        content = [*parts, {"type": "text", "text": ask.text}] if parts else ask.text
        return {"role": "user", "content": content}

    def _said(self) -> dict[str, Any]:
        """Return the last answer as a client keeps it in the history."""
        if self._provider == "openai":
            message: dict[str, Any] = self._answer["choices"][0]["message"]
            return message
        return {"role": "assistant", "content": self._answer["content"]}

    def _results(self, text: str) -> list[dict[str, Any]]:
        """Return a result for each tool that the last answer called."""
        if self._provider == "openai":
            calls = self._answer["choices"][0]["message"]["tool_calls"]
            return [{"role": "tool", "tool_call_id": each["id"], "content": text} for each in calls]
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": text}
            for block in self._answer["content"]
            if block["type"] == "tool_use"
        ]
        return [{"role": "user", "content": results}]


def shown(response: TestResponse) -> str:
    """Return what a response says, a line for each fact: status, headers, each member of the body,
    with the JSON in its texts taken apart, and the cosine of two vectors."""
    headers = [f"{name.lower()}: {value}" for name, value in response.headers]
    body = response.get_json()
    facts = [*_members("", body), *_cosine(body)]
    return "\n".join([str(response.status_code), *headers, *facts])


def _cosine(body: dict[str, Any]) -> Iterator[str]:
    vectors = [each["embedding"] for each in body.get("data", [])]
    if len(vectors) == 2:
        yield f"cosine: {round(sum(a * b for a, b in zip(*vectors, strict=True)), 6)}"


def _members(key: str, value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _members(name, inner)
        case list():
            for inner in value:
                yield from _members(key, inner)
        case str() if value.startswith("{"):
            yield from _members(key, msgspec.json.decode(value))
        case _:
            yield f"{key}: {value}"


def _image(provider: str) -> dict[str, Any]:
    if provider == "openai":
        return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_PIXEL}"}}
    source = {"type": "base64", "media_type": "image/png", "data": _PIXEL}
    return {"type": "image", "source": source}


def _tools(name: str, openai: bool) -> dict[str, Any]:
    if openai:
        function = {"name": name, "parameters": _PARAMETERS}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": name}},
        }
    return {
        "tools": [{"name": name, "input_schema": _PARAMETERS}],
        "tool_choice": {"type": "tool", "name": name},
    }


def _response_format(name: str, openai: bool) -> dict[str, Any]:
    if openai:
        wanted = {"name": name, "schema": _PERSON if name == "person" else {}}
        return {"response_format": {"type": "json_schema", "json_schema": wanted}}
    schema = _PERSON if name == "person" else {}
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
