"""A whole chat completion from the chunks of a stream, as the SDKs accumulate it."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


def fold_chat(events: list[JSON]) -> JSON:
    """Return the whole of a stream's chunks."""
    choices: dict[int, JSON] = {}
    usage = None
    for event in events:
        usage = event.get("usage") or usage
        for piece in event["choices"]:
            index = piece["index"]
            _fold_choice(choices.setdefault(index, _silent(index)), piece)
    folded = {key: value for key, value in events[0].items() if key != "choices"}
    in_order = [choices[index] for index in sorted(choices)]
    return {**folded, "object": "chat.completion", "choices": in_order, "usage": usage}


def _silent(index: int) -> JSON:
    message: JSON = {"content": None, "refusal": None, "annotations": []}
    return {"index": index, "message": message, "logprobs": None, "finish_reason": None}


def _fold_choice(choice: JSON, piece: JSON) -> None:
    _merge(choice["message"], piece["delta"])
    choice["finish_reason"] = piece["finish_reason"] or choice["finish_reason"]
    if piece["logprobs"] is not None:
        told = choice["logprobs"] = choice["logprobs"] or {"content": None, "refusal": None}
        for key, value in piece["logprobs"].items():
            if value is not None:
                told[key] = (told[key] or []) + value


def _merge(whole: JSON, piece: JSON) -> None:
    """Add a piece: texts are joined, calls found by their index."""
    for key, value in piece.items():
        match value:
            case str():
                whole[key] = (whole.get(key) or "") + value
            case dict():
                _merge(whole.setdefault(key, {}), value)
            case list():
                for call in value:
                    _merge_call(whole.setdefault(key, []), call)
            case int():
                whole[key] = value


def _merge_call(calls: list[JSON], piece: JSON) -> None:
    index = piece["index"]
    if index == len(calls):
        calls.append({})
    _merge(calls[index], {key: value for key, value in piece.items() if key != "index"})
