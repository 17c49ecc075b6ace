"""Anthropic's operations."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.cases import JSON, ChatCase, json_or_nothing


def _fold(events: list[JSON]) -> JSON:
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
                block["input"] = json_or_nothing(partial[event["index"]])
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


def _blocks(whole: JSON, kind: str) -> list[JSON]:
    return [block for block in whole["content"] if block["type"] == kind]


def _deltas(event: JSON, member: str) -> list[str]:
    piece = event.get("delta", {}).get(member)
    return [piece] if piece else []


CHATS: Mapping[str, ChatCase] = {
    "anthropic.messages": ChatCase(
        path="/v1/messages",
        body=lambda prompt: {
            "model": "mock-llm",
            "max_tokens": 1024,
            "messages": [{"role": "user", "content": prompt}],
        },
        error=lambda body: str(body["error"]["message"]),
        fold=_fold,
        text=lambda whole: "".join(block["text"] for block in _blocks(whole, "text")),
        finish=lambda whole: str(whole["stop_reason"]),
        counts=lambda whole: (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]),
        said=lambda event: _deltas(event, "text"),
        drawn=("msg_01", "toolu_01"),
        limit=lambda tokens: {"max_tokens": tokens},
        stop=lambda sequences: {"stop_sequences": sequences},
        calls=lambda whole: [
            (block["name"], block["input"]) for block in _blocks(whole, "tool_use")
        ],
        call_ids=lambda whole: [block["id"] for block in _blocks(whole, "tool_use")],
        reasoning=lambda whole: "".join(block["thinking"] for block in _blocks(whole, "thinking")),
        refusal=lambda whole: str((whole["stop_details"] or {}).get("explanation")),
        argued=lambda event: _deltas(event, "partial_json"),
        thought=lambda event: _deltas(event, "thinking"),
        call_id=r"toolu_01\w{22}",
        finishes={
            "stop": "end_turn",
            "stop_sequence": "stop_sequence",
            "length": "max_tokens",
            "tool_calls": "tool_use",
            "content_filter": "refusal",
            "refusal": "refusal",
            "pause": "pause_turn",
            "context_length": "model_context_window_exceeded",
        },
        structured=lambda schema: {
            "output_config": {"format": {"type": "json_schema", "schema": schema}}
        },
    ),
}
