"""OpenAI's operations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import structs

from tests.contract.cases import JSON, Case, ChatCase, SpokenCase
from tests.contract.chat_fold import fold_chat
from tests.contract.response_fold import fold_response


def _error(body: JSON) -> str:
    """Return the message of an error, or of a response that has failed."""
    return str((body.get("response") or body)["error"]["message"])


def _message(whole: JSON) -> JSON:
    found: JSON = whole["choices"][0]["message"]
    return found


def _chat_deltas(event: JSON, member: str) -> list[str]:
    return [piece for choice in event["choices"] if (piece := choice["delta"].get(member))]


def _delta_calls(event: JSON) -> list[str]:
    return [
        call["function"]["arguments"]
        for choice in event["choices"]
        for call in choice["delta"].get("tool_calls", [])
        if call["function"]["arguments"]
    ]


def _contents(whole: JSON, kind: str) -> list[JSON]:
    messages = [item for item in whole["output"] if item["type"] == "message"]
    return [part for item in messages for part in item["content"] if part["type"] == kind]


def _function_calls(whole: JSON) -> list[JSON]:
    return [item for item in whole["output"] if item["type"] == "function_call"]


def _response_deltas(event: JSON, kind: str) -> list[str]:
    return [event["delta"]] if event["type"] == f"response.{kind}.delta" else []


def _chat_format(schema: JSON) -> dict[str, Any]:
    wanted = {"name": "answer", "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


CHATS: Mapping[str, ChatCase] = {
    "openai.chat": ChatCase(
        path="/v1/chat/completions",
        body=lambda prompt: {
            "model": "mock-llm",
            "messages": [{"role": "user", "content": prompt}],
            "stream_options": {"include_usage": True},
        },
        error=_error,
        fold=fold_chat,
        text=lambda whole: str(_message(whole)["content"]),
        finish=lambda whole: str(whole["choices"][0]["finish_reason"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        said=lambda event: _chat_deltas(event, "content"),
        drawn=("call_", "audio_", "chatcmpl-"),
        limit=lambda tokens: {"max_completion_tokens": tokens},
        stop=lambda sequences: {"stop": sequences},
        calls=lambda whole: [
            (call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in _message(whole).get("tool_calls", [])
        ],
        call_ids=lambda whole: [call["id"] for call in _message(whole)["tool_calls"]],
        reasoning=lambda whole: str(_message(whole).get("reasoning_content")),
        refusal=lambda whole: str(_message(whole)["refusal"]),
        argued=_delta_calls,
        thought=lambda event: _chat_deltas(event, "reasoning_content"),
        declined=lambda event: _chat_deltas(event, "refusal"),
        call_id=r"call_\w{24}",
        finishes={
            "stop": "stop",
            "stop_sequence": "stop",
            "length": "length",
            "tool_calls": "tool_calls",
            "content_filter": "content_filter",
            "refusal": "stop",
            "pause": "stop",
            "context_length": "length",
        },
        structured=_chat_format,
    ),
    "openai.responses": ChatCase(
        path="/v1/responses",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=_error,
        fold=fold_response,
        text=lambda whole: "".join(part["text"] for part in _contents(whole, "output_text")),
        finish=lambda whole: str((whole["incomplete_details"] or {}).get("reason", "completed")),
        counts=lambda whole: (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]),
        said=lambda event: _response_deltas(event, "output_text"),
        drawn=("resp_", "msg_", "fc_", "rs_", "ctc_", "call_", "gAAAAA"),
        limit=lambda tokens: {"max_output_tokens": tokens},
        calls=lambda whole: [
            (call["name"], json.loads(call["arguments"])) for call in _function_calls(whole)
        ],
        call_ids=lambda whole: [call["call_id"] for call in _function_calls(whole)],
        reasoning=lambda whole: "".join(
            part["text"] for item in whole["output"] for part in item.get("summary", [])
        ),
        refusal=lambda whole: "".join(part["refusal"] for part in _contents(whole, "refusal")),
        argued=lambda event: _response_deltas(event, "function_call_arguments"),
        thought=lambda event: _response_deltas(event, "reasoning_summary_text"),
        declined=lambda event: _response_deltas(event, "refusal"),
        call_id=r"call_\w{24}",
        finishes={
            "stop": "completed",
            "stop_sequence": "completed",
            "length": "max_output_tokens",
            "tool_calls": "completed",
            "content_filter": "content_filter",
            "refusal": "completed",
            "pause": "completed",
            "context_length": "max_output_tokens",
        },
        structured=lambda schema: {
            "text": {"format": {"type": "json_schema", "name": "answer", "schema": schema}}
        },
        messages="input",
        lacks={"stop": "the Responses API has no stop sequences"},
    ),
}


def _fold_completion(events: list[JSON]) -> JSON:
    choices: dict[int, JSON] = {}
    usage = None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            _fold_choice(choices.setdefault(choice["index"], {"text": ""}), choice)
    folded = {key: events[0][key] for key in events[0] if key != "choices"}
    return {**folded, "choices": [choices[index] for index in sorted(choices)], "usage": usage}


def _fold_choice(folded: JSON, choice: JSON) -> None:
    said, told = folded["text"] + choice["text"], folded.get("logprobs")
    folded.update({**choice, "text": said})
    if told is not None:
        folded["logprobs"] = {
            key: told[key] + found if found is not None else None
            for key, found in choice["logprobs"].items()
        }


COMPLETIONS: dict[str, SpokenCase] = {
    "openai.completions": SpokenCase(
        path="/v1/completions",
        body=lambda prompt: {
            "model": "mock-llm",
            "prompt": prompt,
            "stream_options": {"include_usage": True},
        },
        fold=_fold_completion,
        text=lambda whole: str(whole["choices"][0]["text"]),
        finish=lambda whole: str(whole["choices"][0]["finish_reason"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        error=_error,
        said=lambda event: [choice["text"] for choice in event["choices"] if choice["text"]],
        drawn=("cmpl-",),
        stop=lambda sequences: {"stop": sequences},
        limit=lambda tokens: {"max_tokens": tokens},
        finishes={
            "stop": "stop",
            "stop_sequence": "stop",
            "length": "length",
            "tool_calls": "stop",
            "content_filter": "content_filter",
            "refusal": "stop",
            "pause": "stop",
            "context_length": "length",
        },
        opens=False,
        lacks={
            "tool call": "legacy completions call no tools",
            "parallel tools": "legacy completions call no tools",
            "reasoning": "legacy completions have no member for reasoning",
            "refusal": "legacy completions have no member for a refusal",
            "structured": "legacy completions take no schema",
        },
    ),
}
COMPLETIONS["openai.fim"] = structs.replace(
    COMPLETIONS["openai.completions"],
    path="/v1/fim/completions",
    fold=fold_chat,
    text=CHATS["openai.chat"].text,
    said=CHATS["openai.chat"].said,
    drawn=CHATS["openai.chat"].drawn,
    finishes=CHATS["openai.chat"].finishes,
    opens=True,
)
_VECTOR = "an embedding is a vector"
_JUDGEMENT = "a moderation is categories with scores"
_SPEECH = (
    "text",
    "tool call",
    "parallel tools",
    "reasoning",
    "refusal",
    "structured",
    "stop",
    "max tokens",
)
UNSPOKEN: Mapping[str, Case] = {
    "openai.embeddings": Case(
        path="/v1/embeddings",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=_error,
        counts=lambda whole: (whole["usage"]["prompt_tokens"], 0),
        lacks={**dict.fromkeys(_SPEECH, _VECTOR), "streamed": "embeddings are not streamed"},
    ),
    "openai.moderations": Case(
        path="/v1/moderations",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=_error,
        lacks={
            **dict.fromkeys(_SPEECH, _JUDGEMENT),
            "usage": "moderations are free, and count no tokens",
            "streamed": "moderations are not streamed",
        },
    ),
}
