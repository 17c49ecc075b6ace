"""What a reply says, as the Responses API's output items.

Source: openai-python 3.54 (`types/responses/response_output_item.py`, `response_output_text.py`,
`response_reasoning_item.py`), read 2026-11-22. Departure: no item has a `phase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import scored
from mockllm.core.model import Part, Reasoning, Refusal, Text, ToolCall
from mockllm.providers.openai.custom_tools import input_of
from mockllm.providers.openai.response_tools import Offered, by_name

Item = dict[str, Any]

ID_DIGITS = 48
_CUT_SHORT = ("length", "content_filter", "context_length")


def output_items(exchange: Exchange) -> list[Item]:
    """Return what the reply says: texts and refusals that stand together are one message. The
    last item of a reply that was cut is incomplete."""
    request, reply = exchange.answered
    calls = any(isinstance(part, ToolCall) for part in reply.parts)
    tools = by_name(request.wire) if calls else {}
    items: list[Item] = []
    for part in reply.parts:
        if not isinstance(part, Text | Refusal):
            items.append(_item(part, len(items), exchange.draws, tools))
            continue
        if not items or items[-1]["type"] != "message":
            items.append(_message(_id("msg", len(items), exchange.draws)))
        items[-1]["content"].append(_content(part, request.sampling.logprobs))
    if items and reply.finish in _CUT_SHORT and "status" in items[-1]:
        items[-1]["status"] = "incomplete"
    return items


def _id(prefix: str, index: int, draws: Draws) -> str:
    return f"{prefix}_{draws.hex_id(f'item {index}', ID_DIGITS)}"


def _message(item_id: str) -> Item:
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "content": [],
        "role": "assistant",
    }


def _content(part: Text | Refusal, logprobs: int | None) -> Item:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text}
    told = [] if logprobs is None else token_logprobs(part.text, logprobs)
    return {"type": "output_text", "annotations": [], "logprobs": told, "text": part.text}


def token_logprobs(text: str, most: int) -> list[Item]:
    """Return the tokens of a text with their log probabilities and `most` likely others."""
    return [
        {
            **_token(each.token, each.logprob),
            "top_logprobs": [_token(token, logprob) for token, logprob in each.top],
        }
        for each in scored(text, most)
    ]


def _token(token: str, logprob: float) -> Item:
    return {"token": token, "bytes": list(token.encode()), "logprob": logprob}


def _item(part: Part, index: int, draws: Draws, tools: Mapping[str, Offered]) -> Item:
    match part:
        case ToolCall(name=name) if name in tools and tools[name].is_custom:
            return {
                "id": _id("ctc", index, draws),
                "type": "custom_tool_call",
                "status": "completed",
                "call_id": _call_id(part),
                "input": input_of(part.arguments),
                "name": name,
                **_namespace(tools.get(name)),
            }
        case ToolCall(name=name):
            return {
                "id": _id("fc", index, draws),
                "type": "function_call",
                "status": "completed",
                "arguments": part.arguments,
                "call_id": _call_id(part),
                "name": name,
                **_namespace(tools.get(name)),
            }
        case Reasoning(text, signature):
            return {
                "id": _id("rs", index, draws),
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": text}],
                "encrypted_content": signature or _sealed(text, draws),
            }
        case _:
            raise TypeError(f"a response cannot carry {type(part).__name__}")


def _namespace(tool: Offered | None) -> Item:
    return {"namespace": tool.namespace} if tool and tool.namespace else {}


def _call_id(call: ToolCall) -> str:
    """Return the id as OpenAI forms it; a rule's own id is left as it is."""
    return f"call_{call.id}" if call.is_drawn else call.id


def _sealed(text: str, draws: Draws) -> str:
    """Return what looks like encrypted reasoning; clients send it back unread."""
    return f"gAAAAA{draws.hex_id(f'sealed {text}', 128)}"
