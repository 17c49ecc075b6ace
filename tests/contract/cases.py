"""What the contract tests must know of each operation to ask it and to read its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

JSON = dict[str, Any]


class Case(Struct, frozen=True):
    """`body` makes a request of a prompt; `fold` makes a whole answer of a stream's events;
    `text`, `counts` and `error` read whole answers."""

    path: str
    body: Callable[[str], JSON]
    fold: Callable[[list[JSON]], JSON]
    text: Callable[[JSON], str]
    counts: Callable[[JSON], tuple[int, int]]
    error: Callable[[JSON], str]
    stop: Callable[[list[str]], JSON]
    limit: Callable[[int], JSON]


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
    message: JSON = {"role": None, "content": "", "refusal": None, "annotations": []}
    finish, usage = None, None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            delta = choice["delta"]
            message["role"] = delta.get("role") or message["role"]
            message["content"] += delta.get("content") or ""
            finish = choice["finish_reason"] or finish
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    folded = {key: first[key] for key in first if key != "choices"}
    return {**folded, "object": "chat.completion", "choices": [choice], "usage": usage}


def _fold_messages(events: list[JSON]) -> JSON:
    message: JSON = {}
    for event in events:
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                message["content"].append(event["content_block"])
            case "content_block_delta":
                message["content"][event["index"]]["text"] += event["delta"]["text"]
            case "message_delta":
                message.update(event["delta"])
                message["usage"].update(event["usage"])
    return message


CASES: Mapping[str, Case] = {
    "openai.chat": Case(
        path="/v1/chat/completions",
        body=lambda prompt: {
            **_chat_body(prompt),
            "stream_options": {"include_usage": True},
        },
        fold=_fold_chat,
        text=lambda whole: str(whole["choices"][0]["message"]["content"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop": sequences},
        limit=lambda tokens: {"max_completion_tokens": tokens},
    ),
    "anthropic.messages": Case(
        path="/v1/messages",
        body=_chat_body,
        fold=_fold_messages,
        text=lambda whole: "".join(block["text"] for block in whole["content"]),
        counts=lambda whole: (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop_sequences": sequences},
        limit=lambda tokens: {"max_tokens": tokens},
    ),
}
