"""The requests that examples carry in their first lines, and how each vendor is asked.

`# ask: TEXT` begins a conversation, `# more: TEXT` is the next prompt of the last one, `# results:
TEXT` brings the results of the tools that the last answer called. `# embed: TEXT` asks for a vector
(and for that of a text `beside` it), `# moderate: TEXT` for a moderation, `# complete: TEXT` for a
completion and `# respond: TEXT` for a response (`continued` from the last one), of the vendors that
have such. Then `# with: {...}` says what else the request has, and of whom `only` it is asked, and
each `# expect: THIS | OR THAT` what its answer must hold. Where a line is a `mockllm start`, the
files that it names are served; else the file itself is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml
from flask.testing import FlaskClient
from msgspec import Struct
from werkzeug.test import TestResponse

from tests.docs.vendors import VENDORS

PROVIDERS = tuple(VENDORS)
KINDS = ("ask", "more", "results", "embed", "moderate", "complete", "respond")

_CHATS = ("ask", "more", "results")
_LINE = re.compile(rf"^# ({'|'.join(KINDS)}|with|expect): (.*)$", re.MULTILINE)
_COMMAND = re.compile(r"^# mockllm start (.*)$", re.MULTILINE)


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


def concerns(ask: Ask, provider: str) -> bool:
    """Return whether this is asked of a vendor: of all that have what it asks for, but for those
    that `only` leaves out."""
    vendor = VENDORS[provider]
    only = ask.options.get("only", list(VENDORS))
    has_kind = ask.kind in _CHATS or ask.kind in vendor.inputs
    has_path = vendor.has_prefixes or "prefix" not in ask.options
    return has_kind and has_path and provider in ([only] if isinstance(only, str) else only)


class Conversation:
    """What a client of one vendor sends and keeps."""

    def __init__(self, client: FlaskClient, provider: str) -> None:
        self._client = client
        self._vendor = VENDORS[provider]
        self._messages: list[dict[str, Any]] = []
        self._answer: dict[str, Any] = {}

    def send(self, ask: Ask) -> TestResponse:
        """Send one request of an example and return its response."""
        vendor = self._vendor
        if ask.kind in vendor.inputs:
            return self._send_input(ask)
        if ask.kind == "ask":
            self._messages = []
        else:
            self._messages.append(vendor.said(self._answer))
        if ask.kind == "results":
            self._messages += vendor.results(self._answer, ask.text)
        else:
            parts = [ask.options["context"]] if "context" in ask.options else []
            has_image = bool(ask.options.get("image"))
            self._messages.append(vendor.prompt([*parts, ask.text], has_image))
        headers = dict(ask.options.get("headers", {}))
        if "session" in ask.options:
            headers["x-mockllm-session"] = ask.options["session"]
        url = vendor.url(ask.options.get("prefix"), ask.options.get("model", "test-model"))
        body = vendor.body(self._messages, ask.options)
        response = self._client.post(url, json=body, headers=headers)
        self._answer = response.get_json(silent=True) or {}
        return response

    def _send_input(self, ask: Ask) -> TestResponse:
        url, _ = self._vendor.inputs[ask.kind]
        beside = [ask.options["beside"]] if "beside" in ask.options else []
        body = self._vendor.input_body(ask.kind, [ask.text, *beside])
        if ask.options.get("continued"):
            body["previous_response_id"] = self._answer["id"]
        response = self._client.post(url, json=body)
        self._answer = response.get_json()
        return response


def shown(response: TestResponse, provider: str) -> str:
    """Return what a response says, a line for each fact: status, headers, each member of the body,
    with the JSON in its texts taken apart, and the cosine of two vectors."""
    headers = [f"{name.lower()}: {value}" for name, value in response.headers]
    if not response.is_json:
        return "\n".join([str(response.status_code), *headers, response.text])
    body = response.get_json()
    facts = [*_members("", body), *_cosine(VENDORS[provider].vectors(body))]
    return "\n".join([str(response.status_code), *headers, *facts])


def _cosine(vectors: list[list[float]]) -> Iterator[str]:
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
