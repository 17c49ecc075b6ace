"""What the contract tests must know of each operation to ask it and to read its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

JSON = dict[str, Any]


class Case(Struct, frozen=True):
    """`body` makes a request of a prompt; `error` reads the message of an error."""

    path: str
    body: Callable[[str], JSON]
    error: Callable[[JSON], str]


class SpokenCase(Case, frozen=True):
    """An operation that answers with texts, whole or streamed.

    `fold` makes a whole answer of a stream's events; `text`, `finish` and `counts` read whole
    answers. `stop` is None where there are no stop sequences. `opens` tells whether a stream
    begins before anything is said.
    """

    fold: Callable[[list[JSON]], JSON]
    text: Callable[[JSON], str]
    finish: Callable[[JSON], str]
    counts: Callable[[JSON], tuple[int, int]]
    stop: Callable[[list[str]], JSON] | None
    limit: Callable[[int], JSON]
    opens: bool = True


class ChatCase(SpokenCase, frozen=True, kw_only=True):
    """An operation that takes messages and calls tools. `calls` reads names with arguments."""

    calls: Callable[[JSON], list[tuple[str, Any]]]


def sse_events(body: bytes) -> Iterator[JSON]:
    """Yield the JSON of each event, without OpenAI's `[DONE]`."""
    for block in body.decode().split("\n\n"):
        lines = [line for line in block.split("\n") if line.startswith("data: ")]
        for line in lines:
            if line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))


def _chat_body(prompt: str) -> JSON:
    return {"model": "mock-llm", "messages": [{"role": "user", "content": prompt}]}


def _fold_chat(events: list[JSON]) -> JSON:
    first = events[0]
    message: JSON = {"content": None, "refusal": None, "annotations": []}
    finish, usage = None, None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            _fold_delta(message, choice["delta"])
            finish = choice["finish_reason"] or finish
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    folded = {key: first[key] for key in first if key != "choices"}
    return {**folded, "object": "chat.completion", "choices": [choice], "usage": usage}


def _fold_delta(message: JSON, delta: JSON) -> None:
    """Add a delta to a message as the SDK does: texts are joined, calls found by their index."""
    for key, value in delta.items():
        if key == "tool_calls":
            calls = message.setdefault("tool_calls", [])
            for piece in value:
                _fold_call(calls, piece)
        elif key == "role":
            message["role"] = value
        elif value is not None:
            message[key] = (message.get(key) or "") + value


def _fold_call(calls: list[JSON], piece: JSON) -> None:
    index = piece["index"]
    if index == len(calls):
        calls.append({key: value for key, value in piece.items() if key != "index"})
    else:
        calls[index]["function"]["arguments"] += piece["function"]["arguments"]


def _fold_messages(events: list[JSON]) -> JSON:
    message: JSON = {}
    partial: dict[int, str] = {}
    for event in events:
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                message["content"].append(event["content_block"])
            case "content_block_delta":
                _fold_block(message["content"][event["index"]], event, partial)
            case "content_block_stop" if event["index"] in partial:
                block = message["content"][event["index"]]
                block["input"] = _json_or_nothing(partial[event["index"]])
            case "message_delta":
                message.update(event["delta"])
                message["usage"].update(event["usage"])
    return message


def _fold_block(block: JSON, event: JSON, partial: dict[int, str]) -> None:
    delta = event["delta"]
    match delta["type"]:
        case "input_json_delta":
            partial[event["index"]] = partial.get(event["index"], "") + delta["partial_json"]
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] += delta["signature"]


def _json_or_nothing(text: str) -> Any:
    """Return arguments as data; what a token limit has cut is {}, as in the whole answer."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _chat_calls(whole: JSON) -> list[tuple[str, Any]]:
    return [
        (call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in whole["choices"][0]["message"].get("tool_calls", [])
    ]


def _messages_calls(whole: JSON) -> list[tuple[str, Any]]:
    return [
        (block["name"], block["input"]) for block in whole["content"] if block["type"] == "tool_use"
    ]


CHATS: Mapping[str, ChatCase] = {
    "openai.chat": ChatCase(
        path="/v1/chat/completions",
        body=lambda prompt: {
            **_chat_body(prompt),
            "stream_options": {"include_usage": True},
        },
        fold=_fold_chat,
        text=lambda whole: str(whole["choices"][0]["message"]["content"]),
        calls=_chat_calls,
        finish=lambda whole: str(whole["choices"][0]["finish_reason"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop": sequences},
        limit=lambda tokens: {"max_completion_tokens": tokens},
    ),
    "anthropic.messages": ChatCase(
        path="/v1/messages",
        body=_chat_body,
        fold=_fold_messages,
        text=lambda whole: "".join(block.get("text", "") for block in whole["content"]),
        calls=_messages_calls,
        finish=lambda whole: str(whole["stop_reason"]),
        counts=lambda whole: (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop_sequences": sequences},
        limit=lambda tokens: {"max_tokens": tokens},
    ),
}
